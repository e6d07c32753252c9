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
      ("places", .array(runsOfPlaces)),
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

  /// The places of successive rows, each with the number of rows that have it.
  private var runsOfPlaces: [JSON] {
    var runs: [(place: CellPlace, count: Int)] = []
    for place in places {
      if runs.last?.place == place {
        runs[runs.count - 1].count += 1
      } else {
        runs.append((place, 1))
      }
    }
    return runs.map { .array([.string($0.place.rawValue), JSON($0.count)]) }
  }

  /// The places that `runsOfPlaces` gave; nil if it is something else, or not of so many rows.
  private static func places(_ runs: [JSON], rows: Int) -> [CellPlace]? {
    var places: [CellPlace] = []
    for run in runs {
      guard let values = run.values, values.count == 2,
        let place = values[0].string.flatMap(CellPlace.init), let count = values[1].integer,
        (1...max(1, rows - places.count)).contains(count)
      else { return nil }
      places += [CellPlace](repeating: place, count: count)
    }
    return places.count == rows ? places : nil
  }

  /// The number of rows below the header of a table, which may have ends of lines in its texts.
  private static func rowCount(of table: [UInt8]) -> Int {
    var reader = CSVReader(path: "evidence", bytes: table)
    var count = -1
    while (try? reader.next()) != nil { count += 1 }
    return max(0, count)
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
      let places = record["places"]?.values.flatMap({
        Self.places($0, rows: Self.rowCount(of: table))
      }),
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
    self.places = places
    counts = Dictionary(
      uniqueKeysWithValues: Verdict.allCases.compactMap { verdict in
        cells[verdict.rawValue]?.integer.map { (verdict, $0) }
      })
  }
}
