// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimStudies
public import KLSimNumerics

/// Puts a claim to the test: every condition, and as many seeds as its verdicts need.
public struct ClaimRunner: Sendable {
  /// More seeds than this cannot be counted.
  public static let maximumSeeds = 1 << 40

  /// How many pieces of work there are at most.
  public let workCount: Int
  private let examine: @Sendable (_ progress: (_ pieces: Int) -> Void) async throws -> Finding

  /// Prepares a claim.
  ///
  /// - Parameters:
  ///   - claim: the claim.
  ///   - seeds: the seeds to ask, at least one and at most `maximumSeeds`.
  ///   - jobs: how many pieces of work at a time, at least 1.
  ///   - kernels: the vector kernels to compute with.
  /// - Throws: `SpecificationError` for a condition that cannot be.
  public init(
    _ claim: some Claim, seeds: Range<UInt64>, jobs: Int, kernels: VectorKernels = .best
  ) throws {
    let runner = try TrialRunner(
      claim.trials(), scope: ClaimScope(claim), seeds: seeds, jobs: jobs, kernels: kernels)
    workCount = runner.workCount
    examine = { progress in
      Finding(claim, seeds: seeds, evidence: try await runner.evidence(progress: progress))
    }
  }

  /// Asks the seeds.
  ///
  /// - Parameter progress: hears how many more pieces of work are done, or need not be.
  /// - Returns: what came out.
  /// - Throws: what a run throws, or `StatisticsError`.
  public func finding(progress: (_ pieces: Int) -> Void = { _ in }) async throws -> Finding {
    try await examine(progress)
  }
}

/// Asks the seeds of trials.
///
/// Seeds go in chunks of fixed size whose tallies are joined in order, so that the statistics do not
/// depend on the number of jobs. All trials get 128 seeds, and those in which a covered cell is then
/// undecided get 256. From there on seeds double where a verdict of the claim depends on an undecided cell.
struct TrialRunner<Cell: ClaimCell>: Sendable {
  private let trials: [Trial<Cell>]
  private let scope: ClaimScope<Cell>
  private let seeds: Range<UInt64>
  private let jobs: Int
  private let kernels: VectorKernels

  private static var chunkSize: Int { 64 }
  /// How many chunks all trials get, which decide if all seeds agree.
  private static var firstChunks: Int { 2 }
  /// How many chunks all undecided trials get.
  private static var secondChunks: Int { 4 }
  /// How many seeds are fitted a second time.
  private static var probedSeeds: Int { 32 }

  init(
    _ trials: [Trial<Cell>], scope: ClaimScope<Cell>, seeds: Range<UInt64>, jobs: Int,
    kernels: VectorKernels = .best
  ) {
    precondition(
      (1...ClaimRunner.maximumSeeds).contains(seeds.count), "a possible number of seeds")
    self.trials = trials
    self.scope = scope
    self.seeds = seeds
    self.jobs = jobs
    self.kernels = kernels
  }

  /// How many pieces of work there are at most.
  var workCount: Int { trials.count * chunkCount }

  private var chunkCount: Int { (seeds.count + Self.chunkSize - 1) / Self.chunkSize }

  /// Asks the seeds in every cell.
  ///
  /// - Parameter progress: hears how many more pieces of work are done, or need not be.
  /// - Returns: the evidence, condition by condition and cell by cell.
  /// - Throws: what a run throws, or `StatisticsError`.
  func evidence(progress: (_ pieces: Int) -> Void = { _ in }) async throws -> [Evidence<Cell>] {
    var examinations: [Examination<Cell>] = []
    try await orderedMap(
      count: trials.count, jobs: jobs, work: { try trials[$0].prepare(kernels) },
      consume: { examinations.append($0) })
    var tallies = examinations.map { $0.cells.map { _ in Tally() } }
    var intervals = ShareIntervals()
    func evidence(_ place: Int) throws -> [Evidence<Cell>] {
      try zip(tallies[place], examinations[place].cells).map { tally, cell in
        try Evidence(
          tally, share: intervals.share(tally), condition: trials[place].condition, cell: cell)
      }
    }
    var open = Array(examinations.indices)
    var done = 0
    var next = min(Self.firstChunks, chunkCount)
    while done < next {
      try await ask(open, of: examinations, chunks: done..<next, &tallies, progress)
      (done, next) = (next, min(2 * next, chunkCount))
      guard done < next else { break }
      let cells = try examinations.indices.flatMap { place in
        try evidence(place).map { try JudgedCell($0, in: scope, trial: place, &intervals) }
      }
      let undecided = JudgedCell.openTrials(cells, isEarly: done < Self.secondChunks)
      let left = open.filter(undecided.contains)
      progress((open.count - left.count) * (chunkCount - done))
      open = left
    }
    return try examinations.indices.flatMap(evidence)
  }

  /// Adds the outcomes of some chunks of seeds to the tallies of some trials.
  private func ask(
    _ open: [Int], of examinations: [Examination<Cell>], chunks: Range<Int>,
    _ tallies: inout [[Tally]], _ progress: (_ pieces: Int) -> Void
  ) async throws {
    let questions = Questioning(
      runner: self, examinations: examinations, open: open, chunks: chunks)
    try await StudyRunner(jobs: jobs).run(questions, digest: { $0 }) { answer in
      for seed in answer.outcomes {
        for (cell, outcome) in seed.enumerated() { tallies[answer.trial][cell].add(outcome) }
      }
      progress(1)
    }
  }

  /// Some trials, asked some chunks of seeds.
  private struct Questioning: StudyKind {
    let runner: TrialRunner
    let examinations: [Examination<Cell>]
    let open: [Int]
    let chunks: Range<Int>

    /// One trial, and the seeds of one chunk.
    struct Item: WorkItem {
      let trial: Int
      let isProbed: Bool
      let seeds: [UInt64]
      let condition: Condition

      var words: [String] {
        condition.values.map(\.description) + ["trial=\(trial)"] + seeds.map { "seed=\($0)" }
      }
    }

    var itemCount: Int { open.count * chunks.count }

    func item(_ index: Int) -> Item {
      let (place, chunk) = index.quotientAndRemainder(dividingBy: chunks.count)
      let first = (chunks.lowerBound + chunk) * chunkSize
      return Item(
        trial: open[place], isProbed: first == 0,
        seeds: Array(runner.seeds.dropFirst(first).prefix(chunkSize)),
        condition: runner.trials[open[place]].condition)
    }

    func run(_ item: Item) throws -> (trial: Int, outcomes: [[Outcome]]) {
      let probed = item.isProbed ? probedSeeds : 0
      let outcomes = try [(item.seeds.prefix(probed), true), (item.seeds.dropFirst(probed), false)]
        .flatMap {
          $0.isEmpty ? [] : try examinations[item.trial].outcomes(Array($0), $1)
        }
      return (item.trial, outcomes)
    }
  }
}
