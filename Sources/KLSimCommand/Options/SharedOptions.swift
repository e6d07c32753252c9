// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import KLSimCore
internal import KLSimFiles
internal import KLSimNumerics
internal import KLSimStudies

/// The format of an answer that is no table.
enum AnswerFormat: String, CaseIterable, ExpressibleByArgument {
  case text, json

  static let help = ArgumentHelp("text, for people, or json, for programs.", valueName: "format")
}

/// What `--format json` gives, for the help.
protocol FormatScope {
  static var document: String? { get }
}

/// The answer as a document, which has more to say than the table.
enum Answer: FormatScope {
  static let document: String? = "the table and all else that the command says as one JSON document"
}

extension OutputFile {
  /// Writes an answer for programs.
  func write(_ document: JSON) throws(OutputError) {
    try write(Array("\(document.text(width: 160))\n".utf8))
  }
}

/// The format of the tables that a command writes.
struct FormatOptions<Scope: FormatScope>: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Format of tables: \(RowFormat.all.map { "\($0.name), \($0.summary)" }.joined(separator: "; "))."
        + (Scope.document.map { " \(Self.json): \($0)." } ?? "")
        + " (default: by the ending of the file, else csv)",
      valueName: "format"))
  var format: String?

  private static var json: String { AnswerFormat.json.rawValue }

  /// Whether the answer is one JSON document, in place of a table.
  var isDocument: Bool { Scope.document != nil && format == Self.json }

  /// The format of a table.
  ///
  /// - Parameter path: the path of its file.
  /// - Returns: the format asked for, else that of the path's ending, else the default.
  /// - Throws: `SpecificationError.unknownName`.
  func format(of path: String?) throws -> RowFormat {
    if let format, !isDocument {
      let known = RowFormat.all.map(\.name) + (Scope.document == nil ? [] : [Self.json])
      return RowFormat.all[try known.place(of: format, kind: "format")]
    }
    return try Self.format(byEndingOf: path)
  }

  /// The format of a table by the ending of its path, else the default.
  ///
  /// - Throws: `UsageError`.
  static func format(byEndingOf path: String?) throws(UsageError) -> RowFormat {
    guard let path, let ending = RowFormat.ending(of: path) else { return RowFormat.all[0] }
    guard let format = RowFormat.all.first(where: { $0.name == ending }) else {
      throw UsageError(
        description: "\(path): a table ends in \(RowFormat.endings.joined(separator: ", ")) or in"
          + " nothing; --format writes one under any name")
    }
    return format
  }
}

/// The number of threads.
struct JobOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How many runs at a time. (default: all cores)", valueName: "n"))
  var jobs: Int?

  /// The number of parallel jobs: as given, or one per processor.
  var count: Int {
    get throws(UsageError) {
      let count = jobs ?? Terminal.processorCount
      guard count >= 1 else {
        throw UsageError(description: "--jobs \(count): a number of at least 1 is needed")
      }
      return count
    }
  }
}

/// The memory that a command may take.
struct MemoryOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Refuses what takes more memory than this: 512MB, 2GB, 2GiB, or a number of bytes. (default: what this"
        + " process can have)", valueName: "size"))
  var memory: String?

  /// The limit for a number of jobs.
  ///
  /// - Throws: `UsageError`.
  func limit(jobs: Int, isSwept: Bool = false) throws(UsageError) -> MemoryLimit {
    let limit =
      if let memory {
        SystemMemory.limit(of: try Self.bytes(memory))
      } else {
        SystemMemory.limit
      }
    return MemoryLimit(
      bytes: limit.bytes, source: limit.source, used: SystemMemory.resident, jobs: jobs,
      isSwept: isSwept)
  }

  private static let units = ["", "B", "kB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "TiB"]

  /// A size in bytes.
  static func bytes(_ text: String) throws(UsageError) -> Double {
    let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let unit = text.dropFirst(digits.count).drop { $0 == " " }.lowercased()
    guard let place = units.firstIndex(where: { $0.lowercased() == unit }),
      let number = Double(digits), number > 0, number.isFinite
    else {
      throw UsageError(
        description:
          "--memory \(text): a size such as 512MB, 2GB or 2GiB, or a number of bytes, is needed")
    }
    // The units after the first are powers of 1000, and the last four of 1024.
    let power = place < 2 ? 0 : place < 6 ? place - 1 : place - 5
    return (0..<power).reduce(number) { product, _ in product * (place < 6 ? 1000 : 1024) }
  }
}

extension VectorKernels {
  /// The kernels that the environment variable KLSIM_KERNELS names, by default the best.
  ///
  /// The variable is for tests: all kernels but the plain loops give the same bytes, and the plain loops
  /// differ by rounding. In `run` and `gradient` the kernels are used for teachers, students, objectives,
  /// optimizers and metrics; in `reproduce` for fits and points, but not for the teachers and students of
  /// conditions. Random variates always use the best.
  ///
  /// - Throws: `UsageError` if the name is unknown, or the processor lacks the instructions.
  static func chosen() throws -> VectorKernels {
    guard let name = Terminal.environment("KLSIM_KERNELS") else { return .best }
    let available = allCases.filter(\.isAvailable)
    guard let kernels = available.first(where: { $0.rawValue == name }) else {
      throw UsageError(
        description: "KLSIM_KERNELS=\(name): this processor has"
          + " \(available.map(\.rawValue).joined(separator: ", "))")
    }
    return kernels
  }
}
