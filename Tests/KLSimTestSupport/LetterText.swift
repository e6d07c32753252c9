// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore

/// A text of 600 letters of unequal frequency, the same as in the PyTorch script.
public struct LetterText: NumberReader {
  public init() {}

  public func numbers(_ source: NumberSource) throws -> [Double] {
    throw SpecificationError.unreadable(source.path, expected: "no numbers but a text")
  }

  public func text(path: String) -> String {
    var (x, letters) = (1, "")
    for _ in 0..<600 {
      x = (x * 75 + 74) % 65_537
      letters.append(Array("abcdefghi")[9 * x * x / (65_537 * 65_537)])
    }
    return letters
  }

  /// The teacher of its 14 most frequent histories of two letters.
  public static let teacher = teacher(histories: 14, order: 3)

  /// The teacher of the most frequent histories of order − 1 letters.
  public static func teacher(histories: Int, order: Int) -> String {
    "ngram:path=t:unit=characters:order=\(order):k=0.1:histories=\(histories)"
  }

  /// A setup with this teacher.
  ///
  /// - Parameters:
  ///   - choices: the choices on other axes.
  ///   - epochs: the number of epochs.
  /// - Returns: the setup.
  /// - Throws: `SpecificationError`.
  package static func setup(_ choices: [String: String], epochs: Int) throws -> Setup {
    try Setup(
      choices.merging(["teacher": teacher]) { own, _ in own }, epochs: epochs,
      reader: LetterText())
  }
}
