// SPDX-License-Identifier: GPL-3.0-or-later

/// How a user names a component: `name` or `name:key=value:key=value`.
///
/// A value may stand in double quotes, which then protect `:`, `,` and `=`; a quote inside is
/// doubled, as in CSV.
public struct Specification: Equatable, Sendable {
  /// The component's name.
  public let name: String
  /// The keys and values in the order they were written.
  public let settings: [Setting]

  /// One `key=value`.
  public struct Setting: Equatable, Sendable {
    public let key: String
    public let value: String
  }

  /// A specification made in code; settings without a value are left out.
  public init(name: String, settings: [(key: String, value: String?)] = []) {
    self.name = name
    self.settings = settings.compactMap { key, value in value.map { Setting(key: key, value: $0) } }
  }

  /// Reads one specification.
  ///
  /// - Throws: `SpecificationError` for an empty item, a key without a value, a key given twice or
  ///   a quote that is not closed.
  public init(parsing text: String) throws(SpecificationError) {
    let items = try Self.split(text, at: ":")
    var settings: [Setting] = []
    for item in items.dropFirst() {
      guard let separator = item.firstIndex(of: "="), separator > item.startIndex else {
        throw .malformed(text, "'\(item)' is not a key=value")
      }
      let key = String(item[..<separator])
      guard !settings.contains(where: { $0.key == key }) else {
        throw .malformed(text, "the key '\(key)' is given twice")
      }
      let value = try Self.unquote(String(item[item.index(after: separator)...]), in: text)
      settings.append(Setting(key: key, value: value))
    }
    name = items[0]
    self.settings = settings
  }

  /// Splits a list of specifications at its commas.
  ///
  /// - Throws: `SpecificationError` for an empty item or a quote that is not closed.
  public static func list(_ text: String) throws(SpecificationError) -> [String] {
    try split(text, at: ",")
  }

  /// The text that reads back to this specification.
  public var text: String {
    settings.reduce(name) { "\($0):\($1.key)=\(Self.quote($1.value))" }
  }

  private static func split(
    _ text: String, at separator: Character
  ) throws(SpecificationError) -> [String] {
    var items = [""]
    var isQuoted = false
    for character in text {
      if character == "\"" { isQuoted.toggle() }
      if character == separator, !isQuoted {
        items.append("")
      } else {
        items[items.count - 1].append(character)
      }
    }
    guard !isQuoted else { throw .malformed(text, "a quote is not closed") }
    guard !items.contains("") else {
      throw .malformed(text, text.isEmpty ? "it is empty" : "an item is empty")
    }
    return items
  }

  private static func quote(_ value: String) -> String {
    guard value.contains(where: { ":,\"".contains($0) }) else { return value }
    return "\"" + value.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
  }

  private static func unquote(
    _ value: String, in text: String
  ) throws(SpecificationError) -> String {
    guard value.contains("\"") else { return value }
    guard value.count >= 2, value.hasPrefix("\""), value.hasSuffix("\"") else {
      throw .malformed(text, "a quote may only stand around a whole value")
    }
    var plain = ""
    var afterQuote = false
    for character in value.dropFirst().dropLast() {
      if character == "\"", !afterQuote {
        afterQuote = true
        continue
      }
      guard !afterQuote || character == "\"" else {
        throw .malformed(text, "a quote inside a value is written twice")
      }
      afterQuote = false
      plain.append(character)
    }
    return plain
  }
}
