// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimStudies
public import KLSimNumerics

/// Puts a claim to the test: every condition, and as many seeds as its verdicts need.
public struct ClaimRunner: Sendable {
  /// The maximum number of seeds.
  public static let maximumSeeds = 1 << 40

  /// The maximum number of pieces of work.
  public let workCount: Int
  /// The conditions of the claim, each once.
  let conditions: Set<Condition>
  private let examine: @Sendable (_ progress: (_ pieces: Int) -> Void) async throws -> Finding

  /// Prepares a claim.
  ///
  /// - Parameters:
  ///   - claim: the claim.
  ///   - seeds: the seeds to ask, at least one and at most `maximumSeeds`.
  ///   - jobs: the number of pieces of work at a time, at least 1.
  ///   - kernels: the vector kernels to compute with.
  /// - Throws: `SpecificationError` for an impossible condition.
  public init(
    _ claim: some Claim, seeds: Range<UInt64>, jobs: Int, kernels: VectorKernels = .best
  ) throws {
    let runner = try TrialRunner(claim, seeds: seeds, jobs: jobs, kernels: kernels)
    workCount = runner.workCount
    conditions = runner.conditions
    examine = { progress in
      Finding(claim, seeds: seeds, evidence: try await runner.evidence(progress: progress))
    }
  }

  /// Asks the seeds.
  ///
  /// - Parameter progress: called with the number of pieces of work that are done or turn out not to be
  ///   needed.
  /// - Returns: the verdicts and their evidence.
  /// - Throws: the error of a run, or `StatisticsError`.
  public func finding(progress: (_ pieces: Int) -> Void = { _ in }) async throws -> Finding {
    try await examine(progress)
  }
}

/// Asks the seeds of a claim's trials.
///
/// Seeds go in chunks of fixed size whose tallies are joined in order, so that the statistics do not
/// depend on the number of jobs. All trials get 128 seeds, and those with an undecided covered cell then
/// get 256. After that, seeds double where a verdict of the claim depends on an undecided cell.
struct TrialRunner<C: Claim>: Sendable {
  private let claim: C
  private let trials: [Trial<C.Cell>]
  private let seeds: Range<UInt64>
  private let jobs: Int
  private let kernels: VectorKernels

  private static var chunkSize: Int { 64 }
  /// The chunks that every trial gets; if all seeds agree, they decide.
  private static var firstChunks: Int { 2 }
  /// The chunks that every undecided trial gets.
  private static var secondChunks: Int { 4 }
  /// The number of seeds that are fitted a second time, from a perturbed start.
  private static var probedSeeds: Int { 32 }

  init(_ claim: C, seeds: Range<UInt64>, jobs: Int, kernels: VectorKernels = .best) throws {
    precondition(
      (1...ClaimRunner.maximumSeeds).contains(seeds.count), "a possible number of seeds")
    self.claim = claim
    trials = try claim.trials()
    self.seeds = seeds.prefix(C.maximumSeeds)
    self.jobs = jobs
    self.kernels = kernels
  }

  /// The maximum number of pieces of work.
  var workCount: Int { trials.count * chunkCount }

  var conditions: Set<Condition> { Set(trials.map(\.condition)) }

  private var chunkCount: Int { (seeds.count + Self.chunkSize - 1) / Self.chunkSize }

