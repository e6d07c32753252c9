// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimFiles
internal import KLSimNumerics

/// The values of one level of what is compared, such as an objective, under one choice on other axes.
struct Sample: Sendable {
  /// The level, such as `fkl`.
  let level: String
  /// The choices on the axes on which every level may have its own best; empty if there are none.
  let choice: [String]
  /// One value a unit, which is a seed, or a seed and a context; nil where there is none.
  let values: [Double?]

  init(level: String, choice: [String] = [], values: [Double?]) {
    self.level = level
    self.choice = choice
    self.values = values
  }

  /// The values in which not a number is as bad as a value can be.
  fileprivate func values(worst: Double) -> [Double?] {
    values.map { $0.map { $0.isNaN ? worst : $0 } }
  }

  /// The median of those, the worst if there are none.
  func median(worst: Double) -> Double {
    Statistics.quantile(0.5, of: values(worst: worst).compactMap { $0 }) ?? worst
  }
}

/// Levels side by side in one question: each under its best choice, and every two paired unit by unit.
struct Contest: Sendable {
  /// A level under its best choice.
  struct Entry: Sendable {
    /// The level.
    let level: String
    /// The choice under which its median is best.
    let choice: [String]
    /// The median of its values; infinite where half of them are not numbers.
    let median: Double
    /// The place of an axis in `choice` on which the choice is the smallest or the largest number, while
    /// there are others.
    let edges: [(axis: Int, isLargest: Bool)]
    fileprivate let values: [Double?]
  }

  /// Two entries, and what their pairs say.
  struct Pair: Sendable {
    /// The indices of the entries.
    let (first, second): (Int, Int)
    /// The first entry's values against the second's.
    let difference: PairedDifference
    /// How many units have a value of one of them alone.
    let unpaired: Int
  }

  /// One a level, in the order in which levels first come.
  let entries: [Entry]
  /// The pairs that have values, in the order of the entries.
  let pairs: [Pair]
  private let prefersHigh: Bool

  /// Compares samples.
  ///
  /// - Parameters:
  ///   - samples: each of another level or choice, all over the same units.
  ///   - better: which values are better; nil is as `lower`.
  ///   - rivals: which levels are compared.
  ///   - confidence: of the intervals, in (0, 1).
  init(
    _ samples: [Sample], better: Column.Better?, rivals: Rivals = .all,
    confidence: Double = ConfidenceInterval.defaultConfidence
  ) {
    prefersHigh = better == .higher
    entries = samples.map(\.level).uniqued().map { [prefersHigh] level in
      Self.best(of: samples.filter { $0.level == level }, prefersHigh: prefersHigh)
    }
    let leader = Self.place(ofBest: entries.map(\.median), prefersHigh: prefersHigh)
    var pairs: [Pair] = []
    for first in entries.indices {
      for second in entries.indices.dropFirst(first + 1) {
        let isCompared =
          switch rivals {
          case .all: true
          case .leader: [first, second].contains(leader)
          case .level(let level): [entries[first].level, entries[second].level].contains(level)
          }
        guard isCompared else { continue }
        let units = Array(zip(entries[first].values, entries[second].values))
        let paired = units.compactMap { first, second in
          first.flatMap { a in second.map { (a, $0) } }
        }
        guard !paired.isEmpty else { continue }
        let difference = PairedDifference(
          paired.map(\.0), paired.map(\.1), confidence: confidence)
        let known = units.count { $0 != nil || $1 != nil }
        pairs.append(
          Pair(
            first: first, second: second, difference: difference, unpaired: known - paired.count))
      }
    }
    self.pairs = pairs
  }

  /// The entry that is better in a pair, beyond rounding and with an interval beyond one half; nil for a
  /// tie.
  func leader(of pair: Pair) -> Int? {
    pair.difference.isLower.map { $0 != prefersHigh ? pair.first : pair.second }
  }

  /// The entry that leads every other, and the least share of pairs in which it is better; nil for a tie.
  ///
  /// A single pair has no interval: there, whoever is better is ahead.
  var leader: (entry: Int, share: Double)? {
    for entry in entries.indices {
      let own = pairs.filter { [$0.first, $0.second].contains(entry) }
      let shares = own.map { pair in
        let isLower = (pair.first == entry) != prefersHigh
        return Double(isLower ? pair.difference.lower : pair.difference.higher)
          / Double(pair.difference.count)
      }
      let leads = zip(own, shares).allSatisfy { pair, share in
        pair.difference.count == 1 ? share == 1 : leader(of: pair) == entry
      }
      if leads, own.count == entries.count - 1, let least = shares.min() { return (entry, least) }
    }
    return nil
  }

  /// Says of which levels the best may lie beyond the grid, one sentence for each edge.
  ///
  /// - Parameter columns: the key columns of the axes of `choice`.
  /// - Returns: the sentences.
  func edgeWarnings(on columns: [String]) -> [String] {
    struct Edge: Hashable {
      let axis: Int
      let isLargest: Bool
      let value: String
    }
    let edges = entries.flatMap { entry in
      entry.edges.map { (Edge(axis: $0, isLargest: $1, value: entry.choice[$0]), entry.level) }
    }
    return edges.map(\.0).uniqued().map { edge in
      let levels = edges.filter { $0.0 == edge }.map(\.1)
      return "the best \(columns[edge.axis]) of \(levels.joined(separator: ", ")) is the"
        + " \(edge.isLargest ? "largest" : "smallest") of the grid, \(edge.value): a better one may lie"
        + " beyond"
    }
  }

  /// The entry of one level: the sample with the best median, the first of equals.
  private static func best(of samples: [Sample], prefersHigh: Bool) -> Entry {
    let worst: Double = prefersHigh ? -.infinity : .infinity
    let medians = samples.map { $0.median(worst: worst) }
    let place = self.place(ofBest: medians, prefersHigh: prefersHigh)
    let choice = samples[place].choice
    let edges = choice.indices.compactMap { axis -> (axis: Int, isLargest: Bool)? in
      let others = samples.map(\.choice).filter { other in
        other.indices.allSatisfy { $0 == axis || other[$0] == choice[$0] }
      }
      let numbers = others.compactMap { Double($0[axis]) }
      guard numbers.count == others.count, let number = Double(choice[axis]),
        let smallest = numbers.min(), let largest = numbers.max(), smallest < largest,
        number == smallest || number == largest
      else { return nil }
      return (axis, number == largest)
    }
    return Entry(
      level: samples[place].level, choice: choice, median: medians[place], edges: edges,
      values: samples[place].values(worst: worst))
  }

  private static func place(ofBest medians: [Double], prefersHigh: Bool) -> Int {
    let best = prefersHigh ? medians.max() : medians.min()
    return medians.firstIndex { $0 == best } ?? 0
  }
}

/// Which levels are compared.
package enum Rivals: Equatable, Sendable {
  /// Every two.
  case all
  /// The one with the best median and every other.
  case leader
  /// One level and every other.
  case level(String)
}
