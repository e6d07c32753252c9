// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimStudies
internal import KLSimCore
internal import KLSimFiles

/// Parts of the sentences on where a claim holds.
enum Words {
  /// Ranges such as `1–17, 20`: values that are neighbours among all values are joined.
  static func stretches<Value: Comparable & Hashable>(
    of chosen: some Sequence<Value>, among all: some Sequence<Value>,
    name: (Value) -> String = { "\($0)" }
  ) -> String {
    let chosen = Set(chosen)
    return Set(all).sorted().split { !chosen.contains($0) }.map { stretch in
      [stretch.first, stretch.last].compactMap { $0 }.uniqued().map(name).joined(separator: "–")
    }.joined(separator: ", ")
  }

  /// The values at which all cells hold, chaotic ones left out: `epochs 1–10`, `epoch 20`, `no epoch`; with
  /// a symbol `T = 2–8`, `no T`.
  static func holding<Cell, Value: Comparable & Hashable>(
    _ noun: String, isSymbol: Bool = false, in evidence: [Evidence<Cell>],
    by value: (Evidence<Cell>) -> Value, name: (Value) -> String = { "\($0)" }
  ) -> String {
    let groups = Dictionary(grouping: evidence.filter { $0.verdict != .chaotic }, by: value)
    let held = groups.filter { $0.value.allSatisfy { $0.verdict == .holds } }.keys
    guard !held.isEmpty else {
      return groups.isEmpty && !evidence.isEmpty ? "no \(noun) (all chaotic)" : "no \(noun)"
    }
    let link = isSymbol ? " = " : held.count == 1 ? " " : "s "
    return noun + link + stretches(of: held, among: groups.keys, name: name)
  }

  /// The same in every group of cells: `absolute at epochs 1–10, relative at no epoch`.
  static func holding<Cell, Value: Comparable & Hashable>(
    _ noun: String, isSymbol: Bool = false, in evidence: [Evidence<Cell>],
    by value: (Evidence<Cell>) -> Value, name: (Value) -> String = { "\($0)" },
    each group: (Evidence<Cell>) -> String, separator: String = ", "
  ) -> String {
    evidence.grouped(by: group).map {
      "\($0) at \(holding(noun, isSymbol: isSymbol, in: $1, by: value, name: name))"
    }.joined(separator: separator)
  }

  /// The number of cells that hold, and of chaotic ones: `in 3 of 8 cells (2 more are chaotic)`.
  static func share<Cell>(of evidence: [Evidence<Cell>]) -> String {
    let counted = evidence.filter { $0.verdict != .chaotic }
    let held = counted.count { $0.verdict == .holds }
    let chaotic = evidence.count - counted.count
    guard !counted.isEmpty else { return "in no cell (all \(chaotic) are chaotic)" }
    let cells = counted.count == 1 ? "1 cell" : "\(counted.count) cells"
    let share =
      switch held {
      case 0: "in none of \(cells)"
      case counted.count: counted.count == 1 ? "in \(cells)" : "in all \(cells)"
      default: "in \(held) of \(cells)"
      }
    return chaotic == 0
      ? share : "\(share) (\(chaotic) more \(chaotic == 1 ? "is" : "are") chaotic)"
  }

  /// The same in every group of cells: `head in all 8 cells, tail in none of 8 cells`.
  static func shares<Cell>(
    of evidence: [Evidence<Cell>], by group: (Evidence<Cell>) -> String
  ) -> String {
    evidence.grouped(by: group).map { "\($0) \(share(of: $1))" }.joined(separator: ", ")
  }

  /// The groups of which all cells have a verdict: `k1, k2`, or `none`.
  static func groups<Cell>(
    thatAll verdict: Verdict, in evidence: [Evidence<Cell>], by group: (Evidence<Cell>) -> String
  ) -> String {
    let chosen = evidence.grouped(by: group).filter {
      $0.elements.allSatisfy { $0.verdict == verdict }
    }
    return chosen.isEmpty ? "none" : chosen.map(\.key).joined(separator: ", ")
  }

  /// The number of cells that hold, and the few with the smallest share of seeds.
  static func exceptions<Cell>(
    in evidence: [Evidence<Cell>], maximum: Int = 2, name: (Evidence<Cell>) -> String
  ) -> String {
    let exceptions = evidence.filter { $0.verdict == .mixed || $0.verdict == .fails }
    let share = share(of: evidence)
    guard !exceptions.isEmpty, evidence.contains(where: { $0.verdict == .holds }) else {
      return share
    }
    // Ties in the order of the grid.
    let least = exceptions.enumerated().sorted {
      ($0.element.observedShare, $0.offset) < ($1.element.observedShare, $1.offset)
    }.prefix(maximum).map(\.element)
    let shown = least.map { "\(name($0)) (\(percent($0.observedShare)))" }
    let more = exceptions.count > maximum ? " and \(exceptions.count - maximum) more" : ""
    return "\(share); not \(shown.joined(separator: ", "))\(more)"
  }

  /// A cell's condition and columns.
  static func name<Cell>(of evidence: Evidence<Cell>) -> String {
    let cell = zip(Cell.columns, evidence.cell.values).filter { $1 != .missing && $1 != "" }.map {
      "\($0.name) \($1)"
    }
    return ([evidence.condition.words] + cell).joined(separator: ", ")
  }

  /// The shares of seeds for which cells hold: `for 27–54 % of seeds`.
  static func seeds<Cell>(of evidence: [Evidence<Cell>]) -> String {
    "for \(range(evidence.map { 100 * $0.observedShare })) % of seeds"
  }

  /// The range of numbers that may be negative, to two digits: `-0.14 to 0.02`.
  static func span(_ numbers: some Collection<Double>) -> String {
    guard let least = numbers.min(), let most = numbers.max() else { return "unknown" }
    let ends = [digits(least, 2), digits(most, 2)]
    return ends[0] == ends[1] ? ends[0] : "\(ends[0]) to \(ends[1])"
  }

  /// The range of some numbers, to two digits.
  static func range(_ numbers: some Collection<Double>) -> String {
    guard let least = numbers.min(), let most = numbers.max() else { return "none" }
    let ends = [digits(least, 2), digits(most, 2)]
    return ends[0] == ends[1] ? ends[0] : "\(ends[0])–\(ends[1])"
  }
}
