// SPDX-License-Identifier: GPL-3.0-or-later

internal import CLibrary
internal import SystemPackage

/// The folder of a sweep: its study, its journal, the tables of finished chunks, and leases on chunks.
///
///     study.yaml       the study
///     journal.jsonl    what the sweep is, and which chunks are finished
///     parts/           the tables of finished chunks
///     leases/          which process works on which chunk, and files until they are whole
///
/// At the end the parts become one table each, beside `datapackage.json`.
package struct SweepFolder: Sendable {
  /// The path of the folder.
  package let path: String

  /// A folder, created with what a sweep needs in it unless it exists.
  ///
  /// - Parameter path: the folder.
  /// - Throws: `OutputError.cannotCreate`.
  package init(creating path: String) throws(OutputError) {
    _ = try ReportFolder(path)
    self.path = path
    try prepare()
  }

  /// Creates what a sweep needs in the folder unless it exists.
  ///
  /// - Throws: `OutputError.cannotCreate`.
  package func prepare() throws(OutputError) {
    _ = try ReportFolder(path(of: Self.partsName))
    _ = try ReportFolder(path(of: Self.leasesName))
  }

  /// The folder of a sweep that has begun.
  ///
  /// - Parameter path: the folder.
  /// - Throws: `InputError.missing`, or `.unanswered` for a folder without a journal.
  package init(existing path: String) throws {
    guard (try? Stat(FilePath(path)))?.type == .directory else {
      throw InputError.missing(path: path)
    }
    guard Self.isSweep(path) else {
      throw InputError.unanswered(
        path: path, reason: "there is no \(Self.journalName) in it: it is not the folder of a sweep"
      )
    }
    self.path = path
  }

  /// Whether there is a sweep in a folder.
  package static func isSweep(_ path: String) -> Bool {
    (try? Stat(FilePath(path).appending(journalName))) != nil
  }

  private static let journalName = "journal.jsonl"
  private static let partsName = "parts"
  private static let leasesName = "leases"
  /// The file that describes the study.
  package static let studyName = "study.yaml"

  /// Whether a table may have a name: that of a file in the folder, and not of one that a sweep needs itself.
  ///
  /// Merging writes the tables that a journal names, which may come from anywhere.
  static func isName(ofTable name: String) -> Bool {
    DataPackage.isInside(name) && !name.contains("/") && !name.hasPrefix(".")
      && ![journalName, studyName, DataPackage.fileName, partsName, leasesName].contains(name)
  }

  /// The journal.
  package var journal: Journal { Journal(path: path(of: Self.journalName)) }

  /// The path of a file in the folder.
  package func path(of name: String) -> String { FilePath(path).appending(name).string }

  /// The file of a chunk's table, from the folder.
  package func part(_ table: String, chunk: Int) -> String {
    let digits = String(chunk)
    let name = table.split(separator: ".", maxSplits: 1)
    let zeros = String(repeating: "0", count: max(0, 7 - digits.count))
    return
      "\(Self.partsName)/\(name[0])-\(zeros)\(digits)\(name.dropFirst().map { ".\($0)" }.joined())"
  }

  /// The file of the lease on a piece of work, a chunk or `merge`.
  package func lease(_ name: String) -> String { path(of: "\(Self.leasesName)/\(name)") }

  /// A file in the folder, of whose writing nothing is left beside it if the process is killed.
  ///
  /// - Parameters:
  ///   - name: the file, from the folder.
  ///   - isPacked: whether it is packed by gzip; nil for what the ending of the name says.
  /// - Returns: the file.
  /// - Throws: `OutputError.cannotCreate`.
  package func output(_ name: String, isPacked: Bool? = nil) throws(OutputError) -> OutputFile {
    try OutputFile(path(of: name), isPacked: isPacked, temporaryIn: path(of: Self.leasesName))
  }

  /// Writes a file unless its content is there already.
  ///
  /// - Throws: `OutputError`.
  package func write(_ bytes: [UInt8], to name: String) throws(OutputError) {
    guard (try? fileBytes(path(of: name))) != bytes else { return }
    let file = try output(name)
    try file.write(bytes)
    try file.commit(durably: true)
  }

  /// The bytes of a file; nil if it is not there.
  ///
  /// - Throws: `InputError`.
  package func bytes(of name: String) throws(InputError) -> [UInt8]? {
    do throws(InputError) {
      return try fileBytes(path(of: name))
    } catch .missing {
      return nil
    }
  }

  /// Removes what a complete sweep does not need, and whatever a process has left that was killed.
  ///
  /// - Parameter keepsParts: whether the tables stay in parts.
  package func tidy(keepsParts: Bool) {
    for name in keepsParts ? [Self.leasesName] : [Self.partsName, Self.leasesName] {
      let folder = FilePath(path(of: name))
      for entry in ReportFolder(existing: folder.string).names {
        _ = unsafe unlink(folder.appending(entry).string)
      }
      _ = unsafe rmdir(folder.string)
    }
  }

  /// The names of the leases that exist.
  package var leases: [String] {
    ReportFolder(existing: path(of: Self.leasesName)).names.filter { !$0.hasPrefix(".") }.sorted()
  }
}
