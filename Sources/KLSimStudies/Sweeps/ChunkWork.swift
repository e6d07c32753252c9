// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimFiles

/// Computes chunks, and writes their tables.
struct ChunkWork<Kind: DividedStudy>: Sendable {
  let plan: SweepPlan<Kind>
  let folder: SweepFolder
  let header: SweepHeader
  /// The tables of the study, empty.
  let tables: Kind.Tables
  let format: RowFormat
  /// Runs the items of a chunk.
  let runner: StudyRunner

  /// Computes a chunk; its files are on the disk at the end.
  ///
  /// - Parameters:
  ///   - index: the chunk.
  ///   - lease: the lease on it.
  /// - Returns: what the journal is to say.
  /// - Throws: `OutputError`, `InputError`, or `CancellationError`.
  func outcome(of index: Int, _ lease: Lease) async throws -> ChunkOutcome {
    let (start, chunk) = (ContinuousClock.now, plan.chunk(index))
    let names = header.tables.map { folder.part($0.name, chunk: index) }
    let files = try names.map { name throws(OutputError) in try folder.output(name) }
    if index == 0 {
      for (file, output) in zip(files, tables.outputs) {
        try file.write(format.table(output.columns, rows: []))
      }
    }
    do {
      try await plan.run(chunk, tables, by: runner) { rows in
        for (file, rows) in zip(files, rows) { try file.write(rows) }
      }
    } catch let error where !(error is OutputError || error is CancellationError) {
      return ChunkOutcome(chunk: index, lease: lease, finished: nil, error: "\(error)")
    }
    for file in files { try file.commit(durably: true) }
    let finished = SweepJournal.Finished(
      chunk: index, runs: chunk.runs,
      digests: try names.map { try FileDigest(path: folder.path(of: $0)) },
      seconds: (ContinuousClock.now - start) / .seconds(1), label: chunk.label,
      worker: Lease.Owner.this.words)
    return ChunkOutcome(chunk: index, lease: lease, finished: finished, error: nil)
  }
}

/// What came of a chunk.
struct ChunkOutcome: Sendable {
  let chunk: Int
  let lease: Lease
  /// nil if it failed.
  let finished: SweepJournal.Finished?
  /// Why it failed.
  let error: String?
}
