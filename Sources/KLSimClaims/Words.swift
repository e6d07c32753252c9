// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimStudies
internal import KLSimCore
internal import KLSimFiles

/// Parts of the sentences that say where a claim holds.
enum Words {
  /// Stretches of what was tried, such as `1–17, 20`: neighbours among all values are joined.
  static func stretches<Value: Comparable & Hashable>(
    of chosen: some Sequence<Value>, among all: some Sequence<Value>,
    name: (Value) -> String = { "\($0)" }
  ) -> String {
    let chosen = Set(chosen)
    var stretches: [(first: Value, last: Value)] = []
    var isOpen = false
    for value in Set(all).sorted() {
      if chosen.contains(value), isOpen {
        stretches[stretches.count - 1].last = value
      } else if chosen.contains(value) {
        stretches.append((value, value))
      }
      isOpen = chosen.contains(value)
    }
    return stretches.map {
      $0.first == $0.last ? name($0.first) : "\(name($0.first))–\(name($0.last))"
    }.joined(separator: ", ")
  }

  /// Stretches of numbers at which cells hold, chaotic ones left out: `epochs 1–10`, `epoch 20`, `no
  /// epoch`; with a symbol `T = 2–8`, `no T`.
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

  /// How many cells hold, also if all or none do, and how many are chaotic.
  static func share<Cell>(of evidence: [Evidence<Cell>]) -> String {
    let counted = evidence.filter { $0.verdict != .chaotic }
    let held = counted.count { $0.verdict == .holds }
    let chaotic = evidence.count - counted.count
    guard !counted.isEmpty else { return "in no cell (all \(chaotic) are chaotic)" }
    let cells = counted.count == 1 ? "1 cell" : "\(counted.count) cells"
    let share =
      counted.count == 1
      ? "in \(held == 0 ? "none of " : "")1 cell"
      : held == 0
        ? "in none of \(cells)"
        : held == counted.count ? "in all \(cells)" : "in \(held) of \(cells)"
    return chaotic == 0
      ? share : "\(share) (\(chaotic) more \(chaotic == 1 ? "is" : "are") chaotic)"
  }

  /// How many cells hold, and the few that hold least.
  static func exceptions<Cell>(
    in evidence: [Evidence<Cell>], maximum: Int = 2, name: (Evidence<Cell>) -> String
  ) -> String {
    let exceptions = evidence.filter { $0.verdict == .mixed || $0.verdict == .fails }
    let share = share(of: evidence)
    guard !exceptions.isEmpty, evidence.contains(where: { $0.verdict == .holds }) else {
      return share
    }
    // Of equals the first, so that the order of the grid decides.
    let least = exceptions.enumerated().sorted {
      ($0.element.observedShare, $0.offset) < ($1.element.observedShare, $1.offset)
    }.prefix(maximum).map(\.element)
    let shown = least.map { "\(name($0)) (\(percent($0.observedShare)))" }
    let more = exceptions.count > maximum ? " and \(exceptions.count - maximum) more" : ""
    return "\(share); not \(shown.joined(separator: ", "))\(more)"
  }

  /// What a cell is, by its condition and its columns.
  static func name<Cell>(of evidence: Evidence<Cell>) -> String {
    let cell = zip(Cell.columns, evidence.cell.values).filter { $1 != .missing && $1 != "" }.map {
      "\($0.name) \($1)"
    }
    return ([evidence.condition.words] + cell).joined(separator: ", ")
  }

  /// Both ends of some numbers, to two digits.
  static func range(_ numbers: some Collection<Double>) -> String {
    guard let least = numbers.min(), let most = numbers.max() else { return "none" }
    let ends = [digits(least, 2), digits(most, 2)]
    return ends[0] == ends[1] ? ends[0] : "\(ends[0])–\(ends[1])"
  }
}
