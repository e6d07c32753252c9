// SPDX-License-Identifier: GPL-3.0-or-later

extension [String] {
  /// The place of a name among the names that a user can choose from.
  ///
  /// - Parameters:
  ///   - name: what the user wrote.
  ///   - kind: what it names, such as `teacher`; for the error.
  ///   - aliases: other words that the user may have meant, each with the names that it stands for.
  /// - Returns: its index.
  /// - Throws: `SpecificationError.unknownName`.
  package func place(
    of name: String, kind: String, aliases: [String: [String]] = [:]
  ) throws(SpecificationError) -> Int {
    guard let place = firstIndex(of: name) else {
      throw .unknownName(kind: kind, name: name, known: self, aliases: aliases)
    }
    return place
  }

  /// The words `; did you mean …?` with at most three names that a user may have meant, empty if there are
  /// none.
  package func suggestion(for name: String, aliases: [String: [String]] = [:]) -> String {
    let nearest = nearest(to: name, aliases: aliases)
    return nearest.isEmpty ? "" : "; did you mean \(nearest.joined(separator: " or "))?"
  }

  /// The names that a user may have meant: those with the fewest edits, if these are few.
  ///
  /// Case does not count, nor whether words are joined by `-` or `_`.
  private func nearest(to name: String, aliases: [String: [String]]) -> [String] {
    let words = map { ($0, [$0]) } + aliases.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    let written = Self.normalised(name)
    // One edit makes any letter of any other, and one number of another.
    guard written.count > 1, Double(name) == nil else { return [] }
    let distances = words.map { Self.distance(Self.normalised($0.0), written) }
    guard let least = distances.min(), least <= Swift.max(1, Swift.min(name.count, 8) / 3) else {
      return []
    }
    var meant: [String] = []
    for (word, distance) in zip(words, distances) where distance == least {
      meant += word.1.filter { contains($0) && !meant.contains($0) }
    }
    return Array(meant.prefix(3))
  }

  private static func normalised(_ name: String) -> [Character] {
    name.lowercased().map { $0 == "_" ? "-" : $0 }
  }

  /// How many characters must be inserted, deleted, replaced or swapped with their neighbour to make one
  /// text of another, each at most once (optimal string alignment).
  private static func distance(_ first: [Character], _ second: [Character]) -> Int {
    var rows = [Array<Int>(0...second.count)]
    for (place, character) in first.enumerated() {
      var row = [place + 1]
      for (index, other) in second.enumerated() {
        var least = Swift.min(
          rows[place][index] + (character == other ? 0 : 1), rows[place][index + 1] + 1,
          row[index] + 1)
        if place > 0, index > 0, character == second[index - 1], other == first[place - 1] {
          least = Swift.min(least, rows[place - 1][index - 1] + 1)
        }
        row.append(least)
      }
      rows.append(row)
    }
    return rows[first.count][second.count]
  }
}
