// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimFiles

/// The share of runs that have not converged, over epochs.
package struct SurvivalFigure: Figure {
  package static let name = "survival"
  package static let summary =
    "the share of runs that have not converged by epoch (records, evidence)"
  package static let numbers: Set = ["tvd", "seeds", "share", "share_low", "share_high"]
  package static let options: Set<FigureOptions.Name> = [.objectives, .threshold, .facet]

  private let panels: LinePanels

  package init(_ table: Table, _ options: FigureOptions) throws {
    let data = try SurvivalData(table, options)
    let grouping = data.grouping
    let facets = grouping.facets.indices
    let last = max(1, data.points.joined().map(\.epoch).max() ?? 1)
    let first = min(data.points.joined().map(\.epoch).min() ?? 0, last - 1)
    let places = facets.map { grouping.places(in: $0) }
    let y = Axis(
      -0.01, 1.02,
      named: [0, 25, 50, 75, 100].map { Axis.Tic(text: "\($0) %", place: Double($0) / 100) })
    panels = LinePanels(
      title: options.title ?? grouping.condition.text(seeds: data.seedCount),
      entries: grouping.entries.enumerated().map { index, entry in
        var entry = entry
        if facets.count == 1 { entry.detail = Self.rest(places[0][index].map { data.points[$0] }) }
        return entry
      },
      panels: facets.map { facet in
        LinePanels.Panel(
          title: Caption(grouping.facets[facet]),
          series: places[facet].map { place in
            LinePanels.Series(rows: place.map { Self.steps(data.points[$0]) } ?? [])
          }, x: Axis(first, last), y: y)
      }, xLabel: Caption("epoch"),
      yLabel: Caption(
        data.threshold.map { "runs with TVD not yet below \($0)" } ?? "runs that have not converged"
      ))
  }

  package var size: (width: Int, height: Int) { panels.size }

  package func draw(in script: inout Script) throws { try panels.draw(in: &script) }

  /// Rows of epoch, share and band, in which each share holds until the next epoch.
  private static func steps(_ points: [SurvivalData.Point]) -> [[Double]] {
    let rows = points.map { point in
      [
        point.epoch, point.share, point.band?.lowerBound ?? .nan,
        point.band?.upperBound ?? .nan,
      ]
    }
    return zip(rows, rows.dropFirst()).flatMap { [$0, [$1[0]] + $0.dropFirst()] } + rows.suffix(1)
  }

  /// The share of runs that have not converged at the end, in words.
  private static func rest(_ points: [SurvivalData.Point]?) -> String {
    guard let last = points?.last, last.share.isFinite else { return "" }
    let percent = (last.share * 1000).rounded() / 10
    let text = percent == percent.rounded() ? "\(Int(percent))" : "\(percent)"
    return " (never: \(text) %)"
  }
}
