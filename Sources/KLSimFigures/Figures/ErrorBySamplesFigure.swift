// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
package import KLSimFiles
internal import RealModule

/// The mean squared error of the gradient of a step against its samples, with the bias as its floor.
///
///     E ‖g − ∇L‖² = ‖E g − ∇L‖² + Var(g of one sample) / n
///
/// Where samples of a step depend on each other this does not hold, and only what is recorded is shown.
package struct ErrorBySamplesFigure: Figure {
  package static let name = "mse"
  package static let summary =
    "mean squared error of a step's gradient by samples a step, with the bias as its floor (estimates)"
  package static let numbers = SignalErrors.numbers
  package static let options: Set<FigureOptions.Name> = [.objectives, .facet]

  /// Points a decade.
  private static let density = 8
  private static let samples = "samples"

  let panels: LinePanels

  package init(_ table: Table, _ options: FigureOptions) throws {
    let errors = try SignalErrors(table, for: Self.self)
    var table = try errors.table.choosing(options)
    var options = options
    (options.objectives, options.epochs, options.window) = (nil, nil, nil)
    // Of one number of samples the formula gives the others; several are shown as they are.
    let isOfOne = try Set(table.numbers(Self.samples)).count == 1
    if isOfOne { table = try Self.extended(table) }
    let data = try MedianCurves(
      table, options, along: Self.samples, measures: [.gradientError, .squaredBias],
      split: errors.conditions, for: Self.self)
    let all = data.points.joined().joined().map(\.x)
    let (low, high) = (all.min() ?? 1, all.max() ?? 1)
    let x = Axis(low < high ? low : low / 2, low < high ? high : low * 2, isLogarithmic: true)
    let facets = data.grouping.facets.indices
    let y = data.axis(facets, measure: 0, scale: .log)
    panels = LinePanels(
      title: options.title ?? data.text(hasBand: data.hasBand),
      note: options.title == nil
        ? (isOfOne ? "circle: variance = bias² · " : "") + errors.precision : nil,
      entries: data.entries.map { entry in
        var entry = entry
        if isOfOne, errors.dependent.contains(entry.objective) {
          entry.detail += " (as recorded)"
        }
        return entry
      },
      panels: facets.map { facet in
        var panel = data.panel(
          facet, measure: 0, title: Caption(data.grouping.facets[facet]), x: x, y: y)
        if isOfOne { panel.marks = Self.marks(data, facet) }
        return panel
      }, xLabel: Caption("samples a step"), yLabel: Measure.gradientError.caption)
  }

  /// The same rows at 1 to at least 10,000 samples, and ten times as many as the largest number at which
  /// the variance equals the bias²; rows without the variance of a sample as they are.
  private static func extended(_ table: Table) throws -> Table {
    let floors = try table.numbers(Measure.squaredBias.column).map(Measure.squaredBias.value)
    let variances = try table.numbers("sample_variance")
    let worthwhile = zip(variances, floors).map { $0 / $1 }.filter(\.isFinite).max() ?? 0
    let decades = min(max(4, Double.log10(worthwhile).rounded(.up) + 1), 9)
    let counts = (0...Int(decades) * density).map { Double.exp10(Double($0) / Double(density)) }
    let recorded = try table.numbers(samples)
    let errors = try table.numbers(Measure.gradientError.column)
    let points = floors.indices.flatMap { row in
      variances[row].isNaN
        ? [(row: row, samples: recorded[row], error: errors[row])]
        : counts.map { (row: row, samples: $0, error: floors[row] + variances[row] / $0) }
    }
    return table.rows(points.map(\.row))
      .with(samples, .numbers(points.map(\.samples)))
      .with(Measure.gradientError.column, .numbers(points.map(\.error)))
  }

  /// Where the variance has fallen to the bias².
  private static func marks(
    _ data: MedianCurves, _ facet: Int
  ) -> [(x: Double, y: Double, entry: Int)] {
    let floors = data.points(in: facet, measure: 1)
    return data.points(in: facet, measure: 0).enumerated().compactMap { entry, points in
      guard let floor = floors[entry].first?.median, floor > 0, let first = points.first,
        let last = points.last, points.count > 1
      else { return nil }
      let samples = (first.median - floor) * first.x / floor
      return (first.x...last.x).contains(samples) ? (samples, 2 * floor, entry) : nil
    }
  }

  package var size: (width: Int, height: Int) { panels.size }

  package func draw(in script: inout Script) throws { try panels.draw(in: &script) }
}
