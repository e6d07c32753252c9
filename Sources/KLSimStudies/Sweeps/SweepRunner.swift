// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimFiles
internal import KLSimNumerics

/// Works on the chunks of a sweep, together with other processes in the same folder, until all are
/// finished.
///
/// A finished chunk is on the disk, and the journal says so: what kills the process costs the chunk that it
/// works on. Whoever finishes the last chunk puts the tables together.
package struct SweepRunner<Kind: DividedStudy> {
  private let plan: SweepPlan<Kind>
  private let folder: SweepFolder
  private let tables: Kind.Tables
  private let format: RowFormat
  private let options: SweepOptions
  private let header: SweepHeader
  private var journal: SweepJournal
  /// The chunks that this process has finished, whose files are as it wrote them.
  private var own: Set<Int> = []
  /// How many finished runs have been told of.
  private var told = 0

  /// What happens meanwhile.
  package enum Event: Sendable {
    /// So many more runs are done, by this process or another one.
    case runs(Int)
    /// So many runs were done before.
    case known(Int)
    /// Something that a user may want to know.
    case note(String)
  }

  /// Begins a sweep, or goes on with it.
  ///
  /// - Parameters:
  ///   - plan: the chunks.
  ///   - text: the study as it is written in the folder.
  ///   - folder: the folder.
  ///   - options: how to run it.
  ///   - version: klsim's version.
  ///   - inputs: the files that the study reads.
  ///   - tell: is told what happens.
  /// - Throws: `SweepError.otherSweep`, `InputError`, or `OutputError`.
  package init(
    _ plan: SweepPlan<Kind>, text: String, in folder: SweepFolder, options: SweepOptions,
    version: String, inputs: [String], tell: (Event) -> Void
  ) throws {
    (self.plan, self.folder, self.options) = (plan, folder, options)
    format = options.format
    tables = try plan.study.tables(format)
    header = SweepHeader(
      version: version, gsl: GSL.version, identity: ItemIdentity(of: [text]).description,
      chunkCount: plan.chunkCount, runCount: plan.runCount,
      tables: tables.outputs.map {
        SweepHeader.Table(
          name: "\($0.name).\(options.ending)", summary: $0.summary, columns: $0.columns)
      },
      inputs: Dictionary(
        try inputs.map { ($0, try FileDigest(path: $0)) }, uniquingKeysWith: { $1 }))
    journal = try SweepJournal(folder.journal)
    let written = try folder.bytes(of: SweepFolder.studyName)
    if let known = journal.header {
      if let difference = known.difference(to: header) {
        throw SweepError.otherSweep(
          path: folder.path,
          difference: difference + Self.lines(of: text, missingIn: written))
      }
    } else if let written, written != Array(text.utf8) {
      throw SweepError.otherSweep(
        path: folder.path,
        difference: "it is of another study" + Self.lines(of: text, missingIn: written))
    }
    try folder.write(Array(text.utf8), to: SweepFolder.studyName)
    if try journal.begin(header) {
      tell(.note("\(folder.path): the journal has lost its first line, which is written again"))
    }
    if journal.damagedLines > 0 {
      tell(
        .note(
          "\(folder.path): \(journal.damagedLines) lines of the journal are cut short or edited; their"
            + " chunks are computed again"))
    }
  }

  /// How the study in a folder differs, line by line.
  private static func lines(of text: String, missingIn written: [UInt8]?) -> String {
    guard let written else { return "" }
    func lines(_ text: String) -> [Substring] { text.split(separator: "\n") }
    let (there, here) = (lines(String(decoding: written, as: UTF8.self)), lines(text))
    let different =
      there.filter { !here.contains($0) }.map { "its '\($0)'" }
      + here.filter { !there.contains($0) }.map { "this '\($0)'" }
    return different.isEmpty ? "" : ": " + different.prefix(8).joined(separator: ", ")
  }

  /// Works until every chunk of the shard is finished, and puts the tables together if all chunks are.
  ///
  /// - Parameter tell: is told what happens.
  /// - Returns: whether all chunks are finished, and the tables are complete.
  /// - Throws: `SweepError`, `InputError`, `OutputError`, or `CancellationError`.
  package mutating func run(tell: (Event) -> Void) async throws -> Bool {
    told = journal.finishedRuns
    tell(.known(told))
    while true {
      if journal.complete != nil {
        try check(tell)
        if let complete = journal.complete {
          folder.tidy(keepsParts: complete.isInParts)
          return true
        }
      }
      try await finishChunks(tell)
      guard journal.failures.isEmpty else {
        throw SweepError.failed(
          count: journal.failures.count,
          errors: journal.failures.sorted { $0.key < $1.key }.prefix(3).map {
            "\(plan.chunk($0.key).label): \($0.value)"
          })
      }
      guard journal.finished.count == plan.chunkCount else { return false }
      try await merge(tell)
    }
  }

  /// Works on the chunks of the shard until all are finished or have failed.
  private mutating func finishChunks(_ tell: (Event) -> Void) async throws {
    var pending = journal.unfinished(of: plan.chunkCount).filter(options.shard.contains)
    var failed: Set<Int> = []
    while !pending.isEmpty {
      let isIdle = try await pass(over: pending, failed: &failed, tell)
      try journal.update()
      tellRuns(tell)
      pending.removeAll { journal.finished[$0] != nil || failed.contains($0) }
      // Other processes are at work on the rest.
      if isIdle, !pending.isEmpty { try await wait() }
    }
  }

  private mutating func tellRuns(_ tell: (Event) -> Void) {
    // A chunk that is computed again is told of once.
    guard journal.finishedRuns > told else { return }
    tell(.runs(journal.finishedRuns - told))
    told = journal.finishedRuns
  }

  /// Waits for other processes.
  private mutating func wait() async throws {
    try await Task.sleep(for: .seconds(1))
    try journal.update()
    if journal.complete == nil { try folder.prepare() }
  }

  /// Computes those of some chunks that nobody else works on, several at a time.
  ///
  /// - Returns: whether there was none.
  private mutating func pass(
    over pending: [Int], failed: inout Set<Int>, _ tell: (Event) -> Void
  ) async throws -> Bool {
    let width = min(options.jobs, pending.count)
    let work = ChunkWork(
      plan: plan, folder: folder, header: header, tables: tables, format: format,
      runner: StudyRunner(jobs: max(1, options.jobs / width)))
    return try await withThrowingTaskGroup(of: ChunkOutcome.self) { group in
      var (running, isIdle) = (0, true)
      func takeOne() async throws {
        guard let outcome = try await group.next() else { return }
        running -= 1
        defer { outcome.lease.release() }
        if let error = outcome.error {
          failed.insert(outcome.chunk)
          return try journal.fail(outcome.chunk, error)
        }
        if let finished = outcome.finished {
          try journal.finish(finished)
          own.insert(outcome.chunk)
          try journal.update()
          tellRuns(tell)
        }
      }
      for index in pending {
        if running == width { try await takeOne() }
        guard let lease = try Lease.take(folder.lease("\(index)")) else { continue }
        try journal.update()
        guard journal.finished[index] == nil else {
          lease.release()
          continue
        }
        group.addTask { try await work.outcome(of: index, lease) }
        (running, isIdle) = (running + 1, false)
      }
      while running > 0 { try await takeOne() }
      return isIdle
    }
  }

  /// Puts the tables together, unless another process does.
  private mutating func merge(_ tell: (Event) -> Void) async throws {
    guard let lease = try Lease.take(folder.lease("merge")) else {
      try await wait()
      return
    }
    defer { lease.release() }
    try journal.update()
    guard journal.complete == nil else { return }
    try SweepMerge(
      folder: folder, header: header, isOneFile: options.isOneFile, trusted: own
    ).run(&journal, tell: { tell(.note($0)) })
  }

  /// Checks that complete tables are as they were written.
  private mutating func check(_ tell: (Event) -> Void) throws {
    guard let complete = journal.complete, own.isEmpty, !complete.isInParts else { return }
    for (table, digest) in zip(header.tables, complete.digests) {
      let path = folder.path(of: table.name)
      do {
        guard try FileDigest(path: path) == digest else { throw SweepError.changed(path: path) }
      } catch InputError.missing {
        tell(.note("\(path) is missing; it is computed again"))
        for chunk in 0..<plan.chunkCount { try journal.lose(chunk) }
        try journal.update()
        return
      }
    }
  }
}
