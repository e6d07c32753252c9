// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// How a user names a component: `name` or `name:key=value:key=value`.
///
/// A value may stand in double quotes, which then protect `:`, `,` and `=`; a quote inside is
/// doubled, as in CSV.
package struct Specification: Equatable, Sendable {
  /// The component's name.
  package var name: String
  /// The keys and values in the order they were written.
  package let settings: [Setting]

  /// One `key=value`.
  package struct Setting: Equatable, Sendable {
    package let key: String
    package let value: String
  }

  /// A specification made in code, without the settings that have no value.
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

  // Scalars, not characters: a combining mark must not hide the separator before it.

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
    let isBare = !value.hasPrefix(" ") && !value.hasSuffix(" ")
    guard !isBare || value.unicodeScalars.contains(where: { [":", ",", "\""].contains($0) }) else {
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
    // A quote that is written twice leaves an empty piece between two others.
    let pieces = scalars.dropFirst().dropLast().split(
      separator: "\"", omittingEmptySubsequences: false)
    let odd = stride(from: 1, to: pieces.count, by: 2)
    guard !pieces.count.isMultiple(of: 2), odd.allSatisfy({ pieces[$0].isEmpty }) else {
      throw .malformed(text, "a quote inside a value must be written twice")
    }
    return stride(from: 0, to: pieces.count, by: 2).map { String(pieces[$0]) }
      .joined(separator: "\"")
  }
}

/// A specification with an unknown name, or with a value that is not legal.
public enum SpecificationError: CategorizedError, Equatable {
  /// The text does not have the form of a specification.
  case malformed(String, String)
  /// The text is not a value of the expected kind; the axis is the one on which it is a choice, if any.
  case unreadable(String, expected: String, axis: String? = nil)
  /// No component of the kind has the name; aliases are other words, each with the names that it means.
  case unknownName(
    kind: String, name: String, known: [String], aliases: [String: [String]] = [:])
  /// The name can mean several components of the kind.
  case ambiguousName(kind: String, name: String, meanings: [String])
  /// An added component has the name of an existing one.
  case nameTaken(String)
  /// The component has no such parameter; what is meant is the specification with quotes around one inside
  /// it, if they are missing.
  case unknownKey(component: String, key: String, known: [String], meant: String? = nil)
  /// The value cannot be read, or is out of range.
  case badValue(component: String, key: String, value: String, expected: String)
  /// A parameter without a default was not given.
  case missing(component: String, key: String, expected: String)
  /// The parameters are legal one by one but not together.
  case inconsistent(component: String, String)

  public var category: ErrorCategory { .usage }

  /// The most known names that a description lists.
  package static let mostListed = 17

  public var description: String {
    switch self {
    case .malformed(let text, let reason):
      "'\(text)': \(reason); write name, or name:key=value:key=value, and a comma between two"
    case .unreadable(let text, let expected, let axis):
      "\(axis.map { "\($0) " } ?? "")'\(text)' is not \(expected)"
    case .unknownName(let kind, let name, let known, let aliases):
      "unknown \(kind) '\(name)'"
        + (known.count > Self.mostListed ? "" : "; known: \(known.joined(separator: ", "))")
        + known.suggestion(for: name, aliases: aliases)
    case .ambiguousName(let kind, let name, let meanings):
      "\(kind) '\(name)' can mean \(meanings.joined(separator: " or ")); write one of these"
    case .nameTaken(let name):
      "the name '\(name)' is taken; choose another"
    case .unknownKey(let component, let key, let known, _):
      known.isEmpty
        ? "\(component) has no parameter '\(key)'; it takes none"
        : "\(component) has no parameter '\(key)'; known: \(known.joined(separator: ", "))"
          + known.suggestion(for: key)
    case .badValue(let component, let key, let value, let expected):
      "\(component): \(key)=\(value) is not \(expected)"
    case .missing(let component, let key, let expected):
      "\(component) needs \(key)=…, \(expected)"
    case .inconsistent(let component, let reason):
      "\(component): \(reason)"
    }
  }
}
