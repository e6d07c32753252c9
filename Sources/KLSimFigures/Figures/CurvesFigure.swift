// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimFiles

/// Errors and both divergences over epochs: medians over seeds with their 90 % band.
package struct CurvesFigure: Figure {
  package static let name = "curves"
  package static let summary =
    "head, tail and total error, fkl and rkl by epoch; median and 5–95 % of seeds and contexts"
    + " (records, also of sequences)"
  package static let numbers = MedianCurves.numbers
  package static let options: Set<FigureOptions.Name> = [.objectives, .error, .facet, .scale]

  let panels: LinePanels

  package init(_ table: Table, _ options: FigureOptions) throws {
    let all: [Measure] =
      table.isOfSequences
      ? [.sequenceHead, .sequenceTail, .sequenceForward, .sequenceReverse, .voidMass]
      : [.head, .tail, .total, .forward, .reverse]
    let chosen = options.error.map { [Measure($0, in: table)] } ?? all
    let data = try MedianCurves(table, options, along: "epoch", measures: chosen, for: Self.self)
    let facets = data.grouping.facets.indices
    // Panels are conditions of one measure, or measures of one condition.
    let single =
      options.error.map { Measure($0, in: table) }
      ?? (table.isOfSequences ? .sequenceReverse : .total)
    let measure = facets.count > 1 ? chosen.firstIndex(of: single) : nil
    let epochs = data.points.joined().joined().map(\.x)
    let last = max(1, epochs.max() ?? 1)
    let x = Axis(min(epochs.min() ?? 0, last - 1), last)
    let panels =
      if let measure {
        facets.map { facet in
          data.panel(
            facet, measure: measure, title: Caption(data.grouping.facets[facet]), x: x,
            y: data.axis(facets, measure: measure, scale: options.scale))
        }
      } else {
        chosen.indices.map { measure in
          data.panel(
            0, measure: measure, title: chosen[measure].caption, x: x,
            y: data.axis([0], measure: measure, scale: options.scale))
        }
      }
    self.panels = LinePanels(
      title: options.title ?? data.text(hasBand: data.hasBand), entries: data.entries,
      panels: panels,
      xLabel: Caption("epoch"), yLabel: measure.map { chosen[$0].caption })
  }

  package var size: (width: Int, height: Int) { panels.size }

  package func draw(in script: inout Script) throws { try panels.draw(in: &script) }
}
