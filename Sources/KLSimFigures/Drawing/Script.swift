// SPDX-License-Identifier: GPL-3.0-or-later

/// A gnuplot script in the making, with its data in it.
public struct Script: Sendable {
  /// What it draws on.
  public let canvas: Canvas
  /// The script so far.
  public private(set) var text = ""
  private var blockCount = 0

  /// A script that draws a figure.
  ///
  /// - Parameters:
  ///   - figure: the figure.
  ///   - canvas: what it is drawn on.
  public init(_ figure: any Figure, on canvas: Canvas) {
    self.canvas = canvas
    add(
      """
      set encoding utf8
      \(canvas.terminal(isAnimated: figure is AnimationFigure))
      """)
    figure.draw(in: &self)
  }

  /// Adds lines.
  mutating func add(_ lines: String) {
    text += lines
    text += "\n"
  }

  /// Adds a block of data: rows of numbers, an empty row between two parts.
  ///
  /// - Parameter rows: the numbers; not a number is a gap, and so is an infinite one.
  /// - Returns: the name by which a plot calls it.
  mutating func data(_ rows: [[Double]]) -> String {
    blockCount += 1
    let name = "$data\(blockCount)"
    text += "\(name) << EOD\n"
    for row in rows {
      var isFirst = true
      for number in row {
        if !isFirst { text += " " }
        isFirst = false
        text += number.isFinite ? number.description : "nan"
      }
      text += "\n"
    }
    text += "EOD\n"
    return name
  }

  /// A text as gnuplot takes it, letter by letter.
  ///
  /// - Parameter text: any text.
  /// - Returns: it in quotes, its special characters harmless.
  static func quoted(_ text: String) -> String {
    var quoted = "'"
    for scalar in text.unicodeScalars {
      switch scalar {
      case "'": quoted += "''"
      case "\\", "{", "}", "^", "_", "@", "&", "~": quoted += "\\\(scalar)"
      case _ where scalar.properties.generalCategory == .control: quoted += " "
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "'"
  }

  /// A text in lines that fit.
  ///
  /// - Parameters:
  ///   - text: any text; it breaks at blanks, or anywhere if a word is too long.
  ///   - width: characters in a line.
  /// - Returns: the lines.
  static func wrapped(_ text: String, width: Int) -> [String] {
    var lines = [""]
    for word in text.split(separator: " ") {
      var rest = word
      while !rest.isEmpty {
        let current = lines[lines.count - 1]
        let room = width - (current.isEmpty ? 0 : current.count + 1)
        if rest.count <= room || current.isEmpty {
          let part = rest.prefix(max(room, 1))
          lines[lines.count - 1] = current.isEmpty ? String(part) : "\(current) \(part)"
          rest = rest.dropFirst(part.count)
        } else {
          lines.append("")
        }
      }
    }
    return lines
  }
}
