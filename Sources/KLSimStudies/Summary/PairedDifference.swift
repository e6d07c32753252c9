// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// How the values of one sample differ from those of another, pair by pair.
struct PairedDifference: Sendable {
  /// The number of pairs.
  let count: Int
  /// The number of pairs in which the first value is lower, and in which it is higher, beyond rounding.
  let (lower, higher): (Int, Int)
  /// The median of each sample.
  let medians: (first: Double, second: Double)
  /// The median of first minus second.
  let median: Double
  /// The distribution-free interval of that median; nil if there are too few pairs.
  let interval: ConfidenceInterval?
  /// The two-sided p value of the sign test.
  let p: Double
  /// Whether the first is lower in more than half of all pairs there could be: true if the
  /// Clopper-Pearson interval of its share lies above one half, false if that of the second does; nil if
  /// neither.
  let isLower: Bool?
  private let confidence: Double

  /// Compares two samples.
  ///
  /// - Parameters:
  ///   - first: values without NaN, at least one; infinite ones are allowed.
  ///   - second: their partners.
  ///   - confidence: of the intervals, in (0, 1).
  init(_ first: [Double], _ second: [Double], confidence: Double) {
    self.confidence = confidence
    let pairs = zip(first, second)
    count = first.count
    lower = pairs.count { $0 < $1 && Rounding.differ($0, $1) }
    higher = pairs.count { $0 > $1 && Rounding.differ($0, $1) }
    medians = (
      Statistics.quantile(0.5, of: first) ?? .nan, Statistics.quantile(0.5, of: second) ?? .nan
    )
    // The difference of two infinite values is not a number, but they are equal.
    let differences = pairs.map { $0 == $1 ? 0 : $0 - $1 }.sorted()
    median = Statistics.quantile(0.5, of: differences) ?? .nan
    interval = .median(ofSorted: differences, confidence: confidence)
    p = SignTest.p(negative: lower, positive: higher)
    // An interval lies above one half if so many hits or more are unlikely at a probability of one half.
    let isAboveHalf = [lower, higher].map { [count] hits in
      SignTest.probability(ofAtMost: count - hits, among: count) < (1 - confidence) / 2
    }
    isLower = isAboveHalf[0] ? true : isAboveHalf[1] ? false : nil
  }

  /// The share of pairs in which the first value is lower.
  var lowerShare: Double { Double(lower) / Double(count) }

  /// The Clopper-Pearson interval of that share.
  ///
  /// - Throws: `StatisticsError` if GSL finds no quantile.
  var share: ConfidenceInterval {
    get throws(StatisticsError) {
      try .share(hits: lower, of: count, confidence: confidence)
    }
  }

  /// The fewest pairs from which a lead can follow: those that suffice if all agree.
  ///
  /// - Parameters:
  ///   - confidence: of the interval.
  ///   - family: for how many p values the p value is adjusted.
  /// - Returns: at least 1.
  static func fewestPairs(confidence: Double, family: Int = 1) -> Int {
    var (pairs, tail) = (1, 0.5 * Double(family))
    while tail >= (1 - confidence) / 2 { (pairs, tail) = (pairs + 1, tail / 2) }
    return pairs
  }
}
