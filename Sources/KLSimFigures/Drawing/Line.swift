// SPDX-License-Identifier: GPL-3.0-or-later

/// How a line is drawn.
struct Line: Equatable {
  let colour: String
  /// gnuplot's dash type.
  var dash = ObjectiveStyle.dashes[0]
  /// gnuplot's point type; nil for a line without markers.
  var marker: Int?
  /// What draws the line in a terminal.
  var character: Character = "."
  var width = 1.8

  /// More lines than these have no bands.
  static let maximumBands = 8
  /// How many conditions of one objective can be told apart in a panel.
  static let variantCount = 3

  /// The style of the line, without markers, for gnuplot.
  var style: String { "linecolor rgb '\(colour)' linewidth \(width) dashtype \(dash)" }

  /// The markers of the line, for gnuplot; larger ones where they stand alone.
  func points(on canvas: Canvas, isAlone: Bool = false) -> String {
    "pointtype \(marker ?? 5) pointsize \(canvas.pointSize * (isAlone ? 1.6 : 1))"
      + " linecolor rgb '\(colour)'"
  }

  /// gnuplot's `with`.
  ///
  /// A line has a marker on every point where there are few, else on some; a point alone has one in any
  /// case.
  func lines(pointCount: Int, on canvas: Canvas) -> String {
    guard let marker else {
      return pointCount == 1 ? "points \(points(on: canvas))" : "lines \(style)"
    }
    return "linespoints \(style) pointtype \(marker) pointsize \(canvas.pointSize)"
      + (pointCount <= 16 ? " pointinterval 1" : " pointnumber 6")
  }

  /// The line in a terminal.
  ///
  /// - Parameter name: the block of data with the points that it consists of.
  /// - Returns: what to plot.
  func characters(_ name: String) -> Script.Item {
    Script.Item(
      plot: "\(name) using 1:2 with points pointtype '\(character)' linecolor rgb '\(colour)'")
  }

  /// Circles around some of its points.
  ///
  /// - Parameters:
  ///   - name: the block of data with the points.
  ///   - canvas: what is drawn on.
  /// - Returns: what to plot.
  func marks(_ name: String, on canvas: Canvas) -> Script.Item {
    let circle = canvas.isText ? "'O'" : "6 pointsize 2 linewidth 2"
    return Script.Item(
      plot: "\(name) using 1:2 with points pointtype \(circle) linecolor rgb '\(colour)'")
  }

  /// A band in the colour of the line.
  ///
  /// - Parameters:
  ///   - name: the block of data.
  ///   - columns: gnuplot's choice of columns: x and both ends.
  /// - Returns: what to plot.
  func band(_ name: String, columns: String) -> Script.Item {
    Script.Item(
      plot: "\(name) using \(columns) with filledcurves linecolor rgb '\(colour)'"
        + " fillstyle transparent solid 0.18 noborder")
  }

  /// How the key shows the line.
  func keyStyle(on canvas: Canvas) -> String {
    canvas.isText
      ? "points pointtype '\(character)' linecolor rgb '\(colour)'"
      : lines(pointCount: 1, on: canvas)
  }
}

extension Line {
  /// The characters of lines in a terminal.
  private static let characters = Array(
    "*ABCD=E#FGHIJKoLMNPQR+STUVWYxZ%$X!?/abcdefghijklmnpqrstuvwyz4567890123:;")

  /// The lines of the objectives and conditions of a figure.
  ///
  /// - Parameter slots: the style of the objective, and which of several conditions: 0 is drawn in full,
  ///   1 paler and 2 darker, both with the other kind of markers, open or filled. Many lines are thin.
  /// - Returns: a line each; in a terminal each has a character of its own, as long as these suffice,
  ///   condition 0 that of its style.
  static func lines(of slots: [(style: ObjectiveStyle, variant: Int)]) -> [Line] {
    var characterOfSlot = [Character](repeating: ".", count: slots.count)
    var free = Set(characters)
    let order = slots.indices.sorted {
      (slots[$0].variant, slots[$0].style.index) < (slots[$1].variant, slots[$1].style.index)
    }
    for slot in order {
      let first = slots[slot].style.index + slots[slot].variant * ObjectiveStyle.pairCount
      let choices = characters.indices.lazy.map { characters[(first + $0) % characters.count] }
      characterOfSlot[slot] = choices.first { free.contains($0) } ?? choices[0]
      free.remove(characterOfSlot[slot])
    }
    return zip(slots, characterOfSlot).map { slot, character in
      let (style, variant) = slot
      let colour = style.rgb
      let isOpen = style.isOpen != (variant > 0)
      return Line(
        colour: variant == 0
          ? colour : mixed(colour, with: variant == 1 ? "#FFFFFF" : "#000000", share: 0.45),
        dash: ObjectiveStyle.dashes[style.dash],
        marker: ObjectiveStyle.markers[style.marker] - (isOpen ? 1 : 0), character: character,
        width: (slots.count > maximumBands ? 0.7 : 1) * (variant == 2 ? 2.6 : 1.8))
    }
  }

  /// A colour mixed with a share of another one.
  static func mixed(_ colour: String, with other: String, share: Double) -> String {
    let numbers = [colour, other].map { Int($0.dropFirst(), radix: 16) ?? 0 }
    let parts = [16, 8, 0].map { shift in
      let (own, others) = (numbers[0] >> shift & 255, numbers[1] >> shift & 255)
      return Int(Double(own) * (1 - share) + Double(others) * share)
    }
    return "#"
      + parts.map { part in
        let text = String(part, radix: 16, uppercase: true)
        return text.count == 1 ? "0\(text)" : text
      }.joined()
  }
}
