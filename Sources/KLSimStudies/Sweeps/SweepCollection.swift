// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimFiles

/// Brings the finished chunks of one sweep together that processes have left in several folders.
package struct SweepCollection: Sendable {
  private let folders: [SweepFolder]
  private let destination: SweepFolder
  private let header: SweepHeader

  /// - Parameters:
  ///   - sources: the folders.
  ///   - destination: where the tables go; it may be one of them.
  /// - Throws: `SweepError.otherSweep`, `InputError`, or `OutputError`.
  package init(_ sources: [String], into destination: String) throws {
    folders = try sources.map { try SweepFolder(existing: $0) }
    let headers = try folders.map { folder in
      guard let header = try SweepJournal(folder.journal).header else {
        throw InputError.malformed(
          path: folder.journal.path, line: 1,
          reason: "what the sweep is cannot be read; 'klsim sweep' in this folder writes it again")
      }
      return header
    }
    header = headers[0]
    self.destination = try SweepFolder(creating: destination)
    let known = try SweepJournal(self.destination.journal).header.map { [$0] } ?? []
    for (other, path) in zip(headers + known, sources + [destination]) {
      if let difference = header.difference(to: other) {
        throw SweepError.otherSweep(path: path, difference: "beside \(sources[0]), \(difference)")
      }
    }
  }

  /// Copies what the destination lacks, and puts the tables together.
  ///
  /// - Parameters:
  ///   - isOneFile: whether a table is put into one file however large it is.
  ///   - tell: is told what a user may want to know.
  /// - Returns: the number of runs.
  /// - Throws: `SweepError.incomplete`, `InputError`, or `OutputError`.
  package func run(isOneFile: Bool, tell: (String) -> Void) throws -> Int {
    if let text = try folders[0].bytes(of: SweepFolder.studyName) {
      try destination.write(text, to: SweepFolder.studyName)
    }
    var journal = try SweepJournal(destination.journal)
    _ = try journal.begin(header)
    guard journal.complete == nil else { return header.runCount }
    let merge = SweepMerge(folder: destination, header: header, isOneFile: isOneFile)
    for folder in folders where folder.path != destination.path {
      let theirs = try SweepJournal(folder.journal)
      if try complete(&journal, with: theirs, from: folder, by: merge, tell) {
        return header.runCount
      }
      for (index, chunk) in theirs.finished.sorted(by: { $0.key < $1.key })
      where (0..<header.chunkCount).contains(index) && journal.finished[index] == nil {
        let parts = zip(header.tables, chunk.digests).map { table, digest in
          (name: folder.part(table.name, chunk: index), digest: digest)
        }
        if try copy(parts, from: folder, tell) { try journal.finish(chunk) }
      }
      try journal.update()
    }
    if journal.unfinishedCount(of: header.chunkCount) == 0 {
      try merge.run(&journal, tell: tell)
    }
    guard journal.complete != nil else {
      throw journal.incompleteness(of: header.chunkCount, path: destination.path)
    }
    return header.runCount
  }

  /// Takes over the tables of a folder that is complete by itself, which has no parts any more.
  ///
  /// - Returns: whether it is complete, and its tables are as they were written.
  private func complete(
    _ journal: inout SweepJournal, with theirs: SweepJournal, from folder: SweepFolder,
    by merge: SweepMerge, _ tell: (String) -> Void
  ) throws -> Bool {
    guard let complete = theirs.complete, !complete.isInParts,
      try folder.bytes(of: DataPackage.fileName) != nil
    else { return false }
    let tables = zip(header.tables, complete.digests).map { (name: $0.name, digest: $1) }
    guard tables.count == header.tables.count, try copy(tables, from: folder, tell) else {
      return false
    }
    for chunk in theirs.finished.values.sorted(by: { $0.chunk < $1.chunk }) {
      try journal.finish(chunk)
    }
    try merge.finish(&journal, digests: complete.digests, isInParts: false)
    return true
  }

  /// Copies files.
  ///
  /// - Returns: whether they are as they were written.
  private func copy(
    _ files: [(name: String, digest: FileDigest)], from folder: SweepFolder,
    _ tell: (String) -> Void
  ) throws -> Bool {
    for (name, digest) in files {
      let output = try destination.output(name, isPacked: false)
      do {
        guard try FileDigest(path: folder.path(of: name), output.write) == digest else {
          tell("\(folder.path(of: name)) is not as it was written; it is left out")
          return false
        }
      } catch InputError.missing {
        tell("\(folder.path(of: name)) is missing; it is left out")
        return false
      }
      try output.commit(durably: true)
    }
    return true
  }
}
