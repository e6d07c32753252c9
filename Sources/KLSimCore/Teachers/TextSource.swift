// SPDX-License-Identifier: GPL-3.0-or-later

internal import CKLSimTexts

/// Where a text comes from.
enum TextSource: String, ParameterChoice {
  /// A file of the user's.
  case file
  /// Lewis Carroll, Alice's Adventures in Wonderland, which comes along: 27,000 words.
  case alice

  /// The text itself.
  ///
  /// - Parameters:
  ///   - path: of the file; ignored for a built-in text.
  ///   - reader: what opens the file.
  /// - Returns: the text.
  /// - Throws: what the reader throws.
  func text(path: String, reader: any NumberReader) throws -> String {
    switch self {
    case .file: try reader.text(path: path)
    case .alice: unsafe String(cString: klsim_alice())
    }
  }
}
