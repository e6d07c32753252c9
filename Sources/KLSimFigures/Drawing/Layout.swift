// SPDX-License-Identifier: GPL-3.0-or-later

/// A rectangle in shares of the canvas, the origin at the lower left.
struct Rectangle: Equatable {
  var left: Double
  var right: Double
  var bottom: Double
  var top: Double

  /// gnuplot's commands that make the axes of the next plot fill it.
  var margins: String {
    """
    set lmargin at screen \(left)
    set rmargin at screen \(right)
    set bmargin at screen \(bottom)
    set tmargin at screen \(top)
    """
  }

  /// gnuplot's command for the label of the vertical axis, left of the tics.
  ///
  /// gnuplot's own label moves with the tics, off the canvas if they are wide. In a terminal, where
  /// text cannot be rotated, there is no label.
  func yLabel(_ text: Caption, on canvas: Canvas) -> String {
    guard !canvas.isText else { return "" }
    let x = left - 8.3 * canvas.character
    let width = Int((top - bottom) * Double(canvas.height) / (6.8 * canvas.scale))
    return "set label 80 \(text.quoted(on: canvas, width: width)) at screen \(x),screen"
      + " \((bottom + top) / 2) center rotate by 90"
  }
}

/// A text, or one that has markup, with a short form for a terminal.
struct Caption: Equatable {
  private let full: String
  private let plain: String
  /// Whether the full text has gnuplot's markup and must not be escaped or cut.
  private let isMarkup: Bool

  /// A text with gnuplot's markup, and the same in few characters without.
  init(markup: String, plain: String) { (full, self.plain, isMarkup) = (markup, plain, true) }

  /// Any text.
  init(_ text: String) { (full, plain, isMarkup) = (text, text, false) }

  /// The text, quoted for gnuplot, of at most so many characters.
  func quoted(on canvas: Canvas, width: Int = .max) -> String {
    isMarkup && !canvas.isText ? "'\(full)'" : Script.quoted(Script.cut(text, width: width))
  }

  /// The text without markup.
  var text: String { plain }
}

/// The positions of title, panels and key of a figure.
struct Layout {
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

  /// Lays out a figure.
  ///
  /// - Parameters:
  ///   - canvas: its canvas.
  ///   - title: the text above it.
  ///   - entries: the key, in the place of a missing last panel or below the panels.
  ///   - count: how many panels there are.
  ///   - columns: how many of them stand side by side.
  init(_ canvas: Canvas, title: String, entries: [Entry] = [], count: Int = 1, columns: Int = 1) {
    self.canvas = canvas
    titleLines = Script.wrapped(title, width: Int(0.94 / canvas.character))
    let width = Int(0.96 / canvas.character) - 12
    self.entries = entries.map {
      Entry(style: $0.style, label: Script.cut($0.label, width: width))
    }
    self.count = count
    self.columns = columns
  }

  private var rows: Int { (count + columns - 1) / columns }

  /// The numbers of columns and rows of a key.
  ///
  /// - Parameters:
  ///   - labels: its labels.
  ///   - width: its width in characters.
  /// - Returns: both numbers, 0 for a key without labels.
  static func keySize(_ labels: [String], width: Int) -> (columns: Int, rows: Int) {
    guard let longest = labels.map(\.count).max() else { return (0, 0) }
    // gnuplot adds a sample of the line, margins, and room between columns.
    let maximum = max(1, width / (longest + 12))
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
    keySize(labels, width: Int(Double(width) * 0.96 / 6.8)).rows
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

  /// The axes of the panels.
  ///
  /// - Parameters:
  ///   - left: characters for the text to the left of each.
  ///   - right: characters to its right, nil for the half of a label of the horizontal axis.
  ///   - hasTitles: whether there are titles above them.
  /// - Returns: rectangles, row by row from the upper left.
  func panels(left: Double = 9.5, right: Double? = nil, hasTitles: Bool = true) -> [Rectangle] {
    // Above is the title; below are the tics and, except in a terminal, the label of the axis.
    let (above, below) = canvas.isText ? (hasTitles ? 1.0 : 0, 2.0) : (1.6, 3.0)
    let left = canvas.isText ? min(left, 7.5) : left
    let right = right ?? (canvas.isText ? 2 : 3)
    let top = 1 - titleHeight
    let height = (top - keyHeight) / Double(rows)
    let width = 1 / Double(columns)
    return (0..<count).map { index in
      let (row, column) = index.quotientAndRemainder(dividingBy: columns)
      let rectangle = Rectangle(
        left: Double(column) * width + left * canvas.character,
        right: Double(column + 1) * width - right * canvas.character,
        bottom: top - Double(row + 1) * height + below * canvas.line,
        top: top - Double(row) * height - above * canvas.line)
      // On a very small canvas panels overlap, but each keeps a positive size.
      return Rectangle(
        left: rectangle.left, right: max(rectangle.right, rectangle.left + 0.01),
        bottom: rectangle.bottom, top: max(rectangle.top, rectangle.bottom + 0.01))
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
