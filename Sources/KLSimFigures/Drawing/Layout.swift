// SPDX-License-Identifier: GPL-3.0-or-later

/// The positions of title, panels and key of a figure.
struct Layout {
  /// The text around the axes of each panel, and the least size of the axes, in characters and lines.
  struct Frame {
    /// Characters for the text to the left.
    var left = 9.5
    /// Characters to the right; nil for the half of a label of the horizontal axis.
    var right: Double?
    /// The number of lines of titles above.
    var titleLines = 1
    /// The least width and height of the axes, outside a terminal.
    var least: (width: Double, height: Double) = (14, 4)

    /// How many characters a title has that is centred above the axes and reaches no other panel's.
    ///
    /// - Parameter cell: the width of the axes with the text around them, in characters.
    /// - Returns: the number.
    func titleWidth(cell: Double) -> Double {
      max(cell - abs(left - (right ?? Self.right)) - 1, 10)
    }

    /// Characters for the half of a label of the horizontal axis.
    static let right = 3.0
  }

  /// An entry of the key: how it is drawn and what it means.
  struct Entry {
    let style: String
    let label: String
  }

  private let canvas: Canvas
  private let titleLines: [String]
  private let entries: [Entry]
  private let count: Int
  private let columns: Int
  private let frame: Frame

  /// Lays out a figure with as many columns as are wished, or more or fewer if only those have room.
  ///
  /// - Parameters:
  ///   - canvas: its canvas.
  ///   - title: the text above it.
  ///   - entries: the key.
  ///   - count: how many panels there are.
  ///   - columns: how many of them had best stand side by side.
  ///   - frame: what is around the axes of each.
  /// - Returns: the layout, and the number of columns.
  /// - Throws: `FigureError` with the least size, if the canvas is too small.
  static func fitting(
    _ canvas: Canvas, title: String, entries: [Entry] = [], count: Int = 1, columns: Int = 1,
    frame: Frame = Frame()
  ) throws(FigureError) -> (layout: Layout, columns: Int) {
    func layout(_ canvas: Canvas, _ columns: Int) -> Layout {
      Layout(
        canvas, title: title, entries: entries, count: count, columns: columns, frame: frame)
    }
    let choices =
      canvas.isText
      ? [columns] : Array(columns...max(count, columns)) + (1..<columns).reversed()
    for columns in choices where layout(canvas, columns).fits {
      return (layout(canvas, columns), columns)
    }
    let wide = canvas.resized(
      width: max(layout(canvas, columns).leastSize.width, canvas.width), height: canvas.height)
    let least = layout(wide, columns).leastSize
    throw FigureError(
      description: "\(canvas.width)x\(canvas.height)"
        + " \(canvas.isText ? "characters" : "pixels") are too few for"
        + " \(count == 1 ? "a panel" : "\(count) panels")"
        + (entries.isEmpty ? "" : " and a key of \(entries.count)")
        + ": \(wide.width)x\(max(least.height, canvas.height)) are enough",
      remedy: .enlarge(width: wide.width, height: max(least.height, canvas.height)))
  }

  /// Lays out a figure.
  ///
  /// - Parameters:
  ///   - canvas: its canvas.
  ///   - title: the text above it.
  ///   - entries: the key, in the place of a missing last panel or below the panels.
  ///   - count: how many panels there are.
  ///   - columns: how many of them stand side by side.
  ///   - frame: what is around the axes of each.
  init(
    _ canvas: Canvas, title: String, entries: [Entry] = [], count: Int = 1, columns: Int = 1,
    frame: Frame = Frame()
  ) {
    self.canvas = canvas
    self.frame = frame
    titleLines = Script.wrapped(title, width: Int(0.94 / canvas.character))
    let width = Int(0.96 / canvas.character) - 12
    self.entries = entries.flatMap { entry in
      guard !canvas.isText else {
        return [Entry(style: entry.style, label: Script.cut(entry.label, width: width))]
      }
      // Lines after the first have no sample.
      return Script.wrapped(entry.label, width: width).enumerated().map { place, line in
        Entry(style: place == 0 ? entry.style : Self.noSample, label: line)
      }
    }
    self.count = count
    self.columns = columns
  }

  private static let noSample = "lines linetype nodraw"

  private var rows: Int { (count + columns - 1) / columns }

  /// The numbers of columns and rows of a key.
  ///
  /// - Parameters:
  ///   - labels: its labels.
  ///   - width: its width in characters.
  /// - Returns: both numbers, 0 for a key without labels.
  static func keySize(_ labels: [String], width: Int) -> (columns: Int, rows: Int) {
    guard let longest = labels.map(\.count).max() else { return (0, 0) }
    // gnuplot adds a sample of the line, margins, and room between columns, and takes texts for wider
    // than they are.
    let maximum = max(1, width / (longest + longest / 12 + 12))
    let rows = (labels.count + maximum - 1) / maximum
    return ((labels.count + rows - 1) / rows, rows)
  }

  /// The numbers of columns and rows of a key below the panels.
  static func keySize(_ labels: [String], on canvas: Canvas) -> (columns: Int, rows: Int) {
    keySize(labels, width: Int(0.96 / canvas.character))
  }

  /// How many rows a key below the panels has.
  ///
  /// - Parameters:
  ///   - labels: its labels.
  ///   - width: the width of a canvas of scale 1, in pixels.
  /// - Returns: the rows.
  static func keyRows(_ labels: [String], width: Int) -> Int {
    let width = Int(Double(width) * 0.96 / 6.8)
    return keySize(labels.flatMap { Script.wrapped($0, width: width - 12) }, width: width).rows
  }

