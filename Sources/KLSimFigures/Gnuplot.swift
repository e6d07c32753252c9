// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimFiles
public import KLSimNumerics
internal import Subprocess

#if canImport(System)
  internal import System
#else
  internal import SystemPackage
#endif

/// The plotting program gnuplot, run as a child process.
public struct Gnuplot: Sendable {
  private let program: String

  /// How many files are open while it is run: the script, three pipes, a handle of the process, and the event queue
  /// that waits for them.
  private static let descriptorCount = 12

  /// A plotting program that takes gnuplot's commands.
  ///
  /// - Parameter program: its path, or its name on PATH.
  public init(program: String = "gnuplot") {
    self.program = program
  }

  /// Draws a figure.
  ///
  /// The same figure gives the same bytes, except for a PDF by version 1.18 or later of the library
  /// cairo, which compresses the creation date.
  ///
  /// - Parameters:
  ///   - figure: what to draw.
  ///   - canvas: what to draw it on.
  /// - Returns: the bytes of the picture.
  /// - Throws: `FigureError` if the canvas is too small, `GnuplotError`, or `OutputError` if the script
  ///   cannot be written.
  public func picture(of figure: any Figure, on canvas: Canvas) async throws -> [UInt8] {
    guard canOpenFiles(Self.descriptorCount) else { throw GnuplotError.tooManyFiles }
    let script = try UnnamedFile(try Script(figure, on: canvas).text).descriptor
    let result: ExecutionResult<Void, BytesOutput, StringOutput<UTF8>>
    do {
      result = try await Subprocess.run(
        program.contains("/") ? .path(FilePath(program)) : .name(program),
        // -d: without the user's settings.
        arguments: ["-d", "-"],
        environment: .inherit.updating(["TZ": "UTC", "SOURCE_DATE_EPOCH": "0", "LC_ALL": nil]),
        // Not a pipe: writing to a program that has ended raises SIGPIPE in this process.
        input: .fileDescriptor(FileDescriptor(rawValue: script), closeAfterSpawningProcess: true),
        output: .bytes(limit: 1 << 30), error: .string(limit: 1 << 24))
    } catch let error as SubprocessError where error.code == .executableNotFound {
      throw GnuplotError.missing(program: program)
    } catch {
      throw GnuplotError.failed("\(error)")
    }
    guard result.terminationStatus.isSuccess else {
      let said = result.standardError
      throw GnuplotError.failed(said.isEmpty ? "\(result.terminationStatus)" : said)
    }
    guard !result.standardOutput.isEmpty else {
      throw GnuplotError.failed("it gave no picture; its messages: \(result.standardError)")
    }
    return switch canvas.format {
    case .pdf: Self.undated(result.standardOutput)
    case .text: Self.trimmed(result.standardOutput)
    case .svg, .png, .gif: result.standardOutput
    }
  }

  /// Text without form feeds, blanks at the ends of lines, and empty lines at the end.
  static func trimmed(_ text: [UInt8]) -> [UInt8] {
    let lines = text.filter { $0 != 0x0C }.split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let trimmed = lines.map { line in
      let blanks = line.reversed().prefix { $0 == UInt8(ascii: " ") }
      return Array(line.dropLast(blanks.count))
    }
    let empty = trimmed.reversed().prefix { $0.isEmpty }
    return Array(trimmed.dropLast(empty.count).flatMap { $0 + [UInt8(ascii: "\n")] })
  }

  /// A PDF with the start of 1970 as its creation date, so that the same figure gives the same bytes.
  static func undated(_ pdf: [UInt8]) -> [UInt8] {
    let mark = Array("/CreationDate (D:".utf8)
    let epoch = Array("19700101000000".utf8)
    var pdf = pdf
    for start in pdf.indices.dropLast(mark.count + epoch.count).reversed()
    where pdf[start...].starts(with: mark) {
      pdf.replaceSubrange((start + mark.count)..<(start + mark.count + epoch.count), with: epoch)
    }
    return pdf
  }
}

/// gnuplot could not be run, or failed.
public enum GnuplotError: CategorizedError, Equatable {
  /// The program does not exist.
  case missing(program: String)
  /// It failed, with this message.
  case failed(String)
  /// The process may not open as many files as running a program takes.
  case tooManyFiles

  public var category: ErrorCategory {
    switch self {
    case .missing: .missingProgram
    case .failed: .internalFault
    case .tooManyFiles: .inputOutput
    }
  }

  public var description: String {
    switch self {
    case .missing(let program):
      "the program '\(program)' does not exist; figures are drawn by gnuplot: install it with"
        + " 'apt install gnuplot-nox' or 'brew install gnuplot', or name another program"
    case .failed(let text):
      "gnuplot failed: \(text)"
    case .tooManyFiles:
      "gnuplot cannot be run: \(tooManyFilesText)"
    }
  }
}
