// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore
internal import KLSimFiles
package import KLSimNumerics

/// The result of a claim.
public struct Finding: Sendable {
  /// The claim.
  public let claim: any Claim
  /// The seeds that were available.
  public let seeds: Range<UInt64>
  /// The verdict in the source's own setting.
  public let published: Judgement
  /// The number of cells of that setting, and of chaotic ones among them.
  public let (publishedCount, publishedChaoticCount): (Int, Int)
  /// The range of the numbers of seeds that covered cells were asked.
  public let usedSeeds: ClosedRange<Int>
  /// The verdict over the whole grid.
  public let judgement: Judgement
  /// Where the claim holds, in words: the source's setting first.
  public let boundaries: [String]
  /// The least favourable cell of the source's setting.
  public let headline: Headline
  /// The columns of the table of all evidence.
  public let columns: [Column]
  /// The names of the axes that tell its conditions apart.
  let axes: [String]
  /// The table of all evidence as CSV.
  package let table: [UInt8]
  /// What each row of the table counts for.
  package let places: [CellPlace]
  /// The number of covered cells by verdict.
  let counts: [Verdict: Int]

  /// The cell that represents a claim.
  public struct Headline: Sendable {
    /// Its condition and columns, in words.
    public let words: String
    /// The number of seeds for which the claim holds.
    public let hits: Int
    /// The number of seeds that were asked.
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
  ///   - seeds: the seeds that were available.
  ///   - evidence: the evidence of every cell.
  init<C: Claim>(_ claim: C, seeds: Range<UInt64>, evidence: [Evidence<C.Cell>]) {
    let covered = evidence.filter(claim.covers)
    let published = covered.filter(claim.isPublished)
    // A chaotic cell represents the claim only if all are.
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
    let axes = Condition.axes(of: evidence.map(\.condition))
    columns = Evidence<C.Cell>.columns(quantity: C.quantity, axes: axes)
    self.axes = axes.map { $0.name }
    table = RowFormat.csv.table(columns, rows: evidence.map { $0.values(on: axes) })
    places = evidence.map {
      claim.covers($0) ? claim.isPublished($0) ? .source : .grid : .beside
    }
    counts = covered.reduce(into: [:]) { $0[$1.verdict, default: 0] += 1 }
  }

  /// The number of covered cells with a verdict.
  public func count(_ verdict: Verdict) -> Int { counts[verdict, default: 0] }

  /// The number of covered cells.
  public var cellCount: Int { counts.values.reduce(0, +) }
}

/// What a cell counts for.
package enum CellPlace: String, Sendable {
  /// The source's own setting, and the grid.
  case source
  /// The grid.
  case grid
  /// Nothing: it is shown beside the covered cells.
  case beside
}
