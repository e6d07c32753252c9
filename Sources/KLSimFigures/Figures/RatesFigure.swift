// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimFiles

/// The error after some epochs against the learning rate, with the best rate of each objective.
package struct RatesFigure: Figure {
  package static let name = "rates"
  package static let summary =
    "the error after some epochs by learning rate, the best marked (records of several rates)"
  package static let numbers = MedianCurves.numbers
  package static let options: Set<FigureOptions.Name> = [.objectives, .error, .facet, .scale]

  /// The number of epochs unless they are chosen.
  private static let defaultEpochCount = 4

  let panels: LinePanels

  package init(_ table: Table, _ options: FigureOptions) throws {
    try table.require(["learning_rate", "epoch"], for: Self.self)
    let measure = Measure(options.error ?? .total, in: table)
    var options = options
    var note = "circle: best rate"
    if options.epochs == nil {
      let (shown, count) = try Self.epochs(of: table, options)
      options.epochs = shown
      if shown.count == 1, count > 1 { note += " · after the last of \(count) epochs" }
    }
    let data = try MedianCurves(
      table, options, along: "learning_rate", measures: [measure], split: ["epoch"], for: Self.self)
    let rates = data.points.joined().joined().map(\.x)
    guard let low = rates.min(), let high = rates.max(), low < high else {
      throw FigureError(
        description: "the figure 'rates' shows how the error depends on the learning rate, and"
          + " there is one only: record several",
        remedy: .recordRates([0.02, 0.05, 0.1, 0.2]))
    }
    let x = low > 0 ? Axis(low / 1.1, high * 1.1, isLogarithmic: true) : Axis(low, high)
    let facets = data.grouping.facets.indices
    let y = data.axis(facets, measure: 0, scale: options.scale)
    panels = LinePanels(
      title: options.title ?? data.text(hasBand: data.hasBand),
      note: options.title == nil ? note : nil,
      entries: data.entries,
      panels: facets.map { facet in
        var panel = data.panel(
          facet, measure: 0, title: Caption(data.grouping.facets[facet]), x: x, y: y)
        panel.marks = data.points(in: facet, measure: 0).enumerated().compactMap { entry, points in
          Self.best(points).map { ($0.x, $0.median, entry) }
        }
        return panel
      }, xLabel: Caption("learning rate"), yLabel: measure.caption)
  }

  /// The epochs of the panels: some, all if each gets a panel, or the last one where panels show other
  /// conditions; and how many there are to choose from.
  private static func epochs(
    of table: Table, _ options: FigureOptions
  ) throws -> (shown: [Double], count: Int) {
    let table = try table.choosing(options)
    // At epoch 0 no step has been made.
    let after = Set(try table.epochs()).filter { $0 > 0 }.sorted()
    if options.facet == "epoch" { return (after, after.count) }
    let shown: Set = [
      table.subject, "learning_rate", "epoch", "seed", "metric", "context", "context_label",
    ]
    let isAlone =
      try options.facet == nil && KeySummary(of: table, apartFrom: shown).varying.isEmpty
    return (
      isAlone ? SnapshotsData.spread(after, maximum: defaultEpochCount) : after.suffix(1),
      after.count
    )
  }

  /// The point with the least median, nil if none is finite; of equal ones that at the lowest rate.
  static func best(_ points: [MedianCurves.Point]) -> MedianCurves.Point? {
    points.filter { $0.median.isFinite }.min { $0.median < $1.median }
  }

  package var size: (width: Int, height: Int) { panels.size }

  package func draw(in script: inout Script) throws { try panels.draw(in: &script) }
}