  /// Asks the seeds in every cell; otherwise as `ClaimRunner.finding(progress:)`.
  ///
  /// - Returns: the evidence, condition by condition and cell by cell.
  func evidence(progress: (_ pieces: Int) -> Void = { _ in }) async throws -> [Evidence<C.Cell>] {
    var examinations: [Examination<C.Cell>] = []
    try await orderedMap(
      count: trials.count, jobs: jobs, work: { try trials[$0].prepare(kernels) },
      consume: { examinations.append($0) })
    var tallies = examinations.map { $0.cells.map { _ in Tally() } }
    var shares = SeedShares()
    func evidence(_ place: Int) throws -> [Evidence<C.Cell>] {
      try zip(tallies[place], examinations[place].cells).map { tally, cell in
        try Evidence(
          tally, share: shares(hits: tally.hits, of: tally.seeds).interval,
          condition: trials[place].condition, cell: cell)
      }
    }
    var open = Array(examinations.indices)
    var done = 0
    var next = min(Self.firstChunks, chunkCount)
    while done < next {
      let (first, chunks) = (done, next - done)
      try await orderedMap(
        count: open.count * chunks, jobs: jobs,
        work: { [open, examinations] index in
          let (place, chunk) = index.quotientAndRemainder(dividingBy: chunks)
          let trial = open[place]
          return (trial, try outcomes(chunk: first + chunk, of: examinations[trial]))
        },
        consume: { trial, outcomes in
          for seed in outcomes {
            for (cell, outcome) in seed.enumerated() { tallies[trial][cell].add(outcome) }
          }
          progress(1)
        })
      (done, next) = (next, min(2 * next, chunkCount))
      guard done < next else { break }
      let cells = try examinations.indices.flatMap { place in
        try evidence(place).filter(claim.covers).map { cell in
          CoveredCell(
            trial: place, verdict: cell.verdict, isPublished: claim.isPublished(cell),
            isDecided: try cell.verdict == .chaotic
              || shares(hits: cell.hits, of: cell.seeds).isDecided)
        }
      }
      let undecided = CoveredCell.openTrials(cells, isEarly: done < Self.secondChunks)
      let left = open.filter(undecided.contains)
      progress((open.count - left.count) * (chunkCount - done))
      open = left
    }
    return try examinations.indices.flatMap(evidence)
  }

  /// The outcomes of the seeds of one chunk, seeds × cells; the very first seeds are probed.
  private func outcomes(
    chunk: Int, of examination: Examination<C.Cell>
  ) throws -> [[Outcome]] {
    let chunkSeeds = seeds.dropFirst(chunk * Self.chunkSize).prefix(Self.chunkSize)
    let probed = chunk == 0 ? Self.probedSeeds : 0
    return try [(chunkSeeds.prefix(probed), true), (chunkSeeds.dropFirst(probed), false)].flatMap {
      $0.isEmpty ? [] : try examination.outcomes(Array($0), $1)
    }
  }
}

/// A cell that the verdict over the grid is about, after some of its seeds.
private struct CoveredCell {
  /// The index of its trial.
  let trial: Int
  let verdict: Verdict
  /// Whether it belongs to the source's own setting.
  let isPublished: Bool
  /// Whether more seeds would hardly change the verdict.
  let isDecided: Bool

  /// The trials that need more seeds.
  ///
  /// - Parameters:
  ///   - covered: all covered cells.
  ///   - isEarly: whether every undecided cell counts, not only those on which a verdict depends.
  /// - Returns: the indices of the trials.
  static func openTrials(_ covered: [CoveredCell], isEarly: Bool) -> Set<Int> {
    let published = covered.filter(\.isPublished)
    let counted =
      isEarly || !isSettled(covered) ? covered : isSettled(published) ? [] : published
    return Set(counted.filter { !$0.isDecided }.map(\.trial))
  }

  /// Whether the joint verdict can no longer change: all cells are decided, or two of them differ.
  private static func isSettled(_ cells: [CoveredCell]) -> Bool {
    let decided = Set(cells.filter { $0.isDecided && $0.verdict != .chaotic }.map(\.verdict))
    return cells.allSatisfy(\.isDecided) || decided.contains(.mixed) || decided.count > 1
  }
}

/// Intervals of shares of seeds, each computed once: many cells have the same counts.
private struct SeedShares {
  private struct Key: Hashable {
    let hits: Int
    let seeds: Int
  }

  private var known: [Key: (interval: ConfidenceInterval, isDecided: Bool)] = [:]

  /// The interval of a share, and whether more seeds would hardly change its verdict.
  mutating func callAsFunction(
    hits: Int, of seeds: Int
  ) throws(StatisticsError) -> (interval: ConfidenceInterval, isDecided: Bool) {
    let key = Key(hits: hits, seeds: seeds)
    if let share = known[key] { return share }
    let share = (
      interval: try ConfidenceInterval.share(hits: hits, of: seeds),
      isDecided: try Verdict.isDecided(hits: hits, of: seeds)
    )
    known[key] = share
    return share
  }
}
