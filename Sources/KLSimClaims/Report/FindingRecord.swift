// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
package import KLSimFiles
internal import KLSimNumerics

/// A finding as a value of JSON, without its table.
extension Finding {
  package var record: JSON {
    .object([
      ("published", .string(published.rawValue)),
      ("published_cells", JSON(publishedCount)),
      ("published_chaotic", JSON(publishedChaoticCount)),
      ("used_seeds", .array([usedSeeds.lowerBound, usedSeeds.upperBound].map { JSON($0) })),
      ("judgement", .string(judgement.rawValue)),
      ("boundaries", JSON(boundaries)),
      ("axes", JSON(axes)),
      (
        "headline",
        .object([
          ("words", .string(headline.words)), ("hits", JSON(headline.hits)),
          ("seeds", JSON(headline.seeds)), ("low", JSON(headline.share.low)),
          ("high", JSON(headline.share.high)),
        ])
      ),
      (
        "cells",
        .object(
          Verdict.allCases.compactMap { verdict in
            counts[verdict].map { (key: verdict.rawValue, value: JSON($0)) }
          })
      ),
    ])
  }

  /// A finding that was recorded; nil if the record is none.
  ///
  /// - Parameters:
  ///   - claim: the claim.
  ///   - seeds: the seeds that were available.
  ///   - record: what `record` gave.
  ///   - table: the table of all evidence.
  package init?<C: Claim>(_ claim: C, seeds: Range<UInt64>, record: JSON, table: [UInt8]) {
    func verdict(_ key: String) -> Judgement? {
      record[key]?.string.flatMap { Judgement(rawValue: $0) }
    }
    func texts(_ key: String) -> [String]? {
      record[key]?.values?.compactMap(\.string)
    }
    guard let published = verdict("published"), let judgement = verdict("judgement"),
      let publishedCount = record["published_cells"]?.integer,
      let chaoticCount = record["published_chaotic"]?.integer,
      let used = record["used_seeds"]?.values?.compactMap(\.integer), used.count == 2,
      used[0] <= used[1],
      let boundaries = texts("boundaries"), !boundaries.isEmpty, let axes = texts("axes"),
      let headline = record["headline"], let words = headline["words"]?.string,
      let hits = headline["hits"]?.integer,
      let asked = headline["seeds"]?.integer,
      let low = headline["low"]?.number,
      let high = headline["high"]?.number, let cells = record["cells"]
    else { return nil }
    self.claim = claim
    self.seeds = seeds
    self.published = published
    self.publishedCount = publishedCount
    publishedChaoticCount = chaoticCount
    usedSeeds = used[0]...used[1]
    self.judgement = judgement
    self.boundaries = boundaries
    self.headline = Headline(
      words: words, hits: hits, seeds: asked, share: ConfidenceInterval(low: low, high: high))
    self.axes = axes
    columns = Evidence<C.Cell>.columns(
      quantity: C.quantity, axes: Axes.all.filter { axes.contains($0.name) })
    self.table = table
    counts = Dictionary(
      uniqueKeysWithValues: Verdict.allCases.compactMap { verdict in
        cells[verdict.rawValue]?.integer.map { (verdict, $0) }
      })
  }
}
