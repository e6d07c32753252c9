// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimStudies
public import KLSimCore
public import KLSimNumerics

/// What the seeds say in one cell of one condition.
public struct Evidence<Cell: ClaimCell>: Sendable {
  public let condition: Condition
  /// What tells the cell from the condition's others.
  public let cell: Cell
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
    Condition.columns + Cell.columns + [
      Column(
        "seeds", .integer,
        "number of seeds; fewer than asked for where they decide the cells of the condition, or where"
          + " no verdict of the claim hangs on those that they leave undecided"),
      Column("hits", .integer, "number of seeds for which the predicate holds"),
      Column("share", .number, "hits / seeds, to six digits"),
      Column("share_low", .number, "lower end of its 95 % Clopper-Pearson interval, to six digits"),
      Column("share_high", .number, "upper end of it"),
      Column(
        "verdict", .text,
        "holds: share_low >= 0.95; fails: share_high <= 0.05; else mixed, between the two or undecided"
          + " by so many seeds; before rounding; chaotic: chaos > 0.05, whatever the share"),
      Column(
        "mean", .number,
        "mean over seeds of \(quantity), to four digits; empty where it is not finite for a seed"),
      Column("mean_low", .number, "lower end of the mean's 95 % t interval"),
      Column("mean_high", .number, "upper end of it"),
      Column(
        "chaos", .number,
        "share of the first 32 seeds of which a second fit, each parameter of its start moved by one"
          + " unit in the last place, has another outcome or a student more than 0.01 away in TVD;"
          + " empty where nothing is fitted"),
    ]
  }

  /// The values of those columns.
  public var fields: [String] {
    condition.keys + cell.fields + [
      seeds.description, hits.description, digits(observedShare), digits(share.low),
      digits(share.high), verdict.rawValue,
      mean.map { digits($0, 4) } ?? "",
      meanInterval.map { digits($0.low, 4) } ?? "", meanInterval.map { digits($0.high, 4) } ?? "",
      chaos.map { digits($0) } ?? "",
    ]
  }
}
