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
  public mutating func add(_ lines: String) {
    text += lines
    text += "\n"
  }

  /// Adds a block of data: rows of numbers, an empty row between two parts.
  ///
  /// - Parameter rows: the numbers; NaN and infinite numbers are gaps.
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
        text += number.isFinite ? number.description : "nan"
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

  /// Plots lines on top of their bands.
  ///
  /// - Parameter series: for each, rows of x, y and the two ends of the band, how the line is drawn,
  ///   its title and whether there is a band.
  mutating func plotBands(_ series: [(rows: [[Double]], line: Line, title: String, hasBand: Bool)])
  {
    var bands: [Item] = []
    var lines: [Item] = []
    for (index, (rows, line, title, hasBand)) in series.enumerated() where !rows.isEmpty {
      // Series of several heads are equal if they do not depend on the head: draw them once.
      let isDrawn = series[..<index].contains {
        $0.line.colour == line.colour && $0.rows == rows
      }
      if isDrawn { continue }
      let name = data(rows)
      // A line through a single point is invisible.
      let shape = rows.count { $0[1].isFinite } > 1 ? "lines" : "points"
      if hasBand, !canvas.isText {
        bands.append(
          Item(
            plot: "\(name) using 1:3:4 with filledcurves linecolor rgb '\(line.colour)'"
              + " fillstyle transparent solid 0.18 noborder"))
      }
      lines.append(
        Item(
          plot: "\(name) using 1:2 with \(shape) \(line.style)",
          title: title))
    }
    plot(bands + lines)
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

  /// Breaks a text into lines.
  ///
  /// - Parameters:
  ///   - text: any text; it is broken at blanks, and within words that are too long.
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
