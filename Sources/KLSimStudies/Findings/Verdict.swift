// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// What the seeds say of a predicate under one condition.
public enum Verdict: String, Sendable, CaseIterable {
  /// The lower bound of the share of seeds is at least 0.95.
  case holds
  /// The upper bound is at most 0.05.
  case fails
  /// Neither.
  case mixed

  /// The verdict of a share's interval.
  public init(_ share: ConfidenceInterval) {
    self = share.low >= 0.95 ? .holds : share.high <= 0.05 ? .fails : .mixed
  }

  /// The fewest seeds from which anything but `mixed` can follow: those that suffice if all agree.
  public static var fewestSeeds: Int {
    get throws(StatisticsError) {
      var seeds = 1
      while Verdict(try .share(hits: seeds, of: seeds)) != .holds { seeds += 1 }
      return seeds
    }
  }

  /// What is to be said of so many seeds, nil if they are enough.
  ///
  /// - Throws: `StatisticsError` if GSL cannot say how many are.
  public static func caution(seeds: Int) throws -> String? {
    let fewest = try fewestSeeds
    guard seeds < fewest else { return nil }
    return
      "fewer than \(fewest) seeds decide nothing: every cell is mixed and every claim depends, even"
      + " where all seeds agree"
  }
}

/// What all conditions together say of a claim.
public enum Judgement: String, Sendable, CaseIterable {
  /// It holds in every cell that it speaks of.
  case holds
  /// It fails in every one.
  case fails
  /// It depends on the cell.
  case depends

  /// The judgement of the cells a claim speaks of.
  public init(_ verdicts: some Sequence<Verdict>) {
    let distinct = Set(verdicts)
    self = distinct == [.holds] ? .holds : distinct == [.fails] ? .fails : .depends
  }
}
