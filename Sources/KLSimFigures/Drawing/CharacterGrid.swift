// SPDX-License-Identifier: GPL-3.0-or-later

/// The characters of a terminal between the axes of a panel, as gnuplot counts them.
struct CharacterGrid {
  /// The numbers of the last column and row; the first ones are 0.
  let (columns, rows): (Int, Int)

  /// The characters in a rectangle that `aligned` gave.
  init(_ rectangle: Rectangle, on canvas: Canvas) {
    func place(_ share: Double, _ count: Int) -> Int { Int(share * Double(count - 1)) }
    columns = place(rectangle.right, canvas.width) - place(rectangle.left, canvas.width)
    rows = place(rectangle.top, canvas.height) - place(rectangle.bottom, canvas.height)
  }

  /// A rectangle whose edges are amid characters, so that no rounding moves them.
  static func aligned(_ rectangle: Rectangle, on canvas: Canvas) -> Rectangle {
    func aligned(_ share: Double, _ count: Int) -> Double {
      ((share * Double(count - 1)).rounded(.down) + 0.5) / Double(count - 1)
    }
    return Rectangle(
      left: aligned(rectangle.left, canvas.width), right: aligned(rectangle.right, canvas.width),
      bottom: aligned(rectangle.bottom, canvas.height), top: aligned(rectangle.top, canvas.height))
  }

  /// A character by its column and row.
  struct Cell: Hashable, Comparable {
    let column: Int
    let row: Int

    static func < (left: Self, right: Self) -> Bool {
      (left.column, left.row) < (right.column, right.row)
    }
  }

  /// The cells of a line.
  ///
  /// - Parameters:
  ///   - corners: x and y of its corners.
  ///   - x: the horizontal axis.
  ///   - y: the vertical axis.
  /// - Returns: the cells between the axes.
  func cells(_ corners: [[Double]], _ x: Axis, _ y: Axis) -> Set<Cell> {
    let places = corners.map {
      (x: x.share($0[0]) * Double(columns), y: y.share($0[1]) * Double(rows))
    }
    var cells: Set<Cell> = []
    func add(_ column: Double, _ row: Double) {
      let (column, row) = (column.rounded(), row.rounded())
      guard (0...Double(columns)).contains(column), (0...Double(rows)).contains(row) else { return }
      cells.insert(Cell(column: Int(column), row: Int(row)))
    }
    for place in places { add(place.x, place.y) }
    for (start, end) in zip(places, places.dropFirst()) {
      let (dx, dy) = (end.x - start.x, end.y - start.y)
      guard dx.isFinite, dy.isFinite else { continue }
      let steps = min(max(abs(dx), abs(dy)).rounded(.up), 10_000)
      for step in stride(from: 1, to: steps, by: 1) {
        add(start.x + step / steps * dx, start.y + step / steps * dy)
      }
    }
    return cells
  }

  /// The cells in which each of several lines is seen: where lines share cells, they take turns.
  static func seen(_ lines: [Set<Cell>]) -> [[Cell]] {
    var linesOfCell: [Cell: [Int]] = [:]
    for (line, cells) in lines.enumerated() {
      for cell in cells { linesOfCell[cell, default: []].append(line) }
    }
    var seen = [[Cell]](repeating: [], count: lines.count)
    var turn = [Int](repeating: -1, count: lines.count)
    for (place, cell) in linesOfCell.keys.sorted().enumerated() {
      let sharing = linesOfCell[cell] ?? []
      guard let next = sharing.min(by: { (turn[$0], $0) < (turn[$1], $1) }) else { continue }
      seen[next].append(cell)
      if sharing.count > 1 { turn[next] = place }
    }
    return seen
  }

  /// What draws lines.
  ///
  /// - Parameters:
  ///   - lines: the lines and their corners.
  ///   - x: the horizontal axis.
  ///   - y: the vertical axis.
  ///   - script: the script to add data to.
  /// - Returns: what to plot.
  func items(
    _ lines: [(line: Line, corners: [[Double]])], _ x: Axis, _ y: Axis, in script: inout Script
  ) -> [Script.Item] {
    let seen = Self.seen(lines.map { cells($0.corners, x, y) })
    return zip(lines, seen).compactMap { line, cells in
      cells.isEmpty ? nil : line.line.characters(script.data(cells.map { point($0, x, y) }))
    }
  }

  private func point(_ cell: Cell, _ x: Axis, _ y: Axis) -> [Double] {
    [
      x.number(at: Double(cell.column) / Double(columns)),
      y.number(at: Double(cell.row) / Double(rows)),
    ]
  }
}
