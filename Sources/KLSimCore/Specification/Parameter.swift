// SPDX-License-Identifier: GPL-3.0-or-later

/// A value that a specification can hold.
public protocol ParameterValue: Equatable, Sendable {
  /// The expected text in an error, such as `a number`.
  static var expectation: String { get }
  /// The names of all values, if these are names; else none.
  static var names: [String] { get }
  /// A regular expression of ECMA-262 that every text of a value matches, for schemas; by default one of
  /// the names, or any text.
  static var pattern: String { get }
  /// Reads a value; nil if the text has another form.
  init?(parameterText text: String)
  /// The text that is read as this value.
  var parameterText: String { get }
}

extension ParameterValue {
  public static var names: [String] { [] }
  public static var pattern: String {
    names.isEmpty ? #"(?:[^:,"]*|"(?:[^"]|"")*")"# : "(?:\(names.joined(separator: "|")))"
  }
}

/// One key of a component: its name, default, legal values and meaning.
public struct Parameter<Value: ParameterValue>: Sendable {
  public let name: String
  /// The value if the key is not given; nil if it must be given.
  public let defaultValue: Value?
  /// The legal values.
  public let domain: Domain<Value>
  public let summary: String

  /// Declares a key.
  ///
  /// - Parameters:
  ///   - name: what the user types, kebab-case.
  ///   - defaultValue: the value if it is not given; nil if it must be given.
  ///   - domain: the legal values.
  ///   - summary: the meaning, one line.
  public init(
    _ name: String, default defaultValue: Value?, _ domain: Domain<Value> = .any,
    summary: String
  ) {
    self.name = name
    self.defaultValue = defaultValue
    self.domain = domain
    self.summary = summary
  }
}

/// The legal values of a parameter, as a test and in words.
public struct Domain<Value: ParameterValue>: Sendable {
  /// Whether a value is legal.
  public let contains: @Sendable (Value) -> Bool
  public let summary: String

  /// Every value of the type.
  public static var any: Self { Self(summary: Value.expectation) { _ in true } }

  /// A domain.
  ///
  /// - Parameters:
  ///   - summary: the values in words, to stand after "is not".
  ///   - contains: whether a value is legal.
  public init(summary: String, contains: @escaping @Sendable (Value) -> Bool) {
    self.summary = summary
    self.contains = contains
  }
}

extension Domain where Value == Double {
  /// Numbers above 0.
  public static let positive = Self(summary: "a number above 0") { $0 > 0 }
  /// Numbers of at least 0.
  public static let nonNegative = Self(summary: "a number of at least 0") { $0 >= 0 }
  /// Numbers above 0 and at most 1.
  public static let share = Self(summary: "a number above 0 and at most 1") { $0 > 0 && $0 <= 1 }

  /// Numbers between bounds, bounds included.
  public static func range(_ bounds: ClosedRange<Double>) -> Self {
    let (low, high) = (bounds.lowerBound.parameterText, bounds.upperBound.parameterText)
    return Self(summary: "a number in [\(low), \(high)]") { bounds.contains($0) }
  }

  /// Numbers between bounds, the upper bound excluded.
  public static func range(_ bounds: Range<Double>) -> Self {
    let (low, high) = (bounds.lowerBound.parameterText, bounds.upperBound.parameterText)
    return Self(summary: "a number in [\(low), \(high))") { bounds.contains($0) }
  }
}

extension Domain where Value == String {
  /// Texts that are not empty.
  public static let nonEmpty = Self(summary: "a text that is not empty") { !$0.isEmpty }
}

extension Domain where Value == Int {
  /// Whole numbers between bounds, bounds included.
  public static func range(_ bounds: ClosedRange<Int>) -> Self {
    Self(summary: "a whole number in \(bounds.lowerBound)…\(bounds.upperBound)") {
      bounds.contains($0)
    }
  }
}

extension Domain where Value == [Double] {
  /// Lists of numbers of at least 0.
  public static let nonNegative = Self(summary: "numbers of at least 0 with / between them") {
    $0.allSatisfy { $0 >= 0 }
  }
  /// Lists of numbers above 0.
  public static let positive = Self(summary: "numbers above 0 with / between them") {
    $0.allSatisfy { $0 > 0 }
  }
}

