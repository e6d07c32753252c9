// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore
package import KLSimNumerics

/// What came out of a claim.
public struct Finding: Sendable {
  /// The claim.
  public let claim: any Claim
  /// The seeds that could be asked.
  public let seeds: Range<UInt64>
  /// In the source's own setting.
  public let published: Judgement
  /// How many cells that setting has, and how many of them are chaotic.
  public let (publishedCount, publishedChaoticCount): (Int, Int)
  /// The fewest and the most seeds of a covered cell.
  public let usedSeeds: ClosedRange<Int>
  /// Over the whole grid.
  public let judgement: Judgement
  /// Where the claim holds, in words: the source's setting first.
  public let boundaries: [String]
  /// The share of seeds in the cell that stands for the claim: of the published ones the least
  /// favourable.
  public let headline: Headline
  /// The columns of the table of all evidence.
  public let columns: [Column]
  /// The values of all evidence, in order.
  let rows: [[Value]]
  private let counts: [Verdict: Int]

  /// The cell that stands for a claim.
  public struct Headline: Sendable {
    /// Which cell it is, in words.
    public let words: String
    /// For how many seeds the claim holds in it.
    public let hits: Int
    /// How many seeds were asked.
    public let seeds: Int
    /// The interval of the share.
    package let share: ConfidenceInterval

    /// The share of seeds for which the claim holds.
    public var observedShare: Double { Double(hits) / Double(seeds) }
  }

  /// Judges the evidence of a claim.
  ///
  /// - Parameters:
  ///   - claim: the claim.
  ///   - seeds: the seeds that could be asked.
  ///   - evidence: what they said.
  init<C: Claim>(_ claim: C, seeds: Range<UInt64>, evidence: [Evidence<C.Cell>]) {
    let covered = evidence.filter(claim.covers)
    let published = covered.filter(claim.isPublished)
    // A chaotic cell stands for the claim only where all are.
    let calm = published.filter { $0.verdict != .chaotic }
    guard
      let least = (calm.isEmpty ? published : calm).min(by: {
        ($0.observedShare, $0.share.low) < ($1.observedShare, $1.share.low)
      })
    else {
      preconditionFailure("\(C.name) has no cell in its source's setting")
    }
    self.claim = claim
    self.seeds = seeds
    self.published = Judgement(published.map(\.verdict))
    publishedCount = published.count
    publishedChaoticCount = published.count { $0.verdict == .chaotic }
    let used = covered.map(\.seeds)
    usedSeeds = (used.min() ?? 0)...(used.max() ?? 0)
    judgement = Judgement(covered.map(\.verdict))
    boundaries = claim.boundaries(evidence)
    headline = Headline(
      words: Words.name(of: least), hits: least.hits, seeds: least.seeds, share: least.share)
    columns = Evidence<C.Cell>.columns(quantity: C.quantity)
    rows = evidence.map(\.values)
    counts = covered.reduce(into: [:]) { $0[$1.verdict, default: 0] += 1 }
  }

  /// How many of the cells the claim covers have a verdict.
  public func count(_ verdict: Verdict) -> Int { counts[verdict, default: 0] }

  /// How many cells the claim covers.
  public var cellCount: Int { counts.values.reduce(0, +) }
}
