// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimFiles

/// Puts the parts of a sweep together to complete tables.
package struct SweepMerge: Sendable {
  private let folder: SweepFolder
  private let header: SweepHeader
  private let isOneFile: Bool
  private let trusted: Set<Int>

  /// A table of more bytes stays in parts.
  package static let maximumSize = 1_000_000_000

  /// - Parameters:
  ///   - folder: the folder.
  ///   - header: what the sweep is.
  ///   - isOneFile: whether a table is put into one file however large it is.
  ///   - trusted: chunks whose files need not be checked.
  package init(
    folder: SweepFolder, header: SweepHeader, isOneFile: Bool, trusted: Set<Int> = []
  ) {
    (self.folder, self.header, self.isOneFile, self.trusted) = (folder, header, isOneFile, trusted)
  }

  /// Writes the tables, `datapackage.json` and the last entry of the journal.
  ///
  /// A chunk whose files are missing or changed is struck out of the journal, and no table is written.
  ///
  /// - Parameters:
  ///   - journal: the journal, in which all chunks are finished.
  ///   - tell: is told which chunks are struck out.
  /// - Throws: `InputError`, or `OutputError`.
  package func run(_ journal: inout SweepJournal, tell: (String) -> Void) throws {
    let chunks = (0..<header.chunkCount).compactMap { journal.finished[$0] }
    let sizes = header.tables.indices.map { table in
      chunks.reduce(0) { $0 + ($1.digests.count > table ? $1.digests[table].size : 0) }
    }
    let isInParts = !isOneFile && sizes.contains { $0 > Self.maximumSize }
    var damaged: Set<Int> = []
    var digests: [FileDigest] = []
    var written: [OutputFile] = []
    for (place, table) in header.tables.enumerated() {
      // Packed parts, one after the other, are a packed table.
      let output =
        isInParts ? nil : try folder.output(table.name, isPacked: false)
      var whole = FileDigest()
      for chunk in chunks where !isInParts || !trusted.contains(chunk.chunk) {
        let name = folder.part(table.name, chunk: chunk.chunk)
        let digest: FileDigest?
        do {
          digest = try FileDigest(path: folder.path(of: name)) { piece in
            whole.add(piece)
            try output?.write(piece)
          }
        } catch InputError.missing {
          digest = nil
        }
        guard chunk.digests.count > place, digest == chunk.digests[place] else {
          tell("\(folder.path(of: name)) is missing or changed; it is computed again")
          damaged.insert(chunk.chunk)
          continue
        }
      }
      digests.append(whole)
      if let output { written.append(output) }
    }
    guard damaged.isEmpty else {
      for chunk in damaged.sorted() { try journal.lose(chunk) }
      return try journal.update()
    }
    for output in written { try output.commit(durably: true) }
    try finish(&journal, digests: isInParts ? [] : digests, isInParts: isInParts)
  }

  /// Writes `datapackage.json` and the last entry of the journal, where the tables are written.
  ///
  /// - Parameters:
  ///   - journal: the journal, in which all chunks are finished.
  ///   - digests: those of the tables, none if they are in parts.
  ///   - isInParts: whether the tables stay in parts.
  /// - Throws: `InputError`, or `OutputError`.
  func finish(_ journal: inout SweepJournal, digests: [FileDigest], isInParts: Bool) throws {
    let paths = header.tables.map { table in
      isInParts
        ? (0..<header.chunkCount).map { folder.part(table.name, chunk: $0) } : [table.name]
    }
    let package = DataPackage(
      name: "klsim-sweep", title: "A sweep of klsim",
      provenance: .init(
        version: header.version, gsl: header.gsl,
        command: "klsim sweep \(SweepFolder.studyName) --output ."),
      resources: zip(header.tables, paths).map { $0.resource(paths: $1) })
    try folder.write(Array(package.text.utf8), to: DataPackage.fileName)
    try journal.complete(digests, isInParts: isInParts)
    try journal.update()
    folder.tidy(keepsParts: isInParts)
  }
}
