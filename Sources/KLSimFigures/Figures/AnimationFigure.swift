// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
package import KLSimFiles

/// Teacher and students token by token, one frame per epoch.
package struct AnimationFigure: Figure {
  package static let name = "animation"
  package static let summary = "p and q token by token, moving through the epochs (snapshots; GIF)"
  package static let numbers = SnapshotsFigure.numbers
  package static let options = SnapshotsFigure.options
  package static let formats: [Canvas.Format] = [.gif]

  /// How long a frame is shown, in hundredths of a second.
  static let delay = 12
  /// The number of epochs unless they are chosen.
  private static let defaultEpochCount = 100
  /// How often the last frame is repeated.
  private static let repeats = 12

  private let panel: SnapshotPanel
  private let title: String

  package init(_ table: Table, _ options: FigureOptions) throws {
    let data = try SnapshotsData(
      table, options, defaultCount: Self.defaultEpochCount, for: Self.self)
    panel = try SnapshotPanel(data, isTailScaleShared: true)
    title =
      options.title
      ?? [data.condition.text, panel.note].filter { !$0.isEmpty }.joined(separator: " · ")
  }

  package var size: (width: Int, height: Int) {
    (720, 480 + 19 * max(panel.keyRows(width: 720) - 1, 0))
  }

  package func draw(in script: inout Script) throws {
    let epochs = panel.data.epochs
    let last = Array(repeating: epochs.count - 1, count: Self.repeats)
    let layout = try Layout.fitting(
      script.canvas, title: title, entries: panel.entries(on: script.canvas),
      frame: Layout.Frame(least: panel.least)
    ).layout
    let rectangle = layout.panels[0]
    for index in Array(epochs.indices) + last {
      layout.begin(&script)
      panel.draw(
        index, in: rectangle,
        labels: """
          set title 'epoch \(RunLength.words(epoch: epochs[index]))' offset 0,-0.6 textcolor rgb '#222222'
          set xlabel '\(panel.places)' offset 0,0.4
          \(rectangle.yLabel(Caption("probability"), on: script.canvas))
          """, to: &script)
      layout.end(&script)
    }
  }
}
