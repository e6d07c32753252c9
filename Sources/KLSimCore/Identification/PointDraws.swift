// SPDX-License-Identifier: GPL-3.0-or-later

/// The gradients of an estimator, several at one point.
struct PointDraws {
  /// The points, each once, in their order.
  private(set) var states: [FitState] = []
  /// The first row of each.
  private(set) var points: [Int] = []
  private var counts: [Double] = []
  private var places: [Int: Int] = [:]
  private var sums: [(means: [Double], squares: [Double])] = []

  /// Adds a gradient at a point.
  ///
  /// - Parameters:
  ///   - state: the point.
  ///   - point: its first row, from 0.
  ///   - gradient: `∂L/∂z` by rank.
  mutating func add(_ state: FitState, point: Int, gradient: [Double]) {
    guard let place = places[point] else {
      places[point] = states.count
      states.append(state)
      points.append(point)
      counts.append(1)
      sums.append((gradient, gradient.map { _ in 0 }))
      return
    }
    counts[place] += 1
    for token in gradient.indices {
      // Welford, Technometrics 4, 1962.
      let gap = gradient[token] - sums[place].means[token]
      sums[place].means[token] += gap / counts[place]
      sums[place].squares[token] += gap * (gradient[token] - sums[place].means[token])
    }
  }

  /// Removes points, after all draws were added.
  ///
  /// - Parameter removed: the first row of each.
  mutating func remove(_ removed: Set<Int>) {
    let kept = points.indices.filter { !removed.contains(points[$0]) }
    (states, points) = (kept.map { states[$0] }, kept.map { points[$0] })
    (counts, sums) = (kept.map { counts[$0] }, kept.map { sums[$0] })
  }

  /// The mean gradient of each point.
  var means: [[Double]] { sums.map(\.means) }

  /// The summed variance of each point's mean; 0 for a single draw.
  var variances: [Double] {
    zip(sums, counts).map { $1 > 1 ? $0.squares.reduce(0, +) / ($1 * ($1 - 1)) : 0 }
  }
}
