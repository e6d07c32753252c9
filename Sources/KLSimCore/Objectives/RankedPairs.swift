// SPDX-License-Identifier: GPL-3.0-or-later

/// The pairs of tokens that a teacher tells apart: k before l where `p_k > p_l + e`, both above e.
struct RankedPairs: Sendable {
  /// By rank k, the rank of the first l; the others follow, up to `end`.
  let starts: [Int]
  let end: Int
  /// How many pairs there are.
  let count: Int

  /// - Parameters:
  ///   - p: the teacher's probabilities by rank.
  ///   - threshold: e.
  init(_ p: [Double], threshold: Double) {
    let end = p.firstIndex { !($0 > threshold) } ?? p.count
    var start = 0
    starts = (0..<end).map { rank in
      while start < end, !(p[rank] > p[start] + threshold) { start += 1 }
      return start
    }
    self.end = end
    count = starts.reduce(0) { $0 + end - $1 }
  }
}
