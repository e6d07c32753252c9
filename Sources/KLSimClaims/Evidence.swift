// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimStudies
package import KLSimCore
internal import KLSimFiles
package import KLSimNumerics

/// The statistics of the seeds in one cell of one condition.
public struct Evidence<Cell: ClaimCell>: Sendable {
  /// The condition.
  public let condition: Condition
  /// The cell, different from all others of the condition.
  public let cell: Cell
  /// The number of seeds that were asked.
  public let seeds: Int
  /// The number of seeds for which the predicate holds.
  public let hits: Int
  /// The interval of the share of seeds.
  package let share: ConfidenceInterval
  /// The verdict.
  public let verdict: Verdict
  /// The mean of the claim's quantity; nil if it is not finite for some seed.
  public let mean: Double?
  /// The interval of that mean; nil for a single seed, too.
  package let meanInterval: ConfidenceInterval?
  /// The share of chaotic runs among the probed ones; nil if nothing is fitted.
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

  /// All columns of a table of evidence, in order.
  ///
  /// - Parameters:
  ///   - quantity: the quantity whose mean is reported.
  ///   - axes: what tells conditions apart.
  /// - Returns: the columns.
  package static func columns(
    quantity: String, axes: [any Axis.Type] = Condition.axes
  ) -> [Column] {
    axes.map { $0.column } + Cell.columns + TableKind.evidence(on: quantity)
  }

  /// The values of those columns.
  package func values(on axes: [any Axis.Type] = Condition.axes) -> [Value] {
    let ends = [share.low, share.high].map { Value.number(rounded($0)) }
    let means = [mean, meanInterval?.low, meanInterval?.high].map {
      Value($0.map { rounded($0, 4) })
    }
    return condition.values(on: axes) + cell.values
      + [Value(seeds), Value(hits), .number(rounded(observedShare))] + ends
      + [.text(verdict.rawValue)] + means + [Value(chaos.map { rounded($0) })]
  }
}

/// The result of one seed in one cell.
public struct Outcome: Equatable, Sendable {
  /// Whether the predicate holds.
  public let holds: Bool
  /// The quantity whose mean is reported; NaN where it does not exist for this seed.
  public let quantity: Double
  /// Whether a start that differs in the last digit changes the outcome, or moves the student by a TVD of
  /// more than `Trajectory.convergenceThreshold`; nil if it was not probed.
  public internal(set) var isChaotic: Bool?

  /// An outcome.
  public init(_ holds: Bool, quantity: Double) {
    self.holds = holds
    self.quantity = quantity
  }

  /// Whether the first number is the smaller, and the difference; NaN counts as larger than any number.
  static func smaller(_ first: Double, than second: Double) -> Outcome {
    Outcome(first < second || second.isNaN && !first.isNaN, quantity: first - second)
  }

  /// Whether a student has converged, and its TVD.
  static func converged(_ record: EpochRecord) -> Outcome {
    Outcome(
      record.totalVariation < Trajectory.convergenceThreshold, quantity: record.totalVariation)
  }
}

/// Running statistics of the outcomes of many seeds in one cell.
struct Tally: Sendable {
  private(set) var seeds = 0
  private(set) var hits = 0
  private(set) var mean = 0.0
  /// The sum of squared deviations from the mean.
  private var squares = 0.0
  private var probed = 0
  private var chaotic = 0

  /// Adds a seed (Welford, Technometrics 4, 1962).
  mutating func add(_ outcome: Outcome) {
    seeds += 1
    if outcome.holds { hits += 1 }
    let deviation = outcome.quantity - mean
    mean += deviation / Double(seeds)
    squares += deviation * (outcome.quantity - mean)
    guard let isChaotic = outcome.isChaotic else { return }
    probed += 1
    if isChaotic { chaotic += 1 }
  }

  /// The sample standard deviation, n − 1 in the denominator.
  var standardDeviation: Double { (squares / Double(seeds - 1)).squareRoot() }

  /// The share of chaotic seeds among the probed ones; nil if none was probed.
  var chaos: Double? { probed > 0 ? Double(chaotic) / Double(probed) : nil }
}
