// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimFiles
internal import KLSimNumerics

/// A quantity that figures draw.
struct Measure: Equatable {
  /// The column of the records.
  let column: String
  /// What its numbers are multiplied by.
  var factor = 1.0
  let caption: Caption

  static let head = Measure(
    column: "head_error",
    caption: Caption(markup: "head error, Σ_{head} |p − q|", plain: "head error"))
  static let tail = Measure(
    column: "tail_error",
    caption: Caption(markup: "tail error, Σ_{tail} |p − q|", plain: "tail error"))
  /// Twice the total variation distance.
  static let total = Measure(
    column: "tvd", factor: 2,
    caption: Caption(markup: "total error, Σ |p − q|", plain: "total error"))
  static let forward = Measure(
    column: "fkl", caption: Caption(markup: "KL(p‖q) / nats", plain: "KL(p‖q)"))
  static let reverse = Measure(
    column: "rkl", caption: Caption(markup: "KL(q‖p) / nats", plain: "KL(q‖p)"))

  /// A part of the error.
  init(_ part: FigureOptions.ErrorPart) {
    self =
      switch part {
      case .head: .head
      case .tail: .tail
      case .total: .total
      }
  }

  private init(column: String, factor: Double = 1, caption: Caption) {
    (self.column, self.factor, self.caption) = (column, factor, caption)
  }
}

/// Medians of measures, and the bands that hold 90 %, over seeds and contexts.
struct MedianCurves {
  /// The distribution at one place of the horizontal axis.
  struct Point: Equatable {
    let x: Double
    let low: Double
    let median: Double
    let high: Double
  }

  /// The columns that may be read as numbers.
  static let numbers: Set<String> = [
    "head_error", "tail_error", "tvd", "fkl", "rkl", "seeds", "q05", "median", "q95",
  ]

  let grouping: SeriesGrouping
  /// By series of the grouping and by measure: the points from left to right.
  let points: [[[Point]]]
  /// Whether bands are drawn: there is more than one number at a place, and few lines.
  let hasBand: Bool
  /// What medians are over, in words.
  private let samples: String
  private let isSingle: Bool

  /// Collects records, or records that were aggregated over seeds.
  ///
  /// - Parameters:
  ///   - table: the rows.
  ///   - options: the choices of the user.
  ///   - x: the column along which points stand.
  ///   - measures: the quantities.
  ///   - split: a column of which each value gets a panel.
  ///   - figure: the figure, for errors.
  /// - Throws: `InputError`, `FigureError`.
  init(
    _ table: Table, _ options: FigureOptions, along x: String, measures: [Measure],
    split: String? = nil, for figure: any Figure.Type
  ) throws {
    let isAggregate = table.kind == .aggregates
    let needed =
      isAggregate ? ["metric", "seeds", "q05", "median", "q95"] : ["seed"] + measures.map(\.column)
    try table.require(["objective", "epoch", x] + needed, for: figure)
    var table = try table.choosing(options)
    if isAggregate {
      table = try table.selecting(
        measures.map { Table.Selection(column: "metric", value: $0.column) })
    }
    let pooled = try table.pooledContexts(facet: options.facet)
    if !pooled.isEmpty { table = try table.withoutMeans() }
    grouping = try SeriesGrouping(
      table, apartFrom: Set([x, "seed", "metric"] + pooled), facet: options.facet, split: split)
    let point = grouping.keys + [x] + pooled
    points =
      try isAggregate && !pooled.isEmpty
      ? Self.collected(
        table, grouping, x,
        measures.map { measure in
          try Self.metric(measure, "median", of: table)
        }, single: point + ["metric"])
      : isAggregate
        ? Self.aggregated(table, grouping, x, measures, single: point + ["metric"])
        : Self.collected(
          table, grouping, x,
          measures.map { measure in
            try table.numbers(measure.column).map { $0 * measure.factor }
          }, single: point + ["seed"])
    guard points.joined().joined().contains(where: \.median.isFinite) else {
      throw table.malformed(
        "no finite number to show in \(measures.map(\.column).joined(separator: ", "))")
    }
    let counts =
      isAggregate
      ? Set(try table.integers("seeds")) : [try table.labels("seed").texts.count]
    let contexts = pooled.isEmpty ? 1 : try table.groups(by: pooled).count
    let words = [
      counts.count == 1 ? counts.first.map { $0 == 1 ? "one seed" : "\($0) seeds" } : "seeds",
      contexts > 1 ? "\(contexts) contexts" : nil,
    ]
    let isSingle = counts == [1] && contexts == 1
    samples = words.compactMap { $0 }.joined(separator: " × ")
    self.isSingle = isSingle
    hasBand = !isSingle && grouping.entries.count <= Line.maximumBands
  }

