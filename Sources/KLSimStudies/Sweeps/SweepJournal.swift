// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimFiles

/// What the journal of a sweep says.
package struct SweepJournal: Sendable {
  /// A finished chunk.
  package struct Finished: Sendable {
    package let chunk: Int
    package let runs: Int
    /// The digest of each table.
    package let digests: [FileDigest]
    /// How long it took, in seconds.
    package let seconds: Double
    /// What it is of, in words.
    package let label: String
    /// Who ran it.
    package let worker: String
  }

  /// The sweep; nil if the journal has no whole first entry.
  package private(set) var header: SweepHeader?
  /// The finished chunks by their index.
  package private(set) var finished: [Int: Finished] = [:]
  /// The number of their runs.
  package private(set) var finishedRuns = 0
  /// The errors of chunks that failed and have not been finished since.
  package private(set) var failures: [Int: String] = [:]
  /// The digests of the complete tables, once they are there, and whether they stay in parts.
  package private(set) var complete: (digests: [FileDigest], isInParts: Bool)?
  private var journal: Journal
  /// No chunk has more; the sum over chunks stays an integer.
  private static let mostRuns = 1 << 40

  /// The journal of a folder.
  ///
  /// - Throws: `InputError.unreadable`.
  package init(_ journal: Journal) throws(InputError) {
    self.journal = journal
    try update()
  }

  /// How many lines are cut short or edited; what they said is done again.
  package var damagedLines: Int { journal.damagedLines }

  /// The chunks that are not finished, ascending.
  ///
  /// - Parameter count: the number of chunks.
  /// - Returns: their indices.
  package func unfinished(of count: Int) -> [Int] {
    (0..<count).filter { finished[$0] == nil }
  }

  /// How many of so many chunks are not finished; a header may claim any number of them.
  package func unfinishedCount(of count: Int) -> Int {
    count - finished.keys.count(where: (0..<count).contains)
  }

  /// What is not finished of so many chunks, as an error.
  package func incompleteness(of count: Int, path: String) -> SweepError {
    .incomplete(
      path: path, first: Array((0..<count).lazy.filter { finished[$0] == nil }.prefix(12)),
      count: unfinishedCount(of: count), of: count)
  }

  /// Reads what has been appended since.
  ///
  /// - Throws: `InputError.unreadable`.
  package mutating func update() throws(InputError) {
    for entry in try journal.newEntries() { add(entry) }
  }

  private mutating func add(_ entry: JSON) {
    if let header = SweepHeader(entry) {
      self.header = self.header ?? header
    } else if let chunk = entry["chunk"]?.integer {
      if let tables = entry["tables"]?.values, let runs = entry["runs"]?.integer,
        (0...Self.mostRuns).contains(runs), let seconds = entry["seconds"]?.number,
        let label = entry["label"]?.string,
        let worker = entry["worker"]?.string
      {
        set(
          chunk,
          Finished(
            chunk: chunk, runs: runs, digests: tables.compactMap(FileDigest.init(_:)),
            seconds: seconds, label: label, worker: worker))
        failures[chunk] = nil
      } else if let error = entry["error"]?.string {
        failures[chunk] = error
      } else {
        // Its files are damaged.
        set(chunk, nil)
        complete = nil
      }
    } else if let tables = entry["complete"]?.values {
      complete = (
        tables.compactMap(FileDigest.init(_:)), entry["parts"]?.integer == 1
      )
    }
  }

  private mutating func set(_ chunk: Int, _ outcome: Finished?) {
    finishedRuns += (outcome?.runs ?? 0) - (finished[chunk]?.runs ?? 0)
    finished[chunk] = outcome
  }

  /// Says that a sweep has begun, unless another process has said so.
  ///
  /// - Returns: whether the entry that said so was damaged, and is written again.
  mutating func begin(_ header: SweepHeader) throws -> Bool {
    try journal.append(header.members, onlyIfEmpty: true)
    try update()
    guard self.header == nil else { return false }
    try journal.append(header.members)
    try update()
    return true
  }

  /// Says that a chunk is finished.
  func finish(_ chunk: Finished) throws(OutputError) {
    try journal.append([
      ("chunk", .plain("\(chunk.chunk)")), ("runs", .plain("\(chunk.runs)")),
      ("tables", .array(chunk.digests.map { .object($0.members) })),
      ("seconds", .plain("\(chunk.seconds)")), ("label", .string(chunk.label)),
      ("worker", .string(chunk.worker)),
    ])
  }

  /// Says that a chunk has failed.
  func fail(_ chunk: Int, _ error: String) throws(OutputError) {
    try journal.append([("chunk", .plain("\(chunk)")), ("error", .string(error))])
  }

  /// Says that the files of a chunk are missing or changed.
  func lose(_ chunk: Int) throws(OutputError) {
    try journal.append([("chunk", .plain("\(chunk)"))])
  }

  /// Says that the tables are complete.
  func complete(_ digests: [FileDigest], isInParts: Bool) throws(OutputError) {
    try journal.append([
      ("complete", .array(digests.map { .object($0.members) })),
      ("parts", .plain(isInParts ? "1" : "0")),
    ])
  }
}
