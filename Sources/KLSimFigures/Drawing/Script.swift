// SPDX-License-Identifier: GPL-3.0-or-later

/// A gnuplot script that contains its data.
public struct Script: Sendable {
  /// The canvas of the figure.
  public let canvas: Canvas
  /// The script so far.
  public private(set) var text = ""
  private var blockCount = 0

  /// A script that draws a figure.
  ///
  /// - Parameters:
  ///   - figure: the figure.
  ///   - canvas: its canvas.
  /// - Throws: `FigureError` if the canvas is too small.
  public init(_ figure: any Figure, on canvas: Canvas) throws {
    self.canvas = canvas
    add(
      """
      set encoding utf8
      \(canvas.terminal(isAnimated: figure is AnimationFigure))
      """)
    try figure.draw(in: &self)
  }

  /// Adds lines.
  public mutating func add(_ lines: String) {
    text += lines
    text += "\n"
  }

  /// Adds a block of data: rows of numbers, an empty row between two parts.
  ///
  /// - Parameter rows: the numbers; NaN, infinite numbers and those that no axis shows are gaps: some terminals of
  ///   gnuplot crash at points far outside.
  /// - Returns: the name of the block.
  mutating func data(_ rows: [[Double]]) -> String {
    blockCount += 1
    let name = "$data\(blockCount)"
    text += "\(name) << EOD\n"
    for row in rows {
      var isFirst = true
      for number in row {
        if !isFirst { text += " " }
        isFirst = false
        text += abs(number) <= Axis.limit ? number.description : "nan"
      }
      text += "\n"
    }
    text += "EOD\n"
    return name
  }

  /// A part of a plot.
  struct Item {
    /// The data, and how they are drawn.
    let plot: String
    /// The title that an SVG shows under the pointer; nil for none.
    var title: String?
  }

  /// Plots items on top of each other, the last at the top.
  mutating func plot(_ items: [Item]) {
    let plots = items.map { item in
      "\(item.plot) \(item.title.map { "title \(Self.quoted($0))" } ?? "notitle")"
    }
    add("plot \(plots.joined(separator: ", \\\n  "))")
  }

  /// A text quoted for gnuplot, which then shows every character as it is.
  ///
  /// - Parameter text: any text.
  /// - Returns: the text in quotes, with its special characters escaped.
  static func quoted(_ text: String) -> String {
    var quoted = "'"
    for scalar in text.unicodeScalars {
      switch scalar {
      // Not a doubled quote, which gnuplot 5 misreads at the start of a text.
      case "'": quoted += "'.\"'\".'"
      case "\\", "{", "}", "^", "_", "@", "&", "~": quoted += "\\\(scalar)"
      case _ where scalar.properties.generalCategory == .control: quoted += " "
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "'"
  }

  /// A text without its middle, if it is too long.
  ///
  /// - Parameters:
  ///   - text: any text.
  ///   - width: the maximum number of characters.
  /// - Returns: the text, or both of its ends.
  static func cut(_ text: String, width: Int) -> String {
    guard text.count > max(width, 3) else { return text }
    let kept = max(width, 3) - 1
    return "\(text.prefix(kept - kept / 2))…\(text.suffix(kept / 2))"
  }

  /// Breaks a text into lines, at commas where these are close enough.
  ///
  /// - Parameters:
  ///   - text: any text.
  ///   - width: the maximum number of characters in a line.
  /// - Returns: the lines.
  static func wrappedAtCommas(_ text: String, width: Int) -> [String] {
    let tied = text.split(separator: ", ", omittingEmptySubsequences: false).map { part in
      String(part.count <= width ? part.replacing(" ", with: "\u{A0}") : part)
    }
    return wrapped(tied.joined(separator: ", "), width: width).map {
      $0.replacing("\u{A0}", with: " ")
    }
  }

  /// The start of a word that fits, up to a colon between settings if there is one in its second half.
  private static func fitting(_ word: Substring, _ room: Int) -> Substring {
    let part = word.prefix(room)
    guard part.count < word.count,
      let colon = part.dropFirst(part.count / 2).lastIndex(of: ":")
    else { return part }
    return part[...colon]
  }

  /// Breaks a text into lines.
  ///
  /// - Parameters:
  ///   - text: any text; it is broken at blanks, and within words that are too long, at
  ///     a colon if there is one.
  ///   - width: the maximum number of characters in a line.
  /// - Returns: the lines; none for an empty text.
  static func wrapped(_ text: String, width: Int) -> [String] {
    var lines = text.allSatisfy { $0 == " " } ? [] : [""]
    for word in text.split(separator: " ") {
      var rest = word
      while !rest.isEmpty {
        let current = lines[lines.count - 1]
        let room = width - (current.isEmpty ? 0 : current.count + 1)
        if rest.count <= room || current.isEmpty {
          let part = fitting(rest, max(room, 1))
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
