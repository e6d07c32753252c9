// SPDX-License-Identifier: GPL-3.0-or-later

/// The texts around panels, and the room for them.
extension LinePanels {
  func columns(_ count: Int) -> Int {
    switch count {
    case ...3: count
    case 4: 2
    case 5, 6, 9: 3
    case 7, 8, 10...16: 4
    default: 5
    }
  }

  /// The size in pixels.
  var size: (width: Int, height: Int) {
    let count = panels.count
    let columns = columns(count)
    let width = count == 1 ? 760 : columns == 2 ? 960 : columns == 3 ? 1140 : 1280
    let key = Layout.keyRows(
      entries.map(\.text) + [rule?.meaning].compactMap { $0 }, width: width)
    let rows = (count + columns - 1) / columns
    let frame = frame(isText: false)
    let titles = titleLines(Int(frame.titleWidth(cell: Double(width) / 6.8 / Double(columns))))
    let top = Script.wrapped(fullTitle(nil), width: Int(0.94 * Double(width) / 6.8)).count
    return (
      width,
      60 + (count == 1 ? 400 : rows == 1 ? 320 : 250 * rows) + 19 * max(key - 1, 0)
        + 17 * (titles - 1) * rows + 20 * max(top - 2, 0)
    )
  }

  /// The horizontal line that the key explains, which means the same in all panels.
  var rule: Rule? { panels.lazy.compactMap(\.rule).first }

  func frame(isText: Bool) -> Layout.Frame {
    var frame = Layout.Frame()
    frame.left = yLabel == nil || isText ? 7.5 : 9.5
    frame.least.width = 18
    return frame
  }

  /// The most lines above a panel.
  func titleLines(_ width: Int) -> Int {
    max(panels.map { $0.titleLines(width).count }.max() ?? 1, 1)
  }

  /// In a terminal, where text cannot be rotated and lines are few, titles say what the axes are.
  func title(of panel: Panel) -> String {
    let axes = yLabel == nil ? "\(panel.title.text) by \(xLabel.text)" : panel.title.text
    return [axes, panel.condition].filter { !$0.isEmpty }.joined(separator: ", ")
  }

  /// How many characters a line above a panel has.
  func titleWidth(_ frame: Layout.Frame, columns: Int, _ canvas: Canvas) -> Int {
    Int(frame.titleWidth(cell: 1 / canvas.character / Double(columns)))
  }

  func key(on canvas: Canvas, _ text: (Entry) -> String) -> [Layout.Entry] {
    let areLines = panels.allSatisfy { [.lines, .linesWithErrorBars].contains($0.style) }
    let rules = [rule].compactMap { $0 }.map {
      Layout.Entry(
        style: canvas.isText ? $0.line.keyStyle(on: canvas) : "lines \($0.line.style)",
        label: canvas.isText ? $0.text : $0.meaning)
    }
    return entries.map {
      Layout.Entry(
        style: areLines || canvas.isText
          ? $0.line.keyStyle(on: canvas) : "points \($0.line.points(on: canvas, isAlone: true))",
        label: text($0))
    } + rules
  }

  func fullTitle(_ canvas: Canvas, shown: Int, _ more: String?) -> String {
    let axes =
      canvas.isText
      ? yLabel.map { xLabel.text.isEmpty ? $0.text : "\($0.text) by \(xLabel.text)" } : nil
    let rest = shown < panels.count ? "\(shown) of \(panels.count) panels fit" : nil
    return fullTitle(axes, [rest, more])
  }

  func fullTitle(_ axes: String?, _ more: [String?] = []) -> String {
    ([axes, title, note] + more).compactMap { $0 }.filter { !$0.isEmpty }
      .joined(separator: " · ")
  }
}
