// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
package import KLSimFiles

/// Head against tail error, moving through the epochs.
package struct ParetoFigure: Figure {
  package static let name = "pareto"
  package static let summary =
    "tail against head error, moving through the epochs; medians (records)"
  package static let numbers = MedianCurves.numbers
  package static let options: Set<FigureOptions.Name> = [.objectives, .facet, .scale]

  /// How many epochs are marked.
  private static let markCount = 6
  /// Epochs closer to the one before than this share of both axes are left out: they are finer than
  /// a pixel.
  private static let resolution = 1e-3

  private let panels: LinePanels

  package init(_ table: Table, _ options: FigureOptions) throws {
    let (head, tail) = (Measure(.head, in: table), Measure(.tail, in: table))
    let data = try MedianCurves(
      table, options, along: "epoch", measures: [head, tail], for: Self.self)
    let facets = data.grouping.facets.indices
    let epochs = Set(data.points.joined().joined().map(\.x)).sorted()
    let marked = SnapshotsData.spread(epochs, maximum: Self.markCount)
    let entries = data.entries
    let places = facets.map { facet in
      zip(data.points(in: facet, measure: 0), data.points(in: facet, measure: 1)).map {
        zip($0, $1).map { (epoch: $0.x, head: $0.median, tail: $1.median) }
      }
    }
    let all = places.joined().joined()
    let x = Axis(all.map(\.head), scale: options.scale)
    let y = Axis(all.map(\.tail), scale: options.scale)
    let words = marked.map(RunLength.words).joined(separator: ", ")
    panels = LinePanels(
      title: options.title ?? data.text(hasBand: false),
      note: options.title == nil ? "markers: epoch\(marked.count == 1 ? "" : "s") \(words)" : nil,
      entries: entries,
      panels: facets.map { facet in
        LinePanels.Panel(
          title: Caption(data.grouping.facets[facet]),
          series: places[facet].map { path in
            LinePanels.Series(
              rows: Self.thinned(path.map { [$0.head, $0.tail] }, x, y),
              marked: path.filter { marked.contains($0.epoch) }.map { [$0.head, $0.tail] })
          }, x: x ?? Axis(0, 1), y: x == nil ? nil : y)
      }, xLabel: head.caption, yLabel: tail.caption)
  }

  /// A path without the points between its ends that are too close to those before them to be seen.
  static func thinned(_ path: [[Double]], _ x: Axis?, _ y: Axis?) -> [[Double]] {
    guard let x, let y, var last = path.first else { return path }
    return path.enumerated().filter { index, point in
      guard index > 0, index < path.count - 1 else { return true }
      let isClose =
        abs(x.share(point[0]) - x.share(last[0])) < resolution
        && abs(y.share(point[1]) - y.share(last[1])) < resolution
      if !isClose { last = point }
      return !isClose
    }.map(\.element)
  }

  package var size: (width: Int, height: Int) { panels.size }

  package func draw(in script: inout Script) throws { try panels.draw(in: &script) }
}