  /// Where the key stands, and how many entries side by side.
  private var key: (place: Rectangle, columns: Int) {
    if let vacancy {
      let columns = keySize(within: vacancy).columns
      return (vacancy, columns)
    }
    // gnuplot leaves out the last row of a key without a margin.
    let margin = canvas.isText ? canvas.line : 0
    let place = Rectangle(left: 0.02, right: 0.98, bottom: 0, top: max(keyHeight, 0.01) + margin)
    return (place, keySize(within: place).columns)
  }

  private func keySize(within place: Rectangle) -> (columns: Int, rows: Int) {
    Self.keySize(
      entries.map(\.label), width: Int((place.right - place.left) / canvas.character))
  }

  /// The place of a missing last panel, if the key fits into it.
  private var vacancy: Rectangle? {
    guard count < rows * columns, !canvas.isText else { return nil }
    let width = 1 / Double(columns)
    let place = Rectangle(
      left: 1 - width + 2 * canvas.character, right: 1 - canvas.character, bottom: 0,
      top: (1 - titleHeight) / Double(rows) - canvas.line)
    let fits =
      Double(keySize(within: place).rows) * 1.1 * canvas.line < place.top
      && (entries.map(\.label.count).max() ?? 0) + 12 < Int(width / canvas.character)
    return fits ? place : nil
  }

  /// The height of a key below the panels.
  private var keyHeight: Double {
    guard !entries.isEmpty, vacancy == nil else { return 0 }
    let rows = Self.keySize(entries.map(\.label), on: canvas).rows
    return (canvas.isText ? Double(rows) : 1.1 * Double(rows) + 0.5) * canvas.line
  }

  private var titleLine: Double { (canvas.isText ? 1 : 1.15) * canvas.line }

  private var titleHeight: Double {
    Double(titleLines.count) * titleLine
      + (canvas.isText || titleLines.isEmpty ? 0 : 0.3 * canvas.line)
  }

  /// The characters and lines around the axes of a panel.
  ///
  /// Above is the title; below are the tics and, except in a terminal, the label of the axis.
  private var margins: (left: Double, right: Double, above: Double, below: Double) {
    canvas.isText
      ? (min(frame.left, 7.5), frame.right ?? 2, frame.titleLines > 0 ? 1 : 0, 2)
      : (frame.left, frame.right ?? Frame.right, 0.6 + Double(frame.titleLines), 3)
  }

  /// The least width and height of the axes in characters and lines.
  private var least: (width: Double, height: Double) { canvas.isText ? (10, 2) : frame.least }

  /// Whether every panel has room for its axes.
  private var fits: Bool {
    let (width, height) = panelSize
    return width >= least.width * canvas.character - 1e-9
      && height >= least.height * canvas.line - 1e-9
  }

  /// The least size of the canvas in which all have room, if the title and the key have as many lines as
  /// on this canvas.
  private var leastSize: (width: Int, height: Int) {
    let (left, right, above, below) = margins
    let width = Double(columns) * (left + least.width + right)
    let height = Double(rows) * (above + least.height + below)
    return (
      Int((width * canvas.character * Double(canvas.width)).rounded(.up)),
      Int(
        ((height * canvas.line + titleHeight + keyHeight) * Double(canvas.height)).rounded(.up))
    )
  }

  /// The width and height of the axes of each panel, in shares of the canvas.
  private var panelSize: (width: Double, height: Double) {
    let (left, right, above, below) = margins
    return (
      1 / Double(columns) - (left + right) * canvas.character,
      (1 - titleHeight - keyHeight) / Double(rows) - (above + below) * canvas.line
    )
  }

  /// The axes of the panels, row by row from the upper left.
  var panels: [Rectangle] {
    let (left, right, above, below) = margins
    let top = 1 - titleHeight
    let height = (top - keyHeight) / Double(rows)
    let width = 1 / Double(columns)
    return (0..<count).map { index in
      let (row, column) = index.quotientAndRemainder(dividingBy: columns)
      let panel = Rectangle(
        left: Double(column) * width + left * canvas.character,
        right: Double(column + 1) * width - right * canvas.character,
        bottom: top - Double(row + 1) * height + below * canvas.line,
        top: top - Double(row) * height - above * canvas.line)
      return canvas.isText ? CharacterGrid.aligned(panel, on: canvas) : panel
    }
  }

  /// Starts the figure.
  func begin(_ script: inout Script) {
    script.add(
      """
      set datafile missing 'nan'
      set border 3 linewidth 1 linecolor rgb '#444444'
      set tics nomirror out scale 0.6 textcolor rgb '#222222'
      set key off
      set multiplot
      """)
  }

  /// Writes the title, draws the key and ends the figure.
  func end(_ script: inout Script) {
    let key = key
    script.add(
      """
      reset
      unset border
      unset tics
      \(key.place.margins)
      set key inside center center horizontal Left reverse maxcols \(max(key.columns, 1)) \
      samplen 3 spacing 1 textcolor rgb '#222222'
      set xrange [0:1]
      set yrange [0:1]
      """)
    for (index, line) in titleLines.enumerated() {
      let y = 1 - (Double(index) + (canvas.isText ? 0.5 : 0.9)) * titleLine
      script.add("set label \(Script.quoted(line)) at screen 0.5,screen \(y) center")
    }
    let keys = entries.map { "keyentry with \($0.style) title \(Script.quoted($0.label))" }
    script.add("plot \((["NaN notitle"] + keys).joined(separator: ", \\\n  "))")
    script.add("unset multiplot\nreset")
  }
}
