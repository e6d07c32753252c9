// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimFiles

/// Teacher and students token by token, one panel per epoch, with the tail enlarged.
///
/// After figures 2 and 3 of Wu et al., arXiv 2404.02657.
package struct SnapshotsFigure: Figure {
  package static let name = "snapshots"
  package static let summary =
    "p and q token by token at some epochs, the tail enlarged (snapshots)"
  package static let numbers: Set = ["token", "rank", "p", "q"]
  package static let options: Set<FigureOptions.Name> = [.epochs, .objectives, .order]

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
    panel = SnapshotPanel(data, order: options.order, isTailScaleShared: false)
    title = options.title ?? data.condition.text
  }

  private var columns: Int {
    switch panel.data.epochs.count {
    case 1: 1
    case 2, 4: 2
    default: 3
    }
  }

  private var rows: Int { (panel.data.epochs.count + columns - 1) / columns }

  package var size: (width: Int, height: Int) {
    (columns == 1 ? 640 : columns == 2 ? 960 : 1200, 80 + (rows == 1 ? 400 : 320 * rows))
  }

  package func draw(in script: inout Script) {
    let canvas = script.canvas
    let columns = canvas.isText ? 1 : columns
    let epochs = panel.data.epochs
    let layout = Layout(canvas, title: title, entries: panel.entries(on: script.canvas))
    layout.begin(&script)
    let rectangles = layout.panels(epochs.count, columns: columns)
    for (index, rectangle) in rectangles.enumerated() {
      let isLowest = index + columns >= epochs.count
      panel.draw(
        index, in: rectangle,
        labels: """
          set title 'epoch \(epochs[index])' offset 0,-0.6 textcolor rgb '#222222'
          \(isLowest ? "\(panel.xLabel)" : "unset xlabel")
          \(index.isMultiple(of: columns) ? rectangle.yLabel("probability", on: canvas) : "")
          """, to: &script)
    }
    layout.end(&script)
  }
}
