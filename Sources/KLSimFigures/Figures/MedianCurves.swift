// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimFiles
internal import KLSimNumerics
internal import RealModule

/// A quantity that figures draw.
struct Measure: Equatable {
  /// The column of the records.
  let column: String
  /// The power of its numbers that is shown, and what they are multiplied by then.
  var exponent = 1.0
  var factor = 1.0
  let caption: Caption
  /// Whether a logarithmic axis shows where it is 0.
  var showsZero = false

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

  static let sequenceHead = Measure(
    column: "head_error",
    caption: Caption(
      markup: "head error at prefixes of p, Σ_{head} |p − q|", plain: "head error"))
  static let sequenceTail = Measure(
    column: "tail_error",
    caption: Caption(
      markup: "tail error at prefixes of p, Σ_{tail} |p − q|", plain: "tail error"))
  static let sequenceTotal = Measure(
    column: "seq_tvd", factor: 2,
    caption: Caption(markup: "total error, Σ_{y} |p − q|", plain: "total error"))
  static let sequenceForward = Measure(
    column: "seq_fkl",
    caption: Caption(markup: "KL(p‖q) of sequences / nats", plain: "sequence KL(p‖q)"),
    showsZero: true)
  static let sequenceReverse = Measure(
    column: "seq_rkl",
    caption: Caption(markup: "KL(q‖p) of sequences / nats", plain: "sequence KL(q‖p)"),
    showsZero: true)
  static let voidMass = Measure(
    column: "void_mass",
    caption: Caption(markup: "void mass, q of y with p(y) < uniform/100", plain: "void mass"),
    showsZero: true)
  static let entropy = Measure(
    column: "entropy", caption: Caption(markup: "entropy of a token of q / nats", plain: "entropy"))

  /// A part of the error: of tokens, or in total of sequences where students are of these.
  init(_ part: FigureOptions.ErrorPart, in table: Table) {
    self =
      switch part {
      case .head: table.isOfSequences ? .sequenceHead : .head
      case .tail: table.isOfSequences ? .sequenceTail : .tail
      case .total: table.isOfSequences ? .sequenceTotal : .total
      }
  }

  init(
    column: String, exponent: Double = 1, factor: Double = 1, caption: Caption,
    showsZero: Bool = false
  ) {
    (self.column, self.exponent, self.factor, self.caption) = (column, exponent, factor, caption)
    self.showsZero = showsZero
  }

  /// What is shown of a number; NaN counts as worse than any number.
  func value(_ number: Double) -> Double {
    guard !number.isNaN else { return .infinity }
    return factor * (exponent == 1 ? number : .pow(number, exponent))
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
    "seq_fkl", "seq_rkl", "seq_tvd", "void_mass", "entropy",
  ]

  /// How the numbers around a median are drawn.
  enum Spread: String {
    case band
    case errorBars = "error bars"

    /// Beyond how many lines they would hide each other; the bands of signals are wide.
    func maximum(in table: Table) -> Int {
      self == .errorBars ? .max : table.isOfSequences ? 4 : Line.maximumBands
    }
  }

  let grouping: SeriesGrouping
  /// The key, which says from where on nothing is finite.
  let entries: [LinePanels.Entry]
  /// By series of the grouping and by measure: the points from left to right.
  let points: [[[Point]]]
  /// Whether bands are drawn: there is more than one number at a place, and few lines.
  let hasBand: Bool
  /// What medians are over, in words.
  private let samples: String
  private let isSingle: Bool
  private let spread: Spread
  private let measures: [Measure]

  /// Collects records, or records that were aggregated over seeds.
  ///
  /// - Parameters:
  ///   - table: the rows.
  ///   - options: the choices of the user.
  ///   - x: the column along which points stand.
  ///   - measures: the quantities.
  ///   - split: columns of which each value gets a panel.
  ///   - hidden: columns on which the measures do not depend.
  ///   - spread: how the numbers around medians are drawn.
  ///   - figure: the figure, for errors.
  /// - Throws: `InputError`, `FigureError`.
  init(
    _ table: Table, _ options: FigureOptions, along x: String, measures: [Measure],
    split: [String] = [], hidden: [String] = [], spread: Spread = .band,
    for figure: any Figure.Type
  ) throws {
    (self.spread, self.measures) = (spread, measures)
    let isAggregate = table.kind == .aggregates
    let needed =
      isAggregate ? ["metric", "seeds", "q05", "median", "q95"] : ["seed"] + measures.map(\.column)
    try table.require([table.subject, "epoch", x] + needed, for: figure)
    var table = try table.choosing(options)
    if isAggregate {
      table = try table.selecting(
        measures.map { Table.Selection(column: "metric", value: $0.column) })
    }
    let pooled: [String]
    (table, pooled) = try table.poolingContexts(facet: options.facet)
    grouping = try SeriesGrouping(
      table, apartFrom: Set([x, "seed", "metric"] + pooled + hidden), facet: options.facet,
      split: split)
    let keys = grouping.keys + [x] + pooled + [isAggregate ? "metric" : "seed"]
    try table.requireSingles(table.groups(by: keys), point: keys.joined(separator: ", "))
    let points = try Self.points(
      grouping, at: table.numbers(x), measures.map { try Numbers($0, of: table) })
    self.points = points
    entries = Self.entries(of: grouping, points, along: x)
    guard points.joined().joined().contains(where: \.median.isFinite) else {
      throw table.malformed(
        "no finite number to show in \(measures.map(\.column).joined(separator: ", "))")
    }
    let counts =
      isAggregate
      ? Set(try table.integers("seeds")) : [try table.labels("seed").texts.count]
    let contexts = pooled.isEmpty ? 1 : try table.withoutMeans().groups(by: pooled).count
    let words = [
      counts.count == 1 ? counts.first.map { $0 == 1 ? "one seed" : "\($0) seeds" } : "seeds",
      contexts > 1 ? "\(contexts) contexts" : nil,
    ]
    let isSingle = counts == [1] && contexts == 1
    samples = words.compactMap { $0 }.joined(separator: " × ")
    self.isSingle = isSingle
    hasBand = !isSingle && grouping.entries.count <= spread.maximum(in: table)
  }

