// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimClaims
import KLSimCore
import KLSimFigures
import KLSimFiles
import KLSimNumerics
import KLSimStudies

extension Fuzzer {
  /// Tables, CSV or JSON Lines, that `compare` and `plot` read.
  static let table = Fuzzer("table") { bytes in
    try read([try Scratch.folder.write(bytes, to: "table")])
  }

  /// Folders with a data package, verdicts, or the journal of a sweep: files of the input, each after a line `=== name`.
  ///
  /// Lines of a journal get their checksums here, for no mutation would keep them.
  static let folder = Fuzzer("folder") { bytes in
    try Scratch.folder.clear()
    let mark = Array("=== ".utf8)
    var files: [(name: String, lines: [ArraySlice<UInt8>])] = []
    for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      if line.starts(with: mark) {
        files.append((String(decoding: line.dropFirst(mark.count), as: UTF8.self), []))
      } else if !files.isEmpty {
        files[files.count - 1].lines.append(line)
      }
    }
    for (name, lines) in files.prefix(8) where isPlain(name) {
      let contents = Array(lines.joined(separator: [UInt8(ascii: "\n")]))
      let path = try Scratch.folder.write(name == "journal.jsonl" ? [] : contents, to: name)
      guard name == "journal.jsonl" else { continue }
      for case .object(let members)? in lines.map({ JSON(parsing: Array($0)) }) {
        try Journal(path: path).append(members)
      }
    }
    let path = Scratch.folder.path
    attempt {
      let state = try SweepState(of: try SweepFolder(existing: path))
      _ = (state.finishedChunks, state.processCount, state.secondsLeft, state.tables)
      expect(
        JSON(parsing: Array(JSON.object(state.header.members).line.utf8)).flatMap(SweepHeader.init)
          == state.header,
        "the header of a sweep to be read as the same")
    }
    attempt { _ = try RecordedVerdicts(folder: path) }
    attempt { try SweepState.requireComplete(path) }
    attempt { _ = try SweepCollection([path], into: path).run(isOneFile: false) { _ in } }
    try read([path])
  }

  /// Whether a name is that of a file in the folder, or in its folder `parts`.
  private static func isPlain(_ name: String) -> Bool {
    let name = name.trimmingPrefix("parts/")
    return name.contains { $0 != "." } && name.utf8.count < 40
      && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
  }

  /// Reads a table as `compare` does, and as `plot` does for each figure of its kind.
  private static func read(_ paths: [String]) throws {
    var question = RecordComparison.Question()
    let files = try paths.map { try TableFiles($0, for: "a comparison") { $0.isOfRecords } }
    let table = try Table(
      files, numbers: question.numbers.union(TableKind.sequences.comparedMeasurements))
    question.by = table.kind.compared.name
    question.metrics = table.kind.comparedMeasurements
    attempt {
      let comparison = try RecordComparison(table, question)
      expect(try !comparison.text(width: 80).isEmpty, "a summary")
      let (columns, rows) = (comparison.columns, try comparison.rows())
      expect(rows.allSatisfy { $0.count == columns.count }, "\(columns.count) columns")
    }
    for name in FigureCatalog.figures(of: table.kind) {
      attempt {
        let figure = try FigureCatalog.figure(named: name)
        let drawn = try figure.init(try Table(paths: paths, for: figure), FigureOptions())
        _ = try Script(drawn, on: Canvas(for: drawn, figure.formats[0]))
        guard figure.formats.contains(.text) else { return }
        _ = try Script(drawn, on: Canvas(columns: 80, rows: 24, isColoured: false))
      }
    }
  }
}

/// A folder for the files of one input, among the temporary ones.
private struct Scratch {
  static let folder = Scratch()

  let path: String

  private init() {
    let process = ProcessInfo.processInfo.processIdentifier
    path = FileManager.default.temporaryDirectory.appending(path: "klsim-fuzz-\(process)")
      .path(percentEncoded: false)
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    atexit { try? FileManager.default.removeItem(atPath: Scratch.folder.path) }
  }

  /// Writes a file, and gives its path.
  func write(_ bytes: [UInt8], to name: String) throws -> String {
    let file = URL(filePath: "\(path)/\(name)")
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
    return file.path(percentEncoded: false)
  }

  /// Removes all files.
  func clear() throws {
    for name in try FileManager.default.contentsOfDirectory(atPath: path) {
      try FileManager.default.removeItem(atPath: "\(path)/\(name)")
    }
  }
}
