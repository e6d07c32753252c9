// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// Puts claims to the test: every condition, every seed.
///
/// Seeds go in chunks of fixed size whose tallies are joined in order, so that the statistics do
/// not depend on the number of jobs.
public struct ClaimRunner: Sendable {
  private let trials: [Trial]
  private let chunks: [[UInt64]]
  private let jobs: Int
  private let kernels: VectorKernels

  private static let chunkSize = 64

  /// How many pieces of work there are.
  public var workCount: Int { trials.count * chunks.count }

  /// Prepares a claim.
  ///
  /// - Parameters:
  ///   - claim: the claim.
  ///   - seeds: the seeds to ask, at least one.
  ///   - jobs: how many pieces of work at a time, at least 1.
  ///   - kernels: who does the arithmetic.
  /// - Throws: `SpecificationError` for a condition that cannot be.
  public init(
    _ claim: any Claim, seeds: Range<UInt64>, jobs: Int, kernels: VectorKernels = .best
  ) throws {
    trials = try claim.trials()
    chunks = stride(from: 0, to: seeds.count, by: Self.chunkSize).map {
      Array(seeds.dropFirst($0).prefix(Self.chunkSize))
    }
    self.jobs = jobs
    self.kernels = kernels
  }

  /// Asks every seed in every cell.
  ///
  /// - Parameter progress: hears of every piece of work that is done.
  /// - Returns: the evidence, condition by condition and cell by cell.
  /// - Throws: what a run throws, or `StatisticsError`.
  public func evidence(progress: () -> Void = {}) async throws -> [Evidence] {
    var evidence: [Evidence] = []
    var tallies: [Tally] = []
    // All cells have as many seeds, and many have as many hits.
    var shares: [Int: ConfidenceInterval] = [:]
    func share(_ tally: Tally) throws(StatisticsError) -> ConfidenceInterval {
      if let known = shares[tally.hits] { return known }
      let share = try ConfidenceInterval.share(hits: tally.hits, of: tally.seeds)
      shares[tally.hits] = share
      return share
    }
    var index = 0
    try await orderedMap(
      count: workCount, jobs: jobs,
      work: { try trials[$0 / chunks.count].outcomes(chunks[$0 % chunks.count], kernels) }
    ) { outcomes in
      let trial = trials[index / chunks.count]
      if tallies.isEmpty { tallies = trial.cells.map { _ in Tally() } }
      for seed in outcomes {
        for (cell, outcome) in seed.enumerated() { tallies[cell].add(outcome) }
      }
      index += 1
      if index.isMultiple(of: chunks.count) {
        evidence += try zip(tallies, trial.cells).map { tally, cell in
          try Evidence(tally, share: share(tally), condition: trial.condition, cell: cell)
        }
        tallies = []
      }
      progress()
    }
    return evidence
  }
}
