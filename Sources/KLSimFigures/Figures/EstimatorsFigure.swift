// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
package import KLSimFiles

/// Bias and standard deviation of the gradients of signals, beside the length of the exact gradient.
package struct EstimatorsFigure: Figure {
  package static let name = "estimators"
  package static let summary =
    "bias and standard deviation of a sample's gradient by signal, beside the exact gradient"
    + " (estimates)"
  package static let numbers = SignalErrors.numbers
  package static let options: Set<FigureOptions.Name> = [.objectives, .facet, .scale]

  /// The share of a group's width that its bars take.
  private static let fill = 0.8

  let panels: LinePanels

  package init(_ table: Table, _ options: FigureOptions) throws {
    let errors = try SignalErrors(table, for: Self.self)
    let place = "place"
    // Panels are teachers, students and all else in which rows differ.
    let data = try MedianCurves(
      errors.table.with(place, .numbers(errors.table.numbers("samples").map { _ in 0 })), options,
      along: place, measures: [.bias, .sampleDeviation, .exactNorm],
      split: errors.table.keys.filter { $0 != table.subject }, for: Self.self)
    let groups = ["bias", "sample sd"]
    let count = Double(data.entries.count)
    let x = Axis(
      -0.5, Double(groups.count) - 0.3,
      named: groups.enumerated().map { Axis.Tic(text: $1, place: Double($0)) })
    let facets = data.grouping.facets.indices
    let norms = facets.map { facet in
      data.points(in: facet, measure: 2).joined().map(\.median).first { $0.isFinite }
    }
    // Of each panel and entry the bars: x, the height and, with a band, its two ends.
    let bars = facets.map { facet in
      data.entries.indices.map { entry in
        groups.indices.flatMap { group in
          data.points(in: facet, measure: group)[entry].map { point in
            [Double(group) + Self.fill * ((Double(entry) + 0.5) / count - 0.5), point.median]
              + (data.hasBand ? [point.low, point.high] : [])
          }
        }
      }
    }
    let heights = bars.joined().joined().flatMap { $0.dropFirst() }
    let y = Axis(heights + norms.compactMap { $0 }, scale: options.scale)
    panels = LinePanels(
      title: options.title ?? data.text(hasBand: data.hasBand),
      entries: Self.entries(of: data, errors),
      panels: facets.map { facet in
        var panel = LinePanels.Panel(
          title: Caption(data.grouping.facets[facet]),
          series: bars[facet].map { LinePanels.Series(rows: $0) }, x: x, y: y)
        panel.barWidth = Self.fill / count * 0.85
        panel.rule = norms[facet].map { LinePanels.Rule(y: $0, text: "‖∇L‖") }
        return panel
      }, xLabel: Caption(""), yLabel: Caption("length of a gradient"))
  }

  /// The key, which says where no bias is seen.
  private static func entries(
    of data: MedianCurves, _ errors: SignalErrors
  ) -> [LinePanels.Entry] {
    data.grouping.entries.map { entry in
      var entry = entry
      if errors.unbiased.contains(entry.objective) { entry.detail = " (no bias seen)" }
      return entry
    }
  }

  package var size: (width: Int, height: Int) { panels.size }

  package func draw(in script: inout Script) throws { try panels.draw(in: &script) }
}
