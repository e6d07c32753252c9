// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore
public import KLSimNumerics

/// What the seeds say in one cell of one condition.
public struct Evidence: Sendable {
  public let condition: Condition
  /// What tells the cell from the condition's others, in the order of the claim's cell columns.
  public let cell: [String]
  /// How many seeds were asked.
  public let seeds: Int
  /// For how many of them the predicate holds.
  public let hits: Int
  /// The interval of the share.
  public let share: ConfidenceInterval
  public let verdict: Verdict
  /// The mean of the claim's quantity; nil where it does not exist for some seed.
  public let mean: Double?
  /// The interval of that mean; nil also for a single seed.
  public let meanInterval: ConfidenceInterval?

  init(
    _ tally: Tally, share: ConfidenceInterval, condition: Condition, cell: [String]
  ) throws(StatisticsError) {
    self.condition = condition
    self.cell = cell
    seeds = tally.seeds
    hits = tally.hits
    self.share = share
    verdict = Verdict(share)
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
  /// - Parameters:
  ///   - cells: the claim's cell columns.
  ///   - quantity: what the mean is of.
  /// - Returns: all columns, in order.
  public static func columns(cells: [Column], quantity: String) -> [Column] {
    Condition.columns + cells + [
      Column("seeds", .integer, "number of seeds"),
      Column("hits", .integer, "number of seeds for which the predicate holds"),
      Column("share", .number, "hits / seeds, to six digits"),
      Column("share_low", .number, "lower end of its 95 % Clopper-Pearson interval, to six digits"),
      Column("share_high", .number, "upper end of it"),
      Column(
        "verdict", .text,
        "holds: share_low >= 0.95; fails: share_high <= 0.05; else mixed; before rounding"),
      Column(
        "mean", .number,
        "mean over seeds of \(quantity), to four digits; empty where it is not finite for a seed"),
      Column("mean_low", .number, "lower end of the mean's 95 % t interval"),
      Column("mean_high", .number, "upper end of it"),
    ]
  }

  /// The values of those columns.
  public var fields: [String] {
    condition.keys + cell + [
      seeds.description, hits.description, digits(observedShare), digits(share.low),
      digits(share.high), verdict.rawValue,
      mean.map { digits($0, 4) } ?? "",
      meanInterval.map { digits($0.low, 4) } ?? "", meanInterval.map { digits($0.high, 4) } ?? "",
    ]
  }
}
