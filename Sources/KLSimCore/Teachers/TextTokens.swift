// SPDX-License-Identifier: GPL-3.0-or-later

/// The tokens of a text, by which users know them.
package struct TextTokens: Sendable {
  private let vocabulary: TextVocabulary
  private let kind: TextVocabulary.Unit
  private let keepsCase: Bool

  init(_ vocabulary: TextVocabulary, unit: TextVocabulary.Unit, keepsCase: Bool) {
    (self.vocabulary, kind, self.keepsCase) = (vocabulary, unit, keepsCase)
  }

  /// The tokens that are kept, by number.
  package var kept: [String] { vocabulary.tokens }
  /// The number that all other tokens share, nil if there are none.
  package var other: Int? { vocabulary.other }
  /// What a token is, such as `words`.
  package var unit: String { kind.rawValue }

  /// The number of a token as a user writes it; nil if it is none that is kept.
  package func number(of token: String) -> Int? {
    let numbers = vocabulary.numbers(of: token, unit: kind, keepsCase: keepsCase)
    return numbers.count == 1 ? numbers[0] : nil
  }
}
