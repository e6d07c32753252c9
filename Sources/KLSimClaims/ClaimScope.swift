// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// Which cells a claim's two verdicts are about.
struct ClaimScope<Cell: ClaimCell>: Sendable {
  /// Whether the verdict over the grid is about a cell.
  let covers: @Sendable (Evidence<Cell>) -> Bool
  /// Whether a covered cell is of the source's own setting.
  let isPublished: @Sendable (Evidence<Cell>) -> Bool

  init(_ claim: some Claim<Cell>) {
    covers = { claim.covers($0) }
    isPublished = { claim.isPublished($0) }
  }
}

/// A cell on the way to its verdict.
struct JudgedCell: Sendable {
  /// Which trial it is of.
  let trial: Int
  let verdict: Verdict
  let isCovered: Bool
  let isPublished: Bool
  /// Whether more seeds would hardly change the verdict.
  let isDecided: Bool

  init<Cell>(
    _ evidence: Evidence<Cell>, in scope: ClaimScope<Cell>, trial: Int,
    _ intervals: inout ShareIntervals
  ) throws(StatisticsError) {
    self.trial = trial
    verdict = evidence.verdict
    isCovered = scope.covers(evidence)
    isPublished = isCovered && scope.isPublished(evidence)
    isDecided = evidence.verdict == .chaotic ? true : try intervals.decides(evidence)
  }

  /// The trials that need more seeds.
  ///
  /// - Parameters:
  ///   - cells: all cells.
  ///   - isEarly: whether every undecided cell counts, not only those on which a verdict hangs.
  /// - Returns: the places of the trials.
  static func openTrials(_ cells: [JudgedCell], isEarly: Bool) -> Set<Int> {
    let covered = cells.filter(\.isCovered)
    let published = covered.filter(\.isPublished)
    let counted =
      isEarly || !isSettled(covered) ? covered : isSettled(published) ? [] : published
    return Set(counted.filter { !$0.isDecided }.map(\.trial))
  }

  /// Whether the judgement of some cells is what it will be: all are decided, or two differ.
  private static func isSettled(_ cells: [JudgedCell]) -> Bool {
    let decided = Set(cells.filter { $0.isDecided && $0.verdict != .chaotic }.map(\.verdict))
    return cells.allSatisfy(\.isDecided) || decided.contains(.mixed) || decided.count > 1
  }
}

/// Intervals of shares, each worked out once: cells have equally many seeds, and many as many hits.
struct ShareIntervals {
  private struct Key: Hashable {
    let hits: Int
    let seeds: Int
  }

  private var shares: [Key: ConfidenceInterval] = [:]
  private var decisions: [Key: Bool] = [:]

  /// The interval of a share of seeds.
  mutating func share(_ tally: Tally) throws(StatisticsError) -> ConfidenceInterval {
    let key = Key(hits: tally.hits, seeds: tally.seeds)
    if let known = shares[key] { return known }
    let share = try ConfidenceInterval.share(hits: tally.hits, of: tally.seeds)
    shares[key] = share
    return share
  }

  /// Whether more seeds would hardly change a verdict.
  mutating func decides<Cell>(_ evidence: Evidence<Cell>) throws(StatisticsError) -> Bool {
    let key = Key(hits: evidence.hits, seeds: evidence.seeds)
    if let known = decisions[key] { return known }
    let decision = try Verdict.isDecided(hits: evidence.hits, of: evidence.seeds)
    decisions[key] = decision
    return decision
  }
}
