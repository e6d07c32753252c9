// SPDX-License-Identifier: GPL-3.0-or-later

/// What one seed says in one cell: whether the predicate holds, and by how much.
public struct Outcome: Equatable, Sendable {
  /// Whether the predicate holds.
  public let holds: Bool
  /// The quantity whose mean is reported; NaN where it does not exist for this seed.
  public let quantity: Double
  /// Whether a start that differs in the last digit changes the outcome, or moves the student by more
  /// than `Trajectory.convergenceThreshold` in TVD; nil if it was not tried.
  public internal(set) var isChaotic: Bool?

  /// An outcome.
  public init(_ holds: Bool, quantity: Double) {
    self.holds = holds
    self.quantity = quantity
  }

  /// Whether the first of a pair is the smaller, and the difference; not a number loses.
  static func smaller(_ first: Double, than second: Double) -> Outcome {
    Outcome(first < second || second.isNaN && !first.isNaN, quantity: first - second)
  }
}

/// The outcomes of many seeds in one cell, summed up one after the other.
struct Tally: Sendable {
  private(set) var seeds = 0
  private(set) var hits = 0
  private(set) var mean = 0.0
  /// The sum of squared deviations from the mean.
  private var squares = 0.0
  /// How many seeds were fitted a second time, and how many of these are chaotic.
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

  /// The sample's standard deviation, with n − 1 in the denominator.
  var standardDeviation: Double { (squares / Double(seeds - 1)).squareRoot() }

  /// The share of chaotic seeds among those fitted a second time; nil if none was.
  var chaos: Double? { probed > 0 ? Double(chaotic) / Double(probed) : nil }
}
