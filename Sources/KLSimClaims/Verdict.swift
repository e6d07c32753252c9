// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// The verdict of the seeds on one cell.
public enum Verdict: String, Sendable, CaseIterable {
  /// The lower bound of the share of seeds is at least 0.95.
  case holds
  /// The upper bound is at most 0.05.
  case fails
  /// Neither.
  case mixed
  /// More than 5 % of the probed runs are chaotic: rounding decides their outcome.
  case chaotic

  /// The verdict of a share's interval.
  ///
  /// - Parameters:
  ///   - share: the interval of the share of seeds for which the predicate holds.
  ///   - chaos: the share of chaotic runs; nil if none was probed.
  package init(_ share: ConfidenceInterval, chaos: Double? = nil) {
    self =
      if chaos ?? 0 > Self.low {
        .chaotic
      } else if share.low >= Self.high {
        .holds
      } else {
        share.high <= Self.low ? .fails : .mixed
      }
  }

  private static let high = 0.95
  private static let low = 0.05
  /// The confidence at which a cell needs no more seeds.
  private static let earlyConfidence = 0.995

  /// Whether more seeds would hardly change the verdict: the share lies above 0.95, below 0.05 or
  /// between the two with 99.5 % confidence.
  static func isDecided(hits: Int, of seeds: Int) throws(StatisticsError) -> Bool {
    let share = try ConfidenceInterval.share(
      hits: hits, of: seeds, confidence: earlyConfidence)
    return Verdict(share) != .mixed || share.low > low && share.high < high
  }

  /// The smallest number of seeds that can give another verdict than `mixed`: enough if all agree.
  public static var fewestSeeds: Int {
    get throws(StatisticsError) {
      var seeds = 1
      while Verdict(try .share(hits: seeds, of: seeds)) != .holds { seeds += 1 }
      return seeds
    }
  }

  /// A warning of too few seeds, nil if there are enough.
  ///
  /// - Throws: `StatisticsError` if GSL fails.
  public static func caution(seeds: Int) throws -> String? {
    let fewest = try fewestSeeds
    guard seeds < fewest else { return nil }
    return
      "fewer than \(fewest) seeds decide nothing: every cell is mixed and every claim depends, even"
      + " where all seeds agree"
  }
}

/// The joint verdict of several cells on a claim.
public enum Judgement: String, Sendable, CaseIterable {
  /// It holds in every cell.
  case holds
  /// It fails in every one.
  case fails
  /// It depends on the cell.
  case depends

  /// The judgement of some cells; chaotic ones are left out.
  public init(_ verdicts: some Sequence<Verdict>) {
    let distinct = Set(verdicts).subtracting([.chaotic])
    self = distinct == [.holds] ? .holds : distinct == [.fails] ? .fails : .depends
  }
}
