// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

/// The token that ends a sequence: its number, or of a text the token itself.
///
/// Digits are a number: a token of a text that consists of digits is named by its number.
enum EndToken: ParameterValue {
  case number(Int)
  case text(String)

  static let expectation = "a token number of at least 0, or a token of the text"

  init?(parameterText text: String) {
    guard let number = Int(text) else {
      guard !text.isEmpty else { return nil }
      self = .text(text)
      return
    }
    guard number >= 0 else { return nil }
    self = .number(number)
  }

  var parameterText: String {
    switch self {
    case .number(let number): number.parameterText
    case .text(let text): text
    }
  }

  /// The number of the token.
  ///
  /// - Parameters:
  ///   - tokens: those of the text, nil for a world without one.
  ///   - component: the name of the world, for the error.
  ///   - key: the key whose value it is, for the error.
  /// - Returns: the number, which may be beyond the last token.
  /// - Throws: `SpecificationError` for a token that the text does not have.
  func number(
    in tokens: TextTokens?, of component: String, key: String
  ) throws(SpecificationError) -> Int {
    switch self {
    case .number(let number): return number
    case .text(let token):
      guard let tokens else {
        throw .badValue(
          component: component, key: key, value: token, expected: "a token number of at least 0")
      }
      guard let number = tokens.number(of: token) else {
        throw .inconsistent(
          component: component,
          "\(key)=\(token) is none of the \(tokens.kept.count) \(tokens.unit) that are kept of the text"
            + tokens.kept.suggestion(for: token))
      }
      return number
    }
  }
}
