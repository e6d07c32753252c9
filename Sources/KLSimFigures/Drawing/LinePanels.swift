// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimFiles
internal import KLSimNumerics

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
    /// Which one it equals, in words.
    fileprivate(set) var equality = ""
    /// What else the key says of it.
    var detail = ""

    /// All that the key says of it.
    var text: String { label + equality + detail }
  }

  /// One pair of axes.
  struct Panel {
    let title: Caption
    /// The condition that the panel shows, below the title.
    var condition = ""
    /// One an entry; without rows where there is nothing to show.
    let series: [Series]
    let x: Axis
    /// Nil if there is nothing to show.
    let y: Axis?
    /// Points to be marked: x, y and the index of the entry.
    var marks: [(x: Double, y: Double, entry: Int)] = []
    var style = Style.lines
    var rule: Rule?
  }

  /// What stands for the numbers of a series.
  enum Style: Equatable {
    /// Lines, and a band where there is one.
    case lines
    case linesWithErrorBars
    /// Points, with error bars where there is a spread.
    case points
    /// Bars of a width on the horizontal axis, with error bars where there is a spread.
    case bars(width: Double)
  }

  /// A horizontal line, and what it is.
  struct Rule {
    let y: Double
    let text: String
    /// What the key says of it.
    let meaning: String
  }

  let title: String
  let note: String?
  let entries: [Entry]
  let panels: [Panel]
  let xLabel: Caption
  let yLabel: Caption?

  /// Panels; the label of an entry says which one it equals in all of them.
  ///
  /// - Parameters:
  ///   - title: the text above all.
  ///   - note: what markers are, added to the title.
  ///   - entries: the key.
  ///   - panels: the panels.
  ///   - xLabel: the label of the horizontal axis.
  ///   - yLabel: the label of the vertical axis; nil where the titles of panels say it.
  init(
    title: String, note: String? = nil, entries: [Entry], panels: [Panel], xLabel: Caption,
    yLabel: Caption? = nil
  ) {
    (self.title, self.note, self.panels) = (title, note, panels)
    (self.xLabel, self.yLabel) = (xLabel, yLabel)
    let lines = entries.indices.map { entry in panels.map { $0.series[entry].rows } }
    self.entries = Self.equals(lines).enumerated().map { index, equal in
      var entry = entries[index]
      // Lines of which not even half is seen do not count as equal.
      let rows = lines[index].joined()
      if let equal, rows.count(where: { $0[1].isFinite }) * 2 > rows.count {
        entry.equality = " (equals \(entries[equal].label))"
      }
      return entry
    }
  }

  /// For each of several lines the first one of those before it that it equals but for rounding.
  ///
  /// - Parameter lines: the numbers of each, by panel and row.
  /// - Returns: an index each, nil for a line that equals none or is empty.
  static func equals(_ lines: [[[[Double]]]]) -> [Int?] {
    func isEqual(_ line: [[[Double]]], _ other: [[[Double]]]) -> Bool {
      zip(line, other).allSatisfy { rows, others in
        rows.count == others.count
          && zip(rows, others).allSatisfy { !zip($0, $1).contains(where: Rounding.differ) }
      }
    }
    return lines.enumerated().map { index, line in
      line.allSatisfy(\.isEmpty) ? nil : lines[..<index].firstIndex { isEqual(line, $0) }
    }
  }

  /// Draws them.
  ///
  /// - Throws: `FigureError` if the canvas is too small.
  func draw(in script: inout Script) throws(FigureError) {
    let canvas = script.canvas
    var key = key(on: canvas) { $0.text }
    let room = canvas.room(keyRows: Layout.keySize(key.map(\.label), on: canvas).rows)
    let shown = min(panels.count, room.panels)
    var frame = frame(isText: canvas.isText)
    if canvas.isText, panels.allSatisfy({ title(of: $0).isEmpty }) { frame.titleLines = 0 }
    func arranged(
      _ note: String?, _ key: [Layout.Entry], _ frame: Layout.Frame
    ) throws(FigureError) -> (layout: Layout, columns: Int) {
      func fitting(_ frame: Layout.Frame) throws(FigureError) -> (layout: Layout, columns: Int) {
        try Layout.fitting(
          canvas, title: fullTitle(canvas, shown: shown, note), entries: key, count: shown,
          columns: min(room.columns, self.columns(shown)), frame: frame)
      }
      guard !canvas.isText else { return try fitting(frame) }
      // The width decides how many lines titles have, which decide what fits.
      var (frame, canvas) = (frame, canvas)
      while true {
        let fitted = Result { () throws(FigureError) in try fitting(frame) }
        var columns = self.columns(shown)
        switch fitted {
        case .success(let fitted): columns = fitted.columns
        case .failure(let error):
          guard case .enlarge(let width, _) = error.remedy else { throw error }
          canvas = canvas.resized(width: width, height: canvas.height)
        }
        let lines = titleLines(titleWidth(frame, columns: columns, canvas))
        guard lines > frame.titleLines else { return try fitted.get() }
        frame.titleLines = lines
      }
    }
    if canvas.isText {
      // Shorter names, if only these have room.
      let texts: [(Entry) -> String] = [\.label, { Script.cut($0.label, width: 24) }]
      let keys = [key] + texts.map { self.key(on: canvas, $0) }
      key = keys.first { (try? arranged(nil, $0, frame)) != nil } ?? key
    }
    var (layout, columns) = try arranged(nil, key, frame)
    var labels: [[EndLabel]]?
    if canvas.isText {
      let hidden = hidden(in: layout.panels, on: canvas)
      let advice = "take turns in characters they share; for a panel each: --facet objective"
      let notes = hidden.isEmpty ? [] : ["\(Table.list(hidden)) \(advice)", "lines \(advice)"]
      if let noted = notes.lazy.compactMap({ try? arranged($0, key, frame) }).first {
        (layout, columns) = noted
      }
    } else {
      // Labels at the ends of lines, if they have room in all panels.
      var wide = frame
      wide.right = Double(entries.map(\.text.count).max() ?? 0) + 2
      if rule == nil, let plain = try? arranged(nil, [], wide),
        let ends = endLabels(plain.layout.panels, canvas)
      {
        (layout, columns) = plain
        (labels, frame) = (ends, wide)
      }
    }
    let rectangles = layout.panels
    layout.begin(&script)
    for (index, rectangle) in rectangles.enumerated() {
      let titles =
        canvas.isText
        ? Script.quoted(
          Script.cut(
            title(of: panels[index]), width: Int(1 / Double(columns) / canvas.character) - 2))
        : panels[index].titleLines(titleWidth(frame, columns: columns, canvas))
          .joined(separator: ".\"\\n\".")
      let isLowest = index + columns >= shown && !canvas.isText
      script.add(
        """
        \(rectangle.margins)
        set title \(titles.isEmpty ? "''" : titles) \
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
        let entry = entries[label.entry]
        script.add(
          "set label \(place + 1) \(Script.quoted(entry.text)) at graph 1,graph"
            + " \(label.share) left offset char 0.7,0"
            + " textcolor rgb '\(entry.line.colour)'")
      }
      draw(panels[index], in: rectangle, to: &script)
    }
    layout.end(&script)
  }

  /// The labels of lines that in some panel are seen in less than half of their characters.
  private func hidden(in rectangles: [Rectangle], on canvas: Canvas) -> [String] {
    var hidden: Set<Int> = []
    for (panel, rectangle) in zip(panels, rectangles) {
      guard let y = panel.y else { continue }
      let grid = CharacterGrid(rectangle, on: canvas)
      let cells = drawn(panel).map { grid.cells(panel.outline($0, y), panel.x, y) }
      for (index, place) in zip(drawn(panel), CharacterGrid.seen(cells).enumerated())
      where 2 * place.element.count < cells[place.offset].count {
        hidden.insert(index)
      }
    }
    return hidden.sorted().map { entries[$0].label }
  }

  /// The entries to draw: series of several heads that do not depend on the head are drawn once.
  private func drawn(_ panel: Panel) -> [Int] {
    panel.series.indices.filter { index in
      let series = panel.series[index]
      return !series.rows.isEmpty
        && !zip(panel.series[..<index], entries).contains {
          $1.objective == entries[index].objective && $0.rows == series.rows
        }
    }
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
    script.add(y.commands("y", on: canvas, room: max(lines / 2, min(lines, 3))))
    var bands: [Script.Item] = []
    var drawn: [Script.Item] = []
    var marks: [Script.Item] = []
    let indices = self.drawn(panel)
    if canvas.isText {
      drawn = CharacterGrid(rectangle, on: canvas).items(
        indices.map { (entries[$0].line, panel.outline($0, y)) } + panel.ruled, panel.x, y,
        in: &script)
    }
    for index in indices {
      let (series, line) = (panel.series[index], entries[index].line)
      let rows = panel.rows(index, y)
      if !canvas.isText {
        let name = script.data(rows)
        if panel.style == .lines, rows.contains(where: { $0.count > 3 && $0[2] < $0[3] }) {
          bands.append(line.band(name, columns: "1:3:4"))
        }
        drawn += line.items(
          name, rows, style: panel.style, isMarked: series.marked == nil, from: y.low,
          title: entries[index].text, on: canvas)
      }
      if let marked = series.marked, !marked.isEmpty {
        let name = script.data(marked)
        if canvas.isText {
          marks.append(line.marks(name, on: canvas))
        } else {
          drawn.append(
            Script.Item(plot: "\(name) using 1:2 with points \(line.points(on: canvas))"))
        }
      }
    }
    if let rule = panel.rule { marks += rule.items(panel.x, y, in: &script) }
    marks += panel.marks.map { mark in
      entries[mark.entry].line.marks(script.data([[mark.x, mark.y]]), on: canvas)
    }
    script.plot(bands + drawn + marks)
  }
}
