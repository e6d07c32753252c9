// SPDX-License-Identifier: GPL-3.0-or-later

internal import CKLSimTexts

/// The source of a text.
package enum TextSource: String, ParameterChoice {
  case file
  /// Lewis Carroll, Alice's Adventures in Wonderland, a part of klsim: 27,000 words.
  case alice

  /// The text itself; `path` and `reader` are those of a file.
  func text(path: String, reader: any NumberReader) throws -> String {
    switch self {
    case .file: try reader.text(path: path)
    case .alice: unsafe String(cString: klsim_alice())
    }
  }
}

/// A text split into tokens, and the vocabulary of its most frequent ones.
///
/// Tokens are numbered by descending frequency, ties by their UTF-8; all rarer tokens share the last
/// number.
struct TextVocabulary {
  /// The kind of token.
  enum Unit: String, ParameterChoice {
    /// Runs of letters and digits, in lower case unless case is kept.
    case words
    /// Single characters; a run of white space counts as one space.
    case characters
  }

  /// The tokens of the vocabulary by number.
  let tokens: [String]
  /// The text as token numbers.
  let sequence: [Int]
  /// The number that the rarer tokens share, nil if there are none.
  let other: Int?

  /// The number of tokens, the rarer ones counted as one.
  var size: Int { tokens.count + (other == nil ? 0 : 1) }

  init(_ text: String, unit: Unit, keepsCase: Bool, limit: Int) {
    let pieces = Self.pieces(text, unit, keepsCase: keepsCase)
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

  /// The token numbers of a text; nil for a token that is not in the vocabulary.
  func numbers(of text: String, unit: Unit, keepsCase: Bool) -> [Int?] {
    Self.pieces(text, unit, keepsCase: keepsCase).map { tokens.firstIndex(of: $0) }
  }

  private static func pieces(_ text: String, _ unit: Unit, keepsCase: Bool) -> [String] {
    let text = keepsCase ? text : text.lowercased()
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