extension Domain {
  /// The values of a domain, or `auto`.
  static func auto<Given>(or domain: Domain<Given>) -> Self where Value == Automatic<Given> {
    Self(summary: "auto, or \(domain.summary)") { $0.value.map(domain.contains) ?? true }
  }
}

/// A finite number: `nan` and `inf` are refused.
extension Double: ParameterValue {
  public static var expectation: String { "a number" }
  public static var pattern: String {
    #"(?:[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"#
  }
  public init?(parameterText text: String) {
    guard let value = Double(text), value.isFinite else { return nil }
    self = value
  }
  public var parameterText: String {
    description.hasSuffix(".0") ? String(description.dropLast(2)) : description
  }
}

extension Int: ParameterValue {
  public static var expectation: String { "a whole number" }
  public static var pattern: String { "[+-]?[0-9]+" }
  public init?(parameterText text: String) { self.init(text) }
  public var parameterText: String { description }
}

extension Bool: ParameterValue {
  public static var expectation: String { "true or false" }
  public static var pattern: String { "(?:true|false)" }
  public init?(parameterText text: String) { self.init(text) }
  public var parameterText: String { description }
}

extension String: ParameterValue {
  public static var expectation: String { "a text" }
  public init?(parameterText text: String) { self = text }
  public var parameterText: String { self }
}

/// Numbers with a slash between them, as in `25/75`.
extension [Double]: ParameterValue {
  public static var expectation: String { "numbers with / between them" }
  public static var pattern: String { "\(Double.pattern)(?:/\(Double.pattern))*" }
  public init?(parameterText text: String) {
    let items = text.split(separator: "/", omittingEmptySubsequences: false)
    let numbers = items.compactMap { Double(parameterText: String($0)) }
    guard numbers.count == items.count else { return nil }
    self = numbers
  }
  public var parameterText: String { map(\.parameterText).joined(separator: "/") }
}

/// A value that may be missing: the empty text.
extension Optional: ParameterValue where Wrapped: ParameterValue {
  public static var expectation: String { Wrapped.expectation }
  public static var pattern: String { "(?:\(Wrapped.pattern))?" }
  public init?(parameterText text: String) {
    self = Wrapped(parameterText: text)
    if self == nil, !text.isEmpty { return nil }
  }
  public var parameterText: String { self?.parameterText ?? "" }
}

/// A value, or `auto` if the teacher decides it.
package struct Automatic<Value: ParameterValue>: ParameterValue {
  /// Nil for `auto`.
  let value: Value?

  static var auto: Self { Self(value: nil) }

  package static var expectation: String { "auto, or \(Value.expectation)" }
  package static var pattern: String { "(?:auto|\(Value.pattern))" }
  init(value: Value?) { self.value = value }
  package init?(parameterText text: String) {
    value = Value(parameterText: text)
    if value == nil, text != "auto" { return nil }
  }
  package var parameterText: String { value?.parameterText ?? "auto" }
}

/// A choice of one name out of several: any string-backed enumeration.
public protocol ParameterChoice: ParameterValue, RawRepresentable, CaseIterable
where RawValue == String {}

extension ParameterChoice {
  public static var expectation: String { "one of " + names.joined(separator: ", ") }
  public static var names: [String] { allCases.map(\.rawValue) }
  public init?(parameterText text: String) { self.init(rawValue: text) }
  public var parameterText: String { rawValue }
}

/// A parameter of any type, as needed for lists, checks and canonical forms.
public protocol ParameterDeclaration: Sendable {
  var name: String { get }
  var summary: String { get }
  /// The legal values in words.
  var domainSummary: String { get }
  /// The text of the default; nil if the parameter must be given.
  var defaultText: String? { get }
  /// The names of all values, if these are names; else none.
  var names: [String] { get }
  /// A regular expression that every text of a value matches; see `ParameterValue.pattern`.
  var pattern: String { get }
  /// The canonical text of a value, nil if it is not legal.
  func canonicalText(of text: String) -> String?
}

extension Parameter: ParameterDeclaration {
  public var domainSummary: String { domain.summary }
  public var defaultText: String? { defaultValue?.parameterText }
  public var names: [String] { Value.names }
  public var pattern: String { Value.pattern }
  public func canonicalText(of text: String) -> String? { value(of: text)?.parameterText }

  func value(of text: String) -> Value? {
    guard let value = Value(parameterText: text), domain.contains(value) else { return nil }
    return value
  }
}
