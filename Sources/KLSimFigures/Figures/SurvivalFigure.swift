// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimFiles

/// The share of runs that have not converged, over epochs.
package struct SurvivalFigure: Figure {
  package static let name = "survival"
  package static let summary =
    "the share of runs that have not converged by epoch (records, evidence)"
  package static let numbers: Set = ["tvd", "seeds", "share", "share_low", "share_high"]
  package static let options: Set<FigureOptions.Name> = [.objectives, .threshold]

  private let data: SurvivalData
  private let title: String

  package init(_ table: Table, _ options: FigureOptions) throws {
    data = try SurvivalData(table, options)
    title = options.title ?? data.grouping.condition.text(seeds: data.seedCount)
  }

  package var size: (width: Int, height: Int) { (720, 460) }

  package func draw(in script: inout Script) {
    let canvas = script.canvas
    let lines = data.grouping.lines
    let layout = Layout(
      canvas, title: title,
      entries: lines.enumerated().map { index, line in
        Layout.Entry(style: "lines \(line.style)", label: label(index))
      })
    layout.begin(&script)
    let epochs = data.points.joined().map(\.epoch)
    let last = max(1, epochs.max() ?? 1)
    let meaning =
      "runs that have not converged\(data.threshold.map { ": TVD not yet below \($0)" } ?? "")"
    let rectangle = layout.panels(1, columns: 1, above: 1.6)[0]
    script.add(
      """
      \(rectangle.margins)
      set xrange [0:\(last)]
      set yrange [-0.01:1.02]
      set ytics ('0 %%' 0, '25 %%' 0.25, '50 %%' 0.5, '75 %%' 0.75, '100 %%' 1)
      set xlabel 'epoch' offset 0,0.4
      \(canvas.isText ? "set title \(Script.quoted(meaning))" : rectangle.yLabel(meaning, on: canvas))
      """)
    script.plotBands(
      data.points.indices.map { index in
        (
          rows: Self.steps(data.points[index]), line: lines[index],
          title: data.grouping.label(index),
          hasBand: data.points[index].contains { $0.band != nil }
        )
      })
    layout.end(&script)
  }

  /// Rows of epoch, share and band, in which each share holds until the next epoch.
  private static func steps(_ points: [SurvivalData.Point]) -> [[Double]] {
    let rows = points.map { point in
      [
        Double(point.epoch), point.share, point.band?.lowerBound ?? .nan,
        point.band?.upperBound ?? .nan,
      ]
    }
    return zip(rows, rows.dropFirst()).flatMap { [$0, [$1[0]] + $0.dropFirst()] } + rows.suffix(1)
  }

  private func label(_ index: Int) -> String {
    let name = data.grouping.label(index)
    guard let last = data.points[index].last, last.share.isFinite else { return name }
    let percent = (last.share * 1000).rounded() / 10
    let text = percent == percent.rounded() ? "\(Int(percent))" : "\(percent)"
    return "\(name) (never: \(text) %)"
  }
}
