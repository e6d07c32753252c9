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
  /// One value a unit, which is a seed, or a seed and a context; nil where there is none, NaN where it
  /// is not a number.
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

  /// The median of those over pairs; nil if there are none.
  func median(over pairing: Pairing, worst: Double) -> Double? {
    Statistics.quantile(0.5, of: pairing.medians(of: values(worst: worst)).compactMap { $0 })
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
    /// The median of its values; NaN where it is infinite because values are not numbers, nil if there
    /// are none.
    let median: Double?
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
  /// The pairs that have values, in the order of the entries; a rival of all comes second.
  let pairs: [Pair]
  private let prefersHigh: Bool
  private let confidence: Double

  /// Compares samples.
  ///
  /// - Parameters:
  ///   - samples: each of another level or choice, all over the same units.
  ///   - pairing: what counts as one pair; nil if each unit does.
  ///   - better: which values are better; nil is as `lower`.
  ///   - rivals: which levels are compared.
  ///   - confidence: of the intervals, in (0, 1).
  init(
    _ samples: [Sample], over pairing: Pairing? = nil, better: Column.Better?,
    rivals: Rivals = .all, confidence: Double = ConfidenceInterval.defaultConfidence
  ) {
    let pairing = pairing ?? Pairing(count: samples.first?.values.count ?? 0)
    prefersHigh = better == .higher
    self.confidence = confidence
    let worst: Double = prefersHigh ? -.infinity : .infinity
    entries = samples.map(\.level).uniqued().map { level in
      Self.best(of: samples.filter { $0.level == level }, over: pairing, worst: worst)
    }
    // It comes second in all of its pairs.
    let reference: Int? =
      switch rivals {
      case .all: nil
      case .leader: Self.place(ofBest: entries.map(\.median), worst: worst)
      case .level(let level): entries.firstIndex { $0.level == level } ?? entries.endIndex
      }
    var pairs: [Pair] = []
    for first in entries.indices {
      for second in entries.indices.dropFirst(first + 1) {
        guard reference.map([first, second].contains) ?? true else { continue }
        let (first, second) = first == reference ? (second, first) : (first, second)
        let units = Array(zip(entries[first].values, entries[second].values))
        let values = [
          pairing.medians(of: units.map { $1 == nil ? nil : $0 }).compactMap { $0 },
          pairing.medians(of: units.map { $0 == nil ? nil : $1 }).compactMap { $0 },
        ]
        guard !values[0].isEmpty else { continue }
        pairs.append(
          Pair(
            first: first, second: second,
            difference: PairedDifference(values[0], values[1], confidence: confidence),
            unpaired: units.count { ($0 == nil) != ($1 == nil) }))
      }
    }
    self.pairs = pairs
  }

  /// What a pair says, beyond rounding.
  ///
  /// - Parameters:
  ///   - pair: the pair.
  ///   - adjusted: its p value, adjusted for all that is asked; nil if its interval alone decides.
  ///   - family: how many p values that is.
  /// - Returns: a lead if the interval of the share lies beyond one half, and the adjusted p value below
  ///   1 − confidence.
  func verdict(of pair: Pair, adjusted: Double? = nil, family: Int = 1) -> Verdict {
    let difference = pair.difference
    if let isLower = difference.isLower, adjusted ?? 0 < 1 - confidence {
      return .leads(isLower != prefersHigh ? pair.first : pair.second)
    }
    guard difference.lower + difference.higher > 0 else { return .tie }
    if difference.count == 1 {
      return .ahead((difference.lower > 0) != prefersHigh ? pair.first : pair.second)
    }
    let fewest = PairedDifference.fewestPairs(confidence: confidence, family: family)
    return difference.count < fewest ? .tooFew : .tie
  }

  /// What all pairs say: who leads, or is ahead of, every other; nil if two levels have no pair.
  var verdict: Verdict? {
    guard pairs.count == entries.count * (entries.count - 1) / 2, !pairs.isEmpty else { return nil }
    let verdicts = pairs.map { verdict(of: $0) }
    for entry in entries.indices {
      let own = zip(pairs, verdicts).filter { [$0.0.first, $0.0.second].contains(entry) }.map(\.1)
      if own.allSatisfy({ $0 == .leads(entry) }) { return .leads(entry) }
      if own.allSatisfy({ $0 == .leads(entry) || $0 == .ahead(entry) }) { return .ahead(entry) }
    }
    return verdicts.contains(.tooFew) ? .tooFew : .tie
  }

  /// The least share of pairs in which an entry is better than another.
  func leastShare(of entry: Int) -> Double {
    pairs.filter { [$0.first, $0.second].contains(entry) }.map { pair in
      let isLower = (pair.first == entry) != prefersHigh
      return Double(isLower ? pair.difference.lower : pair.difference.higher)
        / Double(pair.difference.count)
    }.min() ?? 1
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
  private static func best(of samples: [Sample], over pairing: Pairing, worst: Double) -> Entry {
    let medians = samples.map { $0.median(over: pairing, worst: worst) }
    let place = self.place(ofBest: medians, worst: worst)
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
    let isUndefined =
      medians[place] == worst && samples[place].values.contains { $0?.isNaN == true }
    return Entry(
      level: samples[place].level, choice: choice, median: isUndefined ? .nan : medians[place],
      edges: edges, values: samples[place].values(worst: worst))
  }

  private static func place(ofBest medians: [Double?], worst: Double) -> Int {
    let known = medians.map { $0.map { $0.isNaN ? worst : $0 } ?? worst }
    let best = worst < 0 ? known.max() : known.min()
    return known.firstIndex { $0 == best } ?? 0
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
