// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
package import KLSimFiles

/// Teacher and students token by token, one panel per epoch, with the tail enlarged.
///
/// After figures 2 and 3 of Wu et al., arXiv 2404.02657.
package struct SnapshotsFigure: Figure {
  package static let name = "snapshots"
  package static let summary =
    "p and q token by token at some epochs, the tail enlarged (snapshots)"
  package static let numbers: Set = ["token", "rank", "p", "q"]
  package static let options: Set<FigureOptions.Name> = [.objectives, .order]

  /// The number of panels unless epochs are chosen.
  private static let defaultPanelCount = 4
  private static let maximumPanelCount = 12

  private let panel: SnapshotPanel
  private let title: String

  package init(_ table: Table, _ options: FigureOptions) throws {
    if let count = options.epochs?.count, count > Self.maximumPanelCount {
      throw FigureError(
        description:
          "\(count) epochs are more than the \(Self.maximumPanelCount) panels that are possible")
    }
    let data = try SnapshotsData(
      table, options, defaultCount: Self.defaultPanelCount, for: Self.self)
    panel = try SnapshotPanel(data, isTailScaleShared: false)
    title =
      options.title
      ?? [data.condition.text, panel.note].filter { !$0.isEmpty }.joined(separator: " · ")
  }

  private static func columns(_ count: Int) -> Int {
    switch count {
    case 1: 1
    case 2, 4: 2
    default: 3
    }
  }

  package var size: (width: Int, height: Int) {
    let count = panel.data.epochs.count
    let columns = Self.columns(count)
    let rows = (count + columns - 1) / columns
    let width = columns == 1 ? 640 : columns == 2 ? 960 : 1200
    let key = panel.keyRows(width: width)
    return (width, 80 + (rows == 1 ? 400 : 320 * rows) + 19 * max(key - 1, 0))
  }

  package func draw(in script: inout Script) throws {
    let canvas = script.canvas
    let entries = panel.entries(on: canvas)
    let room = canvas.room(keyRows: Layout.keySize(entries.map(\.label), on: canvas).rows)
    let epochs = SnapshotsData.spread(panel.data.epochs, maximum: room.panels)
      .suffix(room.panels)
    let (layout, columns) = try Layout.fitting(
      canvas, title: title, entries: entries, count: epochs.count,
      columns: min(room.columns, Self.columns(epochs.count)),
      frame: Layout.Frame(least: panel.least))
    layout.begin(&script)
    for (index, (epoch, rectangle)) in zip(epochs, layout.panels).enumerated() {
      guard let place = panel.data.epochs.firstIndex(of: epoch) else { continue }
      let isLowest = index + columns >= epochs.count && !canvas.isText
      let isFirst = index.isMultiple(of: columns)
      let when = "epoch \(RunLength.words(epoch: epoch))"
      // In a terminal, where lines are few, the title says what the axes are.
      let title =
        canvas.isText ? "p, q by \(panel.data.order.rawValue), \(when)" : when
      panel.draw(
        place, in: rectangle,
        labels: """
          set title '\(title)' offset 0,\(canvas.isText ? "0" : "-0.6") textcolor rgb '#222222'
          \(isLowest ? "set xlabel '\(panel.places)' offset 0,0.4" : "unset xlabel")
          \(isFirst ? rectangle.yLabel(Caption("probability"), on: canvas) : "")
          """, to: &script)
    }
    layout.end(&script)
  }
}
