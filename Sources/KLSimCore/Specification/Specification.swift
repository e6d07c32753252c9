// SPDX-License-Identifier: GPL-3.0-or-later

/// How a user names a component: `name` or `name:key=value:key=value`.
///
/// A value may stand in double quotes, which then protect `:`, `,` and `=`; a quote inside is
/// doubled, as in CSV.
package struct Specification: Equatable, Sendable {
  /// The component's name.
  package let name: String
  /// The keys and values in the order they were written.
  package let settings: [Setting]

  /// One `key=value`.
  package struct Setting: Equatable, Sendable {
    package let key: String
    package let value: String
  }

  /// A specification made in code; settings without a value are left out.
  package init(name: String, settings: [(key: String, value: String?)] = []) {
    self.name = name
    self.settings = settings.compactMap { key, value in value.map { Setting(key: key, value: $0) } }
  }

  /// Reads one specification.
  ///
  /// - Throws: `SpecificationError` for an empty item, a key without a value, a key given twice or
  ///   a quote that is not closed.
  package init(parsing text: String) throws(SpecificationError) {
    let items = try Self.split(text, at: ":")
    var settings: [Setting] = []
    for item in items.dropFirst() {
      let scalars = item.unicodeScalars
      guard let separator = scalars.firstIndex(of: "="), separator > scalars.startIndex else {
        throw .malformed(text, "'\(item)' is not a key=value")
      }
      let key = String(scalars[..<separator])
      guard !settings.contains(where: { $0.key == key }) else {
        throw .malformed(text, "the key '\(key)' is given twice")
      }
      let value = try Self.unquote(
        String(scalars[scalars.index(after: separator)...]), in: text)
      settings.append(Setting(key: key, value: value))
    }
    name = items[0]
    self.settings = settings
  }

  /// Splits a list of specifications at its commas.
  ///
  /// - Throws: `SpecificationError` for an empty item or a quote that is not closed.
  package static func list(_ text: String) throws(SpecificationError) -> [String] {
    try split(text, at: ",")
  }

  /// The text that reads back to this specification.
  package var text: String {
    settings.reduce(name) { "\($0):\($1.key)=\(Self.quote($1.value))" }
  }

  // Below, all goes by scalars: a combining mark must not hide the separator that it follows.

  private static func split(
    _ text: String, at separator: Unicode.Scalar
  ) throws(SpecificationError) -> [String] {
    var items: [String.UnicodeScalarView] = [.init()]
    var isQuoted = false
    for scalar in text.unicodeScalars {
      if scalar == "\"" { isQuoted.toggle() }
      if scalar == separator, !isQuoted {
        items.append(.init())
      } else {
        items[items.count - 1].append(scalar)
      }
    }
    guard !isQuoted else { throw .malformed(text, "a quote is not closed") }
    guard items.allSatisfy({ !$0.isEmpty }) else {
      throw .malformed(text, text.isEmpty ? "it is empty" : "an item is empty")
    }
    return items.map { String($0) }
  }

  private static func quote(_ value: String) -> String {
    guard value.unicodeScalars.contains(where: { [":", ",", "\""].contains($0) }) else {
      return value
    }
    return "\"" + value.unicodeScalars.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
  }

  private static func unquote(
    _ value: String, in text: String
  ) throws(SpecificationError) -> String {
    let scalars = value.unicodeScalars
    guard scalars.contains("\"") else { return value }
    guard scalars.count >= 2, scalars.first == "\"", scalars.last == "\"" else {
      throw .malformed(text, "a quote may only stand around a whole value")
    }
    var plain = String.UnicodeScalarView()
    var afterQuote = false
    for scalar in scalars.dropFirst().dropLast() {
      if scalar == "\"", !afterQuote {
        afterQuote = true
        continue
      }
      guard !afterQuote || scalar == "\"" else {
        throw .malformed(text, "a quote inside a value is written twice")
      }
      afterQuote = false
      plain.append(scalar)
    }
    guard !afterQuote else { throw .malformed(text, "a quote inside a value is written twice") }
    return String(plain)
  }
}
