// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimFiles

/// Parts of the sentences in which boundaries are told.
enum Words {
  /// Stretches of what was tried, such as `1–17, 20`: neighbours among all values are joined.
  static func stretches(of chosen: some Collection<Int>, among all: some Collection<Int>) -> String
  {
    let chosen = Set(chosen)
    var stretches: [(first: Int, last: Int)] = []
    var isOpen = false
    for value in Set(all).sorted() {
      if chosen.contains(value), isOpen {
        stretches[stretches.count - 1].last = value
      } else if chosen.contains(value) {
        stretches.append((value, value))
      }
      isOpen = chosen.contains(value)
    }
    return stretches.map { $0.first == $0.last ? "\($0.first)" : "\($0.first)–\($0.last)" }
      .joined(separator: ", ")
  }

  /// How many cells hold, in numbers.
  static func count(of evidence: [Evidence]) -> String {
    "in \(evidence.count { $0.verdict == .holds }) of \(evidence.count) cells"
  }

  /// How many cells hold, also if all or none do.
  static func share(of evidence: [Evidence]) -> String {
    guard evidence.contains(where: { $0.verdict != .holds }) else {
      return "in all \(evidence.count) cells"
    }
    return evidence.contains { $0.verdict == .holds }
      ? count(of: evidence) : "in none of \(evidence.count) cells"
  }

  /// How many cells hold, and which do not.
  static func exceptions(
    in evidence: [Evidence], most: Int = 4, name: (Evidence) -> String
  ) -> String {
    let exceptions = evidence.filter { $0.verdict != .holds }
    let share = share(of: evidence)
    guard !exceptions.isEmpty, exceptions.count < evidence.count else { return share }
    let shown = exceptions.prefix(most).map { "\(name($0)) (\(percent($0.observedShare)))" }
    let more = exceptions.count > most ? " and \(exceptions.count - most) more" : ""
    return "\(share); not under \(shown.joined(separator: "; "))\(more)"
  }
}

extension Collection<Evidence> {
  /// The evidence by condition, conditions in order of appearance.
  var byCondition: [(key: Condition, evidence: [Evidence])] { grouped(by: \.self) }

  /// The evidence by what its conditions share, in order of appearance but for the published
  /// condition's, which comes first.
  func publishedFirst<Key: Hashable>(
    by key: (Condition) -> Key
  ) -> [(key: Key, evidence: [Evidence])] {
    let groups = grouped(by: key)
    let published = key(PaperSettings.longTail)
    return groups.filter { $0.key == published } + groups.filter { $0.key != published }
  }

  private func grouped<Key: Hashable>(
    by key: (Condition) -> Key
  ) -> [(key: Key, evidence: [Evidence])] {
    let groups = Dictionary(grouping: self) { key($0.condition) }
    return map { key($0.condition) }.uniqued().map { ($0, groups[$0] ?? []) }
  }
}
