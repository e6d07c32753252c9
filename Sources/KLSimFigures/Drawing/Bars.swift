// SPDX-License-Identifier: GPL-3.0-or-later

extension LinePanels.Panel {
  /// The corners of what stands for a series in a terminal: its line, or the middle of its bars.
  func outline(_ index: Int, _ y: Axis) -> [[Double]] {
    let rows = series[index].rows
    guard barWidth != nil else { return rows }
    return rows.flatMap { [[$0[0], y.low], [$0[0], $0[1]], [.nan, .nan]] }
  }

  /// The horizontal line in a terminal.
  var ruled: [(line: Line, corners: [[Double]])] {
    rule.map { rule in [(rule.line, [[x.low, rule.y], [x.high, rule.y]])] } ?? []
  }
}

extension LinePanels.Rule {
  /// Grey, as nothing that is compared.
  var line: Line {
    Line(colour: ObjectiveStyle.teacher.edge, dash: ObjectiveStyle.dashes[1], character: "-")
  }

  /// The line and its text.
  ///
  /// - Parameters:
  ///   - x: the horizontal axis.
  ///   - axis: the vertical axis.
  ///   - script: the script to add data to.
  /// - Returns: what to plot; nothing in a terminal, where the line is drawn with the others.
  func items(_ x: Axis, _ axis: Axis, in script: inout Script) -> [Script.Item] {
    let share = axis.share(y)
    guard (0...1).contains(share) else { return [] }
    // Above the line, or below it where there is no room.
    let offset = script.canvas.isText ? "0" : share > 0.93 ? "-0.5" : "0.5"
    script.add(
      "set label 90 \(Script.quoted(text)) at graph 0.99,graph \(share) right"
        + " offset 0,\(offset) front textcolor rgb '\(line.colour)'")
    guard !script.canvas.isText else { return [] }
    let name = script.data([[x.low, y], [x.high, y]])
    return [Script.Item(plot: "\(name) using 1:2 with lines \(line.style)", title: text)]
  }
}

extension Line {
  /// Bars with the marker at their ends, which tell them apart in grey.
  ///
  /// - Parameters:
  ///   - rows: x, y and, where there is a band, its two ends.
  ///   - width: the width of a bar on the horizontal axis.
  ///   - low: where bars start.
  ///   - title: what they are.
  ///   - script: the script to add data to.
  /// - Returns: what to plot.
  func bars(
    _ rows: [[Double]], width: Double, from low: Double, title: String, in script: inout Script
  ) -> [Script.Item] {
    let name = script.data(rows)
    let half = width / 2
    let band = Script.Item(
      plot: "\(name) using 1:2:3:4 with yerrorbars pointtype 0 linecolor rgb '\(colour)'")
    return [
      Script.Item(
        plot: "\(name) using 1:2:($1-\(half)):($1+\(half)):(\(low)):2 with boxxyerror"
          + " linecolor rgb '\(colour)' fillstyle solid 0.35 border", title: title)
    ] + (rows.contains { $0.count > 3 } ? [band] : []) + [
      Script.Item(plot: "\(name) using 1:2 with points \(points(on: script.canvas))")
    ]
  }
}
