// SPDX-License-Identifier: GPL-3.0-or-later

/// A column of a table: its name, type, unit and meaning, and whether it tells rows apart.
public struct Column: Equatable, Sendable {
  /// The type of its values.
  public enum Kind: String, Equatable, Sendable {
    case text = "string"
    case integer
    case number
  }

  /// What a column is for.
  public enum Role: String, Equatable, Sendable {
    /// It says what a row is of.
    case key
    /// It is a result.
    case measurement
  }

  /// Its name in the header.
  public let name: String
  public let kind: Kind
  /// Whether it says what a row is of, or is a result.
  public let role: Role
  /// The unit of its values, nil where they have none.
  public let unit: String?
  /// The meaning without the unit, one line.
  public let meaning: String

  /// The meaning with the unit, one line.
  public var summary: String { unit.map { "\(meaning), \($0)" } ?? meaning }

  /// A column of results.
  ///
  /// - Parameters:
  ///   - name: its name in the header.
  ///   - kind: the type of its values.
  ///   - unit: their unit, such as `nats`; nil for none.
  ///   - meaning: what it says, one line, without the unit.
  public init(_ name: String, _ kind: Kind, unit: String? = nil, _ meaning: String) {
    self.init(name, kind, .measurement, unit: unit, meaning)
  }

  /// A column that says what a row is of; otherwise as a column of results.
  public init(key name: String, _ kind: Kind, unit: String? = nil, _ meaning: String) {
    self.init(name, kind, .key, unit: unit, meaning)
  }

  private init(_ name: String, _ kind: Kind, _ role: Role, unit: String?, _ meaning: String) {
    self.name = name
    self.kind = kind
    self.role = role
    self.unit = unit
    self.meaning = meaning
  }

  /// The value that a text stands for.
  ///
  /// - Parameter text: the text, nil for a value that does not exist.
  /// - Returns: a number where the column is one of numbers, else the text.
  package func value(of text: String?) -> Value {
    guard let text else { return .missing }
    return kind == .number ? Value(Double(text)) : .text(text)
  }

  /// Which run a row is of, in every table of runs.
  public static let seed = Column(key: "seed", .integer, "seed of the run")
  /// Where head ends and tail begins, in every table of errors.
  public static let head = Column(key: "head", .text, "rule that tells head from tail")
  /// How many updates were made, wherever a table tells it.
  public static let epoch = Column(key: "epoch", .integer, "number of optimizer updates made")
  /// Which objective it was, wherever a table tells it.
  public static let objective = Column(key: "objective", .text, "specification of the objective")
}
