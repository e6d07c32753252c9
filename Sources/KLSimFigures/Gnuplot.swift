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

  /// Names the program.
  ///
  /// - Parameter program: its path, or its name on PATH.
  public init(program: String = "gnuplot") {
    self.program = program
  }

  /// Draws a figure.
  ///
  /// The same figure gives the same bytes, but for a PDF from version 1.18 of the library cairo on,
  /// in which the time of its making is compressed.
  ///
  /// - Parameters:
  ///   - figure: what to draw.
  ///   - canvas: what to draw it on.
  /// - Returns: the bytes of the picture.
  /// - Throws: `GnuplotError`, or `OutputError` if there is no room for the script.
  public func picture(of figure: any Figure, on canvas: Canvas) async throws -> [UInt8] {
    let script = try UnnamedFile(Script(figure, on: canvas).text).descriptor
    let result: ExecutionResult<Void, BytesOutput, StringOutput<UTF8>>
    do {
      result = try await Subprocess.run(
        program.contains("/") ? .path(FilePath(program)) : .name(program),
        // -d: nobody's own settings.
        arguments: ["-d", "-"],
        environment: .inherit.updating(["TZ": "UTC", "SOURCE_DATE_EPOCH": "0", "LC_ALL": nil]),
        // No pipe: a program that ends before it has read all would take this process with it.
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
      throw GnuplotError.failed("no picture came of it; it said: \(result.standardError)")
    }
    return switch canvas.format {
    case .pdf: Self.undated(result.standardOutput)
    case .text: Self.trimmed(result.standardOutput)
    case .svg, .png, .gif: result.standardOutput
    }
  }

  /// Text without the form feed before it and the blanks after its lines.
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

  /// A PDF as if made at the start of 1970: the same figure, the same bytes.
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
  /// There is no such program.
  case missing(program: String)
  /// It ended with an error, of which this is the text.
  case failed(String)

  public var category: ErrorCategory {
    switch self {
    case .missing: .missingProgram
    case .failed: .internalFault
    }
  }

  public var description: String {
    switch self {
    case .missing(let program):
      "'\(program)' is not there; gnuplot draws the figures: install it with"
        + " 'apt install gnuplot-nox' or 'brew install gnuplot', or name another program"
    case .failed(let text):
      "gnuplot failed: \(text)"
    }
  }
}
