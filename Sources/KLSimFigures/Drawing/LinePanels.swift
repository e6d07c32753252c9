// SPDX-License-Identifier: GPL-3.0-or-later

/// Panels with lines of the same objectives and conditions, which share a key.
struct LinePanels {
  /// A line in a panel.
  struct Series {
    /// x, y and, where there is a band, its two ends.
    let rows: [[Double]]
    /// The points with markers; nil for all where there are few, else some along the line.
    var marked: [[Double]]?
  }

  /// What all panels show of one objective under one condition.
  struct Entry {
    let objective: String
    let label: String
    let line: Line
  }

  /// One pair of axes.
  struct Panel {
    let title: Caption
    /// One an entry; without rows where there is nothing to show.
    let series: [Series]
    let x: Axis
    /// Nil if there is nothing to show.
    let y: Axis?
    /// Points to be marked: x, y and the index of the entry.
    var marks: [(x: Double, y: Double, entry: Int)] = []
  }

  let title: String
  /// What markers are, added to the title.
  var note: String?
  let entries: [Entry]
  let panels: [Panel]
  let xLabel: Caption
  /// The label of the vertical axis; nil where the titles of panels say it.
  var yLabel: Caption?
  /// gnuplot's command for the tics of the vertical axis; nil for those of the axis.
  var yTics: String?

  private func columns(_ count: Int) -> Int {
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
    let key = Layout.keyRows(entries.map(\.label), width: width)
    let rows = (count + columns - 1) / columns
    return (width, 60 + (count == 1 ? 400 : rows == 1 ? 320 : 250 * rows) + 19 * max(key - 1, 0))
  }

  /// Draws them.
  func draw(in script: inout Script) {
    let canvas = script.canvas
    let key = keyEntries(canvas)
    let room = canvas.room(keyRows: Layout.keySize(key.map(\.label), on: canvas).rows)
    let shown = min(panels.count, room.panels)
    let columns = min(room.columns, columns(shown))
    let left = yLabel == nil || canvas.isText ? 7.5 : 9.5
    // Labels at the ends of lines, if they have room in all panels.
    let longest = Double(entries.map(\.label.count).max() ?? 0)
    let full = fullTitle(canvas, shown: shown)
    let plain = Layout(canvas, title: full, count: shown, columns: columns)
    let beside = plain.panels(left: left, right: longest + 2)
    let labels = canvas.isText ? nil : endLabels(beside, canvas)
    let layout =
      labels == nil
      ? Layout(canvas, title: full, entries: key, count: shown, columns: columns) : plain
    let hasTitles = panels.contains { !title(of: $0, on: canvas).text.isEmpty }
    let rectangles =
      labels == nil ? layout.panels(left: left, hasTitles: hasTitles) : beside
    layout.begin(&script)
    for (index, rectangle) in rectangles.enumerated() {
      let width = Int(1 / Double(columns) / canvas.character) - 2
      let isLowest = index + columns >= shown && !canvas.isText
      script.add(
        """
        \(rectangle.margins)
        set title \(title(of: panels[index], on: canvas).quoted(on: canvas, width: width)) \
        offset 0,\(canvas.isText ? "0" : "-0.6") textcolor rgb '#222222'
        \(isLowest ? "set xlabel \(xLabel.quoted(on: canvas)) offset 0,0.4" : "unset xlabel")
        unset label
        """)
      if index == 0, let yLabel {
        var all = rectangle
        all.bottom = rectangles[rectangles.count - 1].bottom
        script.add(all.yLabel(yLabel, on: canvas))
      }
      for (place, label) in (labels?[index] ?? []).enumerated() {
        script.add(
          "set label \(place + 1) \(Script.quoted(entries[label.entry].label)) at graph 1,graph"
            + " \(label.share) left offset char 0.7,0"
            + " textcolor rgb '\(entries[label.entry].line.colour)'")
      }
      draw(panels[index], in: rectangle, to: &script)
    }
    layout.end(&script)
  }

  /// In a terminal, where text cannot be rotated and lines are few, titles say what the axes are.
  private func title(of panel: Panel, on canvas: Canvas) -> Caption {
    canvas.isText && yLabel == nil
      ? Caption("\(panel.title.text) by \(xLabel.text)") : panel.title
  }

  private func fullTitle(_ canvas: Canvas, shown: Int) -> String {
    let axes = canvas.isText ? yLabel.map { "\($0.text) by \(xLabel.text)" } : nil
    let rest = shown < panels.count ? "\(shown) of \(panels.count) panels fit" : nil
    return [axes, title, note, rest].compactMap { $0 }.filter { !$0.isEmpty }
      .joined(separator: " · ")
  }

  private func keyEntries(_ canvas: Canvas) -> [Layout.Entry] {
    entries.map { Layout.Entry(style: $0.line.keyStyle(on: canvas), label: $0.label) }
  }

  private func draw(_ panel: Panel, in rectangle: Rectangle, to script: inout Script) {
    guard let y = panel.y else {
      script.add(
        """
        set xrange [0:1]
        set yrange [0:1]
        set label 99 'nothing finite to show' at graph 0.5,graph 0.5 center
        plot NaN notitle
        """)
      return
    }
    let canvas = script.canvas
    let columns = Int((rectangle.right - rectangle.left) / canvas.character)
    let lines = Int((rectangle.top - rectangle.bottom) / canvas.line)
    script.add(panel.x.commands("x", on: canvas, room: columns / 7))
    script.add(y.commands("y", on: canvas, room: canvas.isText ? lines : lines / 2))
    if let yTics { script.add(yTics) }
    var bands: [Script.Item] = []
    var drawn: [Script.Item] = []
    var marks: [Script.Item] = []
    for (index, series) in panel.series.enumerated() where !series.rows.isEmpty {
      // Series of several heads are equal if they do not depend on the head: draw them once.
      let isDrawn = zip(panel.series[..<index], entries).contains {
        $1.objective == entries[index].objective && $0.rows == series.rows
      }
      if isDrawn { continue }
      let line = entries[index].line
      guard !canvas.isText else {
        let path = panel.x.path(series.rows, y, columns: columns, lines: lines)
        drawn.append(line.characters(script.data(path)))
        if let marked = series.marked, !marked.isEmpty {
          marks.append(line.marks(script.data(marked), on: canvas))
        }
        continue
      }
      let name = script.data(series.rows)
      if series.rows.contains(where: { $0.count > 3 && $0[2] < $0[3] }) {
        bands.append(line.band(name, columns: "1:3:4"))
      }
      let shape =
        series.marked == nil ? line.lines(pointCount: series.rows.count) : "lines \(line.style)"
      drawn.append(
        Script.Item(plot: "\(name) using 1:2 with \(shape)", title: entries[index].label))
      if let marked = series.marked, !marked.isEmpty {
        drawn.append(
          Script.Item(plot: "\(script.data(marked)) using 1:2 with points \(line.points)"))
      }
    }
    marks += panel.marks.map { mark in
      entries[mark.entry].line.marks(script.data([[mark.x, mark.y]]), on: canvas)
    }
    script.plot(bands + drawn + marks)
  }
}
