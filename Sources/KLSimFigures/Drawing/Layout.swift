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
  func yLabel(_ text: String, on canvas: Canvas) -> String {
    guard !canvas.isText else { return "" }
    let x = left - 8.3 * canvas.character
    return "set label 80 \(Script.quoted(text)) at screen \(x),screen \((bottom + top) / 2)"
      + " center rotate by 90"
  }
}

/// The positions of title, panels and legend of a figure.
struct Layout {
  /// An entry of the legend: how it is drawn and what it means.
  struct Entry {
    let style: String
    let label: String
  }

  private let canvas: Canvas
  private let titleLines: [String]
  private let entries: [Entry]

  /// Lays out a figure.
  ///
  /// - Parameters:
  ///   - canvas: its canvas.
  ///   - title: the text above it.
  ///   - entries: the legend below it.
  init(_ canvas: Canvas, title: String, entries: [Entry] = []) {
    self.canvas = canvas
    titleLines = Script.wrapped(title, width: Int(0.94 / canvas.character))
    self.entries = entries
  }

  /// The numbers of columns and rows of the legend.
  private var legend: (columns: Int, rows: Int) {
    guard let longest = entries.map(\.label.count).max() else { return (0, 0) }
    let maximum = max(1, Int(0.96 / canvas.character) / (longest + 9))
    let rows = (entries.count + maximum - 1) / maximum
    return ((entries.count + rows - 1) / rows, rows)
  }

  private var legendHeight: Double {
    entries.isEmpty ? 0 : (Double(legend.rows) + 0.5) * canvas.line
  }

  private var titleHeight: Double {
    (Double(titleLines.count) * 1.15 + (canvas.isText || titleLines.isEmpty ? 0 : 0.3))
      * canvas.line
  }

  /// The axes of panels.
  ///
  /// - Parameters:
  ///   - count: how many there are.
  ///   - columns: how many stand side by side.
  ///   - left: characters for the text to the left of each.
  ///   - right: characters to its right.
  ///   - above: lines above each.
  ///   - below: lines below each.
  /// - Returns: rectangles, row by row from the upper left.
  func panels(
    _ count: Int, columns: Int, left: Double = 9.5, right: Double = 3, above: Double = 1.6,
    below: Double = 3
  ) -> [Rectangle] {
    let rows = (count + columns - 1) / columns
    let top = 1 - titleHeight
    let height = (top - legendHeight) / Double(rows)
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

  /// Writes the title, draws the legend and ends the figure.
  func end(_ script: inout Script) {
    script.add(
      """
      reset
      unset border
      unset tics
      \(Rectangle(left: 0.02, right: 0.98, bottom: 0, top: max(legendHeight, 0.01)).margins)
      set key inside center center horizontal Left reverse maxcols \(max(legend.columns, 1)) \
      samplen 3 spacing 1 textcolor rgb '#222222'
      set xrange [0:1]
      set yrange [0:1]
      """)
    for (index, line) in titleLines.enumerated() {
      let y = 1 - (Double(index) + (canvas.isText ? 0.5 : 0.9)) * 1.15 * canvas.line
      script.add("set label \(Script.quoted(line)) at screen 0.5,screen \(y) center")
    }
    let keys = entries.map { "keyentry with \($0.style) title \(Script.quoted($0.label))" }
    script.add("plot \((["NaN notitle"] + keys).joined(separator: ", \\\n  "))")
    script.add("unset multiplot\nreset")
  }
}