  /// Points of numbers, one a row and measure; NaN where a row has none of a measure.
  private static func collected(
    _ table: Table, _ grouping: SeriesGrouping, _ x: String, _ columns: [[Double?]],
    single: [String]
  ) throws -> [[[Point]]] {
    try table.requireSingles(
      table.groups(by: single), point: "\(single.joined(separator: ", "))")
    let places = try table.numbers(x)
    var rows = [[Double: [Int]]](repeating: [:], count: grouping.series.count)
    for row in 0..<table.rowCount {
      rows[grouping.seriesOfRow[row]][places[row], default: []].append(row)
    }
    return rows.map { rows in
      let places = rows.keys.sorted()
      return columns.map { column in
        places.compactMap { place in
          // NaN counts as worse than any number.
          let sample = rows[place, default: []].compactMap { column[$0] }.map {
            $0.isNaN ? .infinity : $0
          }
          guard let quantiles = Statistics.quantiles([0.05, 0.5, 0.95], of: sample) else {
            return nil
          }
          return Point(x: place, low: quantiles[0], median: quantiles[1], high: quantiles[2])
        }
      }
    }
  }

  /// The numbers of a metric in aggregated records, nil in the rows of others.
  private static func metric(
    _ measure: Measure, _ statistic: String, of table: Table
  ) throws -> [Double?] {
    let metric = try table.labels("metric")
    return zip(metric.codes, try table.numbers(statistic)).map { code, number in
      metric.texts[Int(code)] == measure.column ? number * measure.factor : nil
    }
  }

  /// Points of aggregated records.
  private static func aggregated(
    _ table: Table, _ grouping: SeriesGrouping, _ x: String, _ measures: [Measure],
    single: [String]
  ) throws -> [[[Point]]] {
    try table.requireSingles(
      table.groups(by: single), point: "\(single.joined(separator: ", "))")
    let places = try table.numbers(x)
    var points = [[[Point]]](
      repeating: measures.map { _ in [] }, count: grouping.series.count)
    for (index, measure) in measures.enumerated() {
      let (low, median, high) = try (
        metric(measure, "q05", of: table), metric(measure, "median", of: table),
        metric(measure, "q95", of: table)
      )
      for row in 0..<table.rowCount {
        guard let low = low[row], let median = median[row], let high = high[row] else { continue }
        points[grouping.seriesOfRow[row]][index].append(
          Point(x: places[row], low: low, median: median, high: high))
      }
    }
    return points.map { $0.map { $0.sorted { $0.x < $1.x } } }
  }

  /// The points of the entries of the key in a panel, of one measure.
  func points(in facet: Int, measure: Int) -> [[Point]] {
    grouping.places(in: facet).map { $0.map { points[$0][measure] } ?? [] }
  }

  /// A panel of a measure.
  func panel(
    _ facet: Int, measure: Int, title: Caption, x: Axis, y: Axis?
  ) -> LinePanels.Panel {
    let series = points(in: facet, measure: measure).map { points in
      LinePanels.Series(
        rows: points.map { [$0.x, $0.median] + (hasBand ? [$0.low, $0.high] : []) })
    }
    return LinePanels.Panel(title: title, series: series, x: x, y: y)
  }

  /// The axis of a measure in some panels.
  func axis(_ facets: some Sequence<Int>, measure: Int, scale: FigureOptions.Scale?) -> Axis? {
    Axis(
      facets.flatMap { points(in: $0, measure: measure).joined() }.flatMap {
        hasBand ? [$0.low, $0.median, $0.high] : [$0.median]
      }, scale: scale)
  }

  /// The condition and what is shown of the seeds, in words.
  ///
  /// - Parameter hasBand: whether bands are drawn.
  /// - Returns: the text.
  func text(hasBand: Bool) -> String {
    let statistic = isSingle ? "" : hasBand ? ": median and 5–95 % band" : ": median"
    return [grouping.condition.text, samples + statistic].filter { !$0.isEmpty }
      .joined(separator: " · ")
  }
}
