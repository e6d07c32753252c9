// SPDX-License-Identifier: GPL-3.0-or-later

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
  /// Of how many lines all epochs are joined, and how many of others.
  private static let (fullPathCount, cornerCount) = (4, 12)

  private let panels: LinePanels

  package init(_ table: Table, _ options: FigureOptions) throws {
    let data = try MedianCurves(
      table, options, along: "epoch", measures: [.head, .tail], for: Self.self)
    let facets = data.grouping.facets.indices
    let epochs = Set(data.points.joined().joined().map { Int($0.x) }).sorted()
    let marked = SnapshotsData.spread(epochs, maximum: Self.markCount)
    let entries = data.grouping.entries
    // Many lines that go to and fro cannot be told apart.
    let joined = Set(
      entries.count > Self.fullPathCount
        ? SnapshotsData.spread(epochs, maximum: Self.cornerCount) + marked : epochs)
    let places = facets.map { facet in
      zip(data.points(in: facet, measure: 0), data.points(in: facet, measure: 1)).map {
        zip($0, $1).map { (epoch: Int($0.x), head: $0.median, tail: $1.median) }
          .filter { joined.contains($0.epoch) }
      }
    }
    let all = places.joined().joined()
    let x = Axis(all.map(\.head), scale: options.scale)
    let y = Axis(all.map(\.tail), scale: options.scale)
    let words = marked.map(\.description).joined(separator: ", ")
    panels = LinePanels(
      title: options.title ?? data.text(hasBand: false),
      note: options.title == nil ? "markers: epoch\(marked.count == 1 ? "" : "s") \(words)" : nil,
      entries: entries,
      panels: facets.map { facet in
        LinePanels.Panel(
          title: Caption(data.grouping.facets[facet]),
          series: places[facet].map { path in
            LinePanels.Series(
              rows: path.map { [$0.head, $0.tail] },
              marked: path.filter { marked.contains($0.epoch) }.map { [$0.head, $0.tail] })
          }, x: x ?? Axis(0, 1), y: x == nil ? nil : y)
      }, xLabel: Measure.head.caption, yLabel: Measure.tail.caption)
  }

  package var size: (width: Int, height: Int) { panels.size }

  package func draw(in script: inout Script) { panels.draw(in: &script) }
}
