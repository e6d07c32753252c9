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
    // Sub- and superscripts are narrow: markup has about as many characters as its full text is wide.
    isMarkup && !canvas.isText && full.count <= width
      ? "'\(full)'" : Script.quoted(Script.cut(text, width: width))
  }

  /// The text, quoted for gnuplot, in lines of at most so many characters; none for an empty text.
  func lines(width: Int) -> [String] {
    isMarkup && full.count <= width
      ? ["'\(full)'"] : Script.wrappedAtCommas(text, width: width).map(Script.quoted)
  }

  /// The text without markup.
  var text: String { plain }
}
