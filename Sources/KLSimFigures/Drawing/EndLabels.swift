// SPDX-License-Identifier: GPL-3.0-or-later

extension LinePanels {
  /// A label at the end of a line: the index of the entry, and where it stands on the vertical axis.
  struct EndLabel: Equatable {
    let entry: Int
    let share: Double
  }

  /// Labels at the right ends of the lines of each panel.
  ///
  /// - Parameters:
  ///   - rectangles: the axes, beside which there is room for the labels.
  ///   - canvas: what is drawn on.
  /// - Returns: nil if in a panel the lines end too close to each other or not at the right edge, or if
  ///   the labels would take more than a third of the width.
  func endLabels(_ rectangles: [Rectangle], _ canvas: Canvas) -> [[EndLabel]]? {
    let longest = entries.map(\.label.count).max() ?? 0
    guard entries.count > 1, let first = rectangles.first,
      Double(longest) * canvas.character < (first.right - first.left) / 3
    else { return nil }
    var labels: [[EndLabel]] = []
    for (panel, rectangle) in zip(panels, rectangles) {
      guard let y = panel.y else { return nil }
      var ends: [EndLabel] = []
      for (index, series) in panel.series.enumerated() {
        guard let last = series.rows.last, panel.x.share(last[0]) > 0.97, last[1].isFinite else {
          return nil
        }
        let share = y.share(last[1])
        guard (0...1).contains(share) else { return nil }
        ends.append(EndLabel(entry: index, share: share))
      }
      let line = 1.1 * canvas.line / (rectangle.top - rectangle.bottom)
      guard let apart = Self.apart(ends, line: line) else { return nil }
      labels.append(apart)
    }
    return labels
  }

  /// Moves labels apart so that each has a line of its own.
  ///
  /// - Parameters:
  ///   - labels: the labels where their lines end.
  ///   - line: the height of a line.
  /// - Returns: nil if one would move by more than a line.
  static func apart(_ labels: [EndLabel], line: Double) -> [EndLabel]? {
    // Clusters of labels that touch, each centred where its lines end on average.
    var clusters: [[EndLabel]] = []
    func centre(_ cluster: [EndLabel]) -> Double {
      cluster.reduce(0) { $0 + $1.share } / Double(cluster.count)
    }
    func half(_ cluster: [EndLabel]) -> Double { line * Double(cluster.count) / 2 }
    for label in labels.sorted(by: { ($0.share, $0.entry) < ($1.share, $1.entry) }) {
      var cluster = [label]
      while let below = clusters.last,
        centre(below) + half(below) > centre(cluster) - half(cluster)
      {
        clusters.removeLast()
        cluster = below + cluster
      }
      clusters.append(cluster)
    }
    let placed = clusters.flatMap { cluster in
      cluster.enumerated().map { place, label in
        (label, centre(cluster) - half(cluster) + line * (Double(place) + 0.5))
      }
    }
    guard placed.allSatisfy({ abs($0.share - $1) <= line && (-line...1 + line).contains($1) })
    else { return nil }
    return placed.map { EndLabel(entry: $0.entry, share: $1) }
  }
}

extension Axis {
  /// A line as points that touch, for a terminal: this is the horizontal axis.
  ///
  /// - Parameters:
  ///   - rows: x and y of its corners.
  ///   - vertical: the other axis.
  ///   - columns: the width in characters.
  ///   - lines: the height in characters.
  /// - Returns: x and y of the points.
  func path(_ rows: [[Double]], _ vertical: Axis, columns: Int, lines: Int) -> [[Double]] {
    let corners = rows.map { (x: share($0[0]), y: vertical.share($0[1])) }
    var points: [(x: Double, y: Double)] = []
    for (start, end) in zip(corners, corners.dropFirst()) {
      let (dx, dy) = (end.x - start.x, end.y - start.y)
      guard dx.isFinite, dy.isFinite else { continue }
      let steps = max(abs(dx) * Double(columns), abs(dy) * Double(lines)).rounded(.up)
      points += (0..<max(Int(min(steps, 10_000)), 1)).map { step in
        let part = Double(step) / max(steps, 1)
        return (start.x + part * dx, start.y + part * dy)
      }
    }
    return (points + corners.filter { $0.x.isFinite && $0.y.isFinite }).map {
      [number(at: $0.x), vertical.number(at: $0.y)]
    }
  }
}
