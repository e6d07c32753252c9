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
    let longest = entries.map(\.text.count).max() ?? 0
    guard entries.count > 1, let first = rectangles.first,
      Double(longest) * canvas.character < (first.right - first.left) / 3
    else { return nil }
    var labels: [[EndLabel]] = []
    for (panel, rectangle) in zip(panels, rectangles) {
      guard let y = panel.y else { return nil }
      var ends: [EndLabel] = []
      for index in panel.series.indices {
        guard let last = panel.rows(index, y).last, panel.x.share(last[0]) > 0.97, last[1].isFinite
        else {
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
