// SPDX-License-Identifier: GPL-3.0-or-later

extension LinePanels.Panel {
  /// The rows of a series as an axis shows them.
  func rows(_ index: Int, _ y: Axis) -> [[Double]] {
    y.showsZero
      ? series[index].rows.map { [$0[0]] + $0.dropFirst().map(y.place) } : series[index].rows
  }

  /// The corners of what stands for a series in a terminal: its line, its points, or the middle of its
  /// bars.
  func outline(_ index: Int, _ y: Axis) -> [[Double]] {
    let rows = rows(index, y)
    return switch style {
    case .lines, .linesWithErrorBars: rows
    case .points: rows.flatMap { [$0, [.nan, .nan]] }
    case .bars: rows.flatMap { [[$0[0], y.low], [$0[0], $0[1]], [.nan, .nan]] }
    }
  }

  /// The lines above the axes, quoted for gnuplot, of at most so many characters each.
  func titleLines(_ width: Int) -> [String] {
    title.lines(width: width) + Script.wrappedAtCommas(condition, width: width).map(Script.quoted)
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
  /// A series as its panel shows it, but for the band.
  ///
  /// - Parameters:
  ///   - name: the block of data with the rows.
  ///   - rows: x, y and, where there is a spread, its two ends.
  ///   - style: how they are shown.
  ///   - isMarked: whether lines have markers.
  ///   - low: where bars start.
  ///   - title: what they are.
  ///   - canvas: what is drawn on.
  /// - Returns: what to plot.
  func items(
    _ name: String, _ rows: [[Double]], style: LinePanels.Style, isMarked: Bool, from low: Double,
    title: String, on canvas: Canvas
  ) -> [Script.Item] {
    let spread =
      style != .lines && rows.contains { $0.count > 3 }
      ? [
        Script.Item(
          plot: "\(name) using 1:2:3:4 with yerrorbars pointtype 0 linecolor rgb '\(colour)'")
      ] : []
    let points = "points \(points(on: canvas, isAlone: style == .points))"
    switch style {
    case .lines, .linesWithErrorBars:
      let shape =
        isMarked ? lines(pointCount: rows.count, on: canvas) : "lines \(self.style)"
      return spread + [Script.Item(plot: "\(name) using 1:2 with \(shape)", title: title)]
    case .points:
      return spread + [Script.Item(plot: "\(name) using 1:2 with \(points)", title: title)]
    case .bars(let width):
      let half = width / 2
      // The marker at the end tells bars apart in grey.
      return [
        Script.Item(
          plot: "\(name) using 1:2:($1-\(half)):($1+\(half)):(\(low)):2 with boxxyerror"
            + " linecolor rgb '\(colour)' fillstyle solid 0.35 border", title: title)
      ] + spread + [Script.Item(plot: "\(name) using 1:2 with \(points)")]
    }
  }
}
