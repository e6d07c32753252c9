// SPDX-License-Identifier: GPL-3.0-or-later

/// A text cut into tokens, the most frequent of which are its vocabulary.
///
/// Tokens are numbered by descending frequency, ties by their UTF-8; all others share the last number.
struct TextVocabulary {
  /// How a text is cut.
  enum Unit: String, ParameterChoice {
    /// Runs of letters and digits, in lower case unless it is kept.
    case words
    /// Every character, blanks too; a run of blanks counts as one.
    case characters
  }

  /// What each token is, but for the others.
  let tokens: [String]
  /// The text by token numbers.
  let sequence: [Int]
  /// The number that the others share, nil if there are none.
  let other: Int?

  /// How many numbers there are.
  var size: Int { tokens.count + (other == nil ? 0 : 1) }

  init(_ text: String, unit: Unit, keepsCase: Bool, limit: Int) {
    let pieces = Self.pieces(keepsCase ? text : text.lowercased(), unit)
    var counts: [String: Int] = [:]
    for piece in pieces { counts[piece, default: 0] += 1 }
    let ranked = counts.sorted { first, second in
      first.value != second.value
        ? first.value > second.value
        : first.key.utf8.lexicographicallyPrecedes(second.key.utf8)
    }
    let tokens = ranked.prefix(limit).map(\.key)
    let numbers = Dictionary(uniqueKeysWithValues: zip(tokens, tokens.indices))
    let other = ranked.count > limit ? tokens.count : nil
    self.tokens = tokens
    self.other = other
    sequence = pieces.compactMap { numbers[$0] ?? other }
  }

  /// The tokens of a text in this vocabulary; nil in place of a text's token that is not in it.
  func numbers(of text: String, unit: Unit, keepsCase: Bool) -> [Int?] {
    Self.pieces(keepsCase ? text : text.lowercased(), unit).map { tokens.firstIndex(of: $0) }
  }

  private static func pieces(_ text: String, _ unit: Unit) -> [String] {
    switch unit {
    case .words:
      return text.split { !$0.isLetter && !$0.isNumber }.map(String.init)
    case .characters:
      var pieces: [String] = []
      for character in text {
        let piece = character.isWhitespace ? " " : String(character)
        if piece != " " || pieces.last != " " { pieces.append(piece) }
      }
      return pieces
    }
  }
}
