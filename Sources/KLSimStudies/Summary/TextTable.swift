// SPDX-License-Identifier: GPL-3.0-or-later

/// A table of aligned columns for people, which fits a width.
package struct TextTable: Sendable {
  private let rows: [[String]]
  private let keyCount: Int
  private let headsRows: Bool

  /// A table.
  ///
  /// - Parameters:
  ///   - header: the names of the columns.
  ///   - rows: the cells, as many a row as there are columns.
  ///   - keyCount: how many columns at the front say what a row is of; these stand on the left.
  ///   - headsRows: whether the first cell of a row may stand above the others, for tables whose first column
  ///     can be long.
  package init(header: [String], rows: [[String]], keyCount: Int = 1, headsRows: Bool = false) {
    self.rows = [header] + rows
    (self.keyCount, self.headsRows) = (keyCount, headsRows)
  }

  /// The lines of the table.
  ///
  /// A table that is too wide is turned, its columns becoming rows, or cut into blocks of columns below
  /// each other, or the first cell of every row is set on a line above the others, whichever takes the fewest
  /// lines.
  ///
  /// - Parameter width: how many characters a line may have, where a single column does not need more.
  /// - Returns: the lines; an empty one between blocks.
  package func lines(width: Int) -> [String] {
    let upright = Self.lines(of: rows, keyCount: keyCount, width: width)
    guard !fits(width), let header = rows.first else { return upright }
    let columns = header.indices.map { column in rows.map { $0[column] } }
    let turned = Self.lines(of: columns, keyCount: 1, width: width)
    let shapes = [upright, turned] + (headsRows ? [headed(width: width)] : [])
    return shapes.min { $0.count < $1.count } ?? upright
  }

  /// The lines with the first cells above the others; rows with the same first cell share it.
  private func headed(width: Int) -> [String] {
    let others = rows.map { [" "] + $0.dropFirst() }
    let lines = Self.lines(of: others, keyCount: keyCount, width: width)
    return lines.enumerated().flatMap { place, line -> [String] in
      // Blocks of columns have an empty line between.
      let row = place % (rows.count + 1)
      guard row < rows.count, row == 0 || rows[row][0] != rows[row - 1][0] else { return [line] }
      return [rows[row][0], line]
    }
  }

  /// Whether the table has its own shape in a width, neither turned nor cut.
  func fits(_ width: Int) -> Bool {
    Self.lines(of: rows, keyCount: keyCount, width: width).count == rows.count
  }

  private static func lines(of rows: [[String]], keyCount: Int, width: Int) -> [String] {
    guard let header = rows.first else { return [] }
    let widths = header.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    let keys = Array(header.indices.prefix(keyCount))
    let room = width - keys.reduce(0) { $0 + widths[$1] + 2 } + 2
    var blocks: [[Int]] = []
    var used = 0
    for column in header.indices.dropFirst(keyCount) {
      used += widths[column] + 2
      if blocks.isEmpty || used > room {
        blocks.append([])
        used = widths[column] + 2
      }
      blocks[blocks.count - 1].append(column)
    }
    let texts = blocks.map { block in
      rows.map { row in
        let cells = (keys + block).map { column in
          let padding = String(repeating: " ", count: widths[column] - row[column].count)
          return column < keyCount ? row[column] + padding : padding + row[column]
        }
        let line = cells.joined(separator: "  ")
        return String(line.reversed().drop { $0 == " " }.reversed())
      }
    }
    return Array(texts.joined(separator: [""]))
  }

  /// A sentence in as many lines as the width asks for; those after the first are indented.
  static func sentence(_ text: String, width: Int) -> [String] {
    text.split(separator: " ").reduce(into: [String]()) { lines, word in
      if let last = lines.last, last.count + word.count + 1 <= width {
        lines[lines.count - 1] += " " + word
      } else {
        lines.append((lines.isEmpty ? "" : "  ") + word)
      }
    }
  }

  /// Words that are joined by a middle dot, in as many lines as the width asks for.
  static func title(_ words: [String], width: Int) -> [String] {
    words.reduce(into: [String]()) { lines, word in
      if let last = lines.last, last.count + word.count + 3 <= width {
        lines[lines.count - 1] += " · " + word
      } else {
        lines.append(lines.isEmpty ? word : "  " + word)
      }
    }
  }
}
