// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimFiles
internal import KLSimSequences

/// The tokens of a teacher's text, by number.
struct TokenListing {
  /// What a user asks for.
  static let name = "tokens"

  private let specification: String
  private let tokens: TextTokens

  /// - Parameter text: the specification of a teacher, of sequences or not.
  /// - Throws: `UsageError` for a teacher without a text, `SpecificationError`, or the error of a file.
  init(of text: String) throws {
    let name = try Specification(parsing: text).name.lowercased()
    if SequenceCatalog.worlds.names.contains(name) {
      let world = try SequenceCatalog.world(text, reader: NumberFile.telling)
      (specification, tokens) = try (
        world.specification, Self.named(world.component.family.tokens, text)
      )
    } else {
      let teacher = try Catalog.teacher(text, reader: NumberFile.telling)
      let family = teacher.component.family as? NGramTeacher
      (specification, tokens) = try (teacher.specification, Self.named(family?.tokens, text))
    }
  }

  private static func named(
    _ tokens: TextTokens?, _ teacher: String
  ) throws(UsageError) -> TextTokens {
    guard let tokens else {
      throw UsageError(
        description:
          "--teacher \(teacher): its tokens are numbers alone; those of markov:text=alice and"
          + " ngram:text=alice have names")
    }
    return tokens
  }

  /// The tokens for programs.
  var document: JSON {
    .document(
      "tokens",
      [
        ("teacher", .string(specification)), ("unit", .string(tokens.unit)),
        ("tokens", JSON(tokens.kept)), ("other", tokens.other.map { JSON($0) } ?? .null),
      ])
  }

  /// A line a token; white space shows by the quotes.
  var text: String {
    let width = "\(tokens.other ?? tokens.kept.count - 1)".count
    func line(_ number: Int, _ token: String) -> String {
      let place = String(repeating: " ", count: width - "\(number)".count) + "\(number)"
      return "  \(place)  \(token)\n"
    }
    let lines = tokens.kept.enumerated().map { line($0, "\"\($1)\"") }
    return "TOKENS of \(specification)\n" + lines.joined()
      + (tokens.other.map { line($0, "all other \(tokens.unit)") } ?? "")
  }
}
