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
  private static let groups = ["bias", "sample sd"]
  private static let place = "place"

  let panels: LinePanels

  package init(_ table: Table, _ options: FigureOptions) throws {
    let errors = try SignalErrors(table, for: Self.self)
    let data = try MedianCurves(
      errors.table.with(
        Self.place, .numbers([Double](repeating: 0, count: errors.table.rowCount))), options,
      along: Self.place, measures: [.bias, .sampleDeviation, .exactNorm],
      split: errors.conditions, spread: .errorBars, for: Self.self)
    let count = Double(data.entries.count)
    let x = Axis(
      -0.5, Double(Self.groups.count) - 0.3,
      named: Self.groups.enumerated().map { Axis.Tic(text: $1, place: Double($0)) })
    let facets = data.grouping.facets.indices
    let norms = facets.map { facet in
      data.points(in: facet, measure: 2).joined().map(\.median).first { $0.isFinite }
    }
    // Of each panel and entry: x, the height and, with error bars, their two ends.
    let rows = facets.map { facet in
      data.entries.indices.map { entry in
        Self.groups.indices.flatMap { group in
          data.points(in: facet, measure: group)[entry].filter(\.median.isFinite).map { point in
            [Double(group) + Self.fill * ((Double(entry) + 0.5) / count - 0.5), point.median]
              + (data.hasBand ? [point.low, point.high] : [])
          }
        }
      }
    }
    let heights = rows.joined().joined().flatMap { $0.dropFirst() } + norms.compactMap { $0 }
    let wide = Axis(heights, scale: options.scale, showsZero: true)
    // Lengths of bars can be compared from 0 on alone, which a logarithmic axis does not have.
    let areBars = wide?.isLogarithmic == false
    let y = areBars ? Axis(heights + [0], scale: .linear) : wide
    panels = LinePanels(
      title: options.title ?? data.text(hasBand: data.hasBand),
      note: options.title == nil ? Self.note(areBars, errors) : nil,
      entries: Self.entries(of: data, errors),
      panels: facets.map { facet in
        var panel = LinePanels.Panel(
          title: Caption(data.grouping.facets[facet]),
          series: rows[facet].map { LinePanels.Series(rows: $0) }, x: x, y: y)
        panel.style = areBars ? .bars(width: 0.85 * Self.fill / count) : .points
        panel.rule = norms[facet].map {
          LinePanels.Rule(y: $0, text: "‖∇L‖", meaning: "‖∇L‖, length of the exact gradient")
        }
        return panel
      }, xLabel: Caption(""), yLabel: Caption("length of a gradient"))
  }

  private static func note(_ areBars: Bool, _ errors: SignalErrors) -> String {
    "\(areBars ? "bars" : "points"): bias ‖E g − ∇L‖ of a step's gradient g, and sample sd, the standard"
      + " deviation of one sample's gradient · \(errors.precision)"
  }

  /// The key, which says where no bias is seen, and where there is no standard deviation.
  private static func entries(
    of data: MedianCurves, _ errors: SignalErrors
  ) -> [LinePanels.Entry] {
    data.grouping.entries.map { entry in
      var entry = entry
      let details = [
        errors.unbiased.contains(entry.objective) ? "no bias seen" : nil,
        errors.dependent.contains(entry.objective) ? "samples are not independent: no sd" : nil,
      ].compactMap { $0 }
      if !details.isEmpty { entry.detail = " (\(details.joined(separator: "; ")))" }
      return entry
    }
  }

  package var size: (width: Int, height: Int) { panels.size }

  package func draw(in script: inout Script) throws { try panels.draw(in: &script) }
}
