// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimStudies
public import KLSimCore
internal import KLSimFiles
package import KLSimNumerics

/// What the seeds say in one cell of one condition.
public struct Evidence<Cell: ClaimCell>: Sendable {
  /// The condition that the cell is of.
  public let condition: Condition
  /// What tells the cell from the condition's others.
  public let cell: Cell
  /// How many seeds were asked.
  public let seeds: Int
  /// For how many of them the predicate holds.
  public let hits: Int
  /// The interval of the share.
  package let share: ConfidenceInterval
  /// What the seeds say.
  public let verdict: Verdict
  /// The mean of the claim's quantity; nil where it does not exist for some seed.
  public let mean: Double?
  /// The interval of that mean; nil also for a single seed.
  package let meanInterval: ConfidenceInterval?
  /// The share of chaotic runs among those that were probed; nil where nothing is fitted.
  public let chaos: Double?

  init(
    _ tally: Tally, share: ConfidenceInterval, condition: Condition, cell: Cell
  ) throws(StatisticsError) {
    self.condition = condition
    self.cell = cell
    seeds = tally.seeds
    hits = tally.hits
    chaos = tally.chaos
    self.share = share
    verdict = Verdict(share, chaos: chaos)
    mean = tally.mean.isFinite ? tally.mean : nil
    meanInterval =
      tally.standardDeviation.isFinite && mean != nil
      ? try .mean(
        tally.mean, standardDeviation: tally.standardDeviation, count: tally.seeds) : nil
  }

  /// The share of seeds for which the predicate holds.
  public var observedShare: Double { Double(hits) / Double(seeds) }

  /// The columns of a table of evidence.
  ///
  /// - Parameter quantity: what the mean is of.
  /// - Returns: all columns, in order.
  public static func columns(quantity: String) -> [Column] {
    Condition.columns + Cell.columns + TableKind.evidence(on: quantity)
  }

  /// The values of those columns.
  public var values: [Value] {
    let ends = [share.low, share.high].map { Value.number(rounded($0)) }
    let means = [mean, meanInterval?.low, meanInterval?.high].map {
      Value($0.map { rounded($0, 4) })
    }
    return condition.values + cell.values
      + [Value(seeds), Value(hits), .number(rounded(observedShare))] + ends
      + [.text(verdict.rawValue)] + means + [Value(chaos.map { rounded($0) })]
  }
}