  private static func entries(
    of grouping: SeriesGrouping, _ points: [[[Point]]], along x: String
  ) -> [LinePanels.Entry] {
    let panels = grouping.facets.indices.map { grouping.places(in: $0) }
    return grouping.entries.enumerated().map { index, entry in
      // By panel, the places where some measure is finite, and those where none is.
      let places = panels.compactMap { $0[index] }.map { series in
        let all = points[series].joined()
        let finite = Set(all.filter(\.median.isFinite).map(\.x))
        return (finite: finite, others: Set(all.map(\.x)).subtracting(finite))
      }
      guard let first = places.flatMap(\.others).min() else { return entry }
      let isAll = !places.contains { $0.finite.contains { $0 >= first } }
      let isLast = places.flatMap(\.others).max() == first
      var entry = entry
      entry.detail =
        " (\(isAll ? "" : "in part ")not finite \(isLast ? "at" : "from")"
        + " \(Axes.words(x, first.description)))"
      return entry
    }
  }

  /// The numbers of a measure, one a row; nil in the rows of other metrics.
  private struct Numbers {
    let low: [Double?]
    let median: [Double?]
    let high: [Double?]

    init(_ measure: Measure, of table: Table) throws {
      func column(_ name: String) throws -> [Double?] {
        try table.numbers(name).map(measure.value)
      }
      guard table.kind == .aggregates else {
        median = try column(measure.column)
        (low, high) = (median, median)
        return
      }
      let metric = try table.labels("metric")
      func statistic(_ name: String) throws -> [Double?] {
        zip(metric.codes, try column(name)).map {
          metric.texts[Int($0)] == measure.column ? $1 : nil
        }
      }
      (low, median, high) = try (statistic("q05"), statistic("median"), statistic("q95"))
    }

    /// What rows of one place say together: of several medians their quantiles.
    func point(_ rows: [Int], x: Double) -> Point? {
      let rows = rows.filter { median[$0] != nil }
      let quantiles =
        rows.count == 1
        ? [low, median, high].compactMap { $0[rows[0]] }
        : Statistics.quantiles([0.05, 0.5, 0.95], of: rows.compactMap { median[$0] })
      return quantiles.map { Point(x: x, low: $0[0], median: $0[1], high: $0[2]) }
    }
  }

  private static func points(
    _ grouping: SeriesGrouping, at places: [Double], _ measures: [Numbers]
  ) -> [[[Point]]] {
    var rows = [[Double: [Int]]](repeating: [:], count: grouping.series.count)
    for (row, place) in places.enumerated() {
      rows[grouping.seriesOfRow[row]][place, default: []].append(row)
    }
    return rows.map { rows in
      let places = rows.sorted { $0.key < $1.key }
      return measures.map { measure in
        places.compactMap { measure.point($0.value, x: $0.key) }
      }
    }
  }

  /// The points of the entries of the key in a panel, of one measure.
  func points(in facet: Int, measure: Int) -> [[Point]] {
    grouping.places(in: facet).map { $0.map { points[$0][measure] } ?? [] }
  }

  /// A panel of a measure, in which an entry stands by `dodge` right of the one before.
  func panel(
    _ facet: Int, measure: Int, title: Caption, x: Axis, y: Axis?, dodge: Double = 0
  ) -> LinePanels.Panel {
    let series = points(in: facet, measure: measure).enumerated().map { entry, points in
      let shift = dodge * (Double(entry) - Double(entries.count - 1) / 2)
      return LinePanels.Series(
        rows: points.map { [$0.x + shift, $0.median] + (hasBand ? [$0.low, $0.high] : []) })
    }
    var panel = LinePanels.Panel(title: title, series: series, x: x, y: y)
    if spread == .errorBars { panel.style = .linesWithErrorBars }
    return panel
  }

  /// The axis of a measure in some panels.
  func axis(_ facets: some Sequence<Int>, measure: Int, scale: FigureOptions.Scale?) -> Axis? {
    Axis(
      facets.flatMap { points(in: $0, measure: measure).joined() }.flatMap {
        hasBand ? [$0.low, $0.median, $0.high] : [$0.median]
      }, scale: scale, showsZero: measures[measure].showsZero)
  }

  /// The condition and what is shown of the seeds, in words.
  ///
  /// - Parameter hasBand: whether bands are drawn.
  /// - Returns: the text.
  func text(hasBand: Bool) -> String {
    let statistic = isSingle ? "" : hasBand ? ": median and 5–95 % \(spread.rawValue)" : ": median"
    return [grouping.condition.text, samples + statistic].filter { !$0.isEmpty }
      .joined(separator: " · ")
  }
}
