// SPDX-License-Identifier: GPL-3.0-or-later

/// A column of a table: its name, type, unit and meaning, and whether it is a key or a result.
public struct Column: Equatable, Sendable {
  /// The type of its values.
  public enum Kind: String, Equatable, Sendable {
    case text = "string"
    case integer
    case number
  }

  /// Which of its values are better.
  public enum Better: String, Equatable, Sendable {
    /// The lower ones, as of an error.
    case lower
    /// The higher ones, as of an agreement.
    case higher
  }

  /// The role of a column.
  public enum Role: String, Equatable, Sendable {
    /// It identifies a row, with the other keys.
    case key
    /// It is a result.
    case measurement
  }

  /// The name in the header.
  public let name: String
  public let kind: Kind
  /// Whether it is a key or a result.
  public private(set) var role = Role.measurement
  /// The unit of its values, nil if they have none.
  public let unit: String?
  /// The meaning without the unit, one line.
  public let meaning: String
  /// Which of its values are better; nil if neither, as of an entropy.
  public let better: Better?

  /// The meaning with the unit, one line.
  public var summary: String { unit.map { "\(meaning), \($0)" } ?? meaning }

  /// A column of results.
  ///
  /// - Parameters:
  ///   - name: the name in the header.
  ///   - kind: the type of the values.
  ///   - unit: their unit, such as `nats`; nil for none.
  ///   - better: which of its values are better; nil if neither.
  ///   - meaning: the meaning without the unit, one line.
  public init(
    _ name: String, _ kind: Kind, unit: String? = nil, better: Better? = .lower, _ meaning: String
  ) {
    self.name = name
    self.kind = kind
    self.unit = unit
    self.meaning = meaning
    self.better = better
  }

  /// A key column; otherwise as a column of results.
  public init(key name: String, _ kind: Kind, unit: String? = nil, _ meaning: String) {
    self.init(name, kind, unit: unit, better: nil, meaning)
    role = .key
  }

  /// Reads a value.
  ///
  /// - Parameter text: the text, nil for a value that does not exist.
  /// - Returns: a number if the column has numbers, else the text.
  package func value(of text: String?) -> Value {
    guard let text else { return .missing }
    return kind == .number ? Value(Double(text)) : .text(text)
  }

  /// The seed, in every table of runs.
  public static let seed = Column(key: "seed", .integer, "seed of the run")
  /// The head rule, in every table of errors.
  public static let head = Column(key: "head", .text, "rule that tells head from tail")
  /// The epoch, in every table that has one.
  public static let epoch = Column(key: "epoch", .integer, "number of optimizer updates made")
  /// The epoch in a table of runs with minibatches.
  public static let pass = Column(
    key: "epoch", .number,
    "number of passes over the training contexts, with fractions; without minibatches, number of optimizer"
      + " updates made")
  /// The part of the contexts, in a table of runs that hold some out.
  package static let split = Column(
    key: "split", .text,
    "train for a context that updates use, held-out for one that none uses; empty if none is held out"
  )
  /// The objective, in every table that has one.
  public static let objective = Column(key: "objective", .text, "specification of the objective")
}

/// One cell of a table.
public enum Value: Equatable, Sendable {
  case text(String)
  case integer(Int128)
  case number(Double)
  /// A value that does not exist.
  case missing

  /// An integer of any size.
  public init(_ integer: some BinaryInteger) {
    self = .integer(Int128(integer))
  }

  /// A number that may not exist.
  public init(_ number: Double?) {
    self = number.map { .number($0) } ?? .missing
  }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
  public init(stringLiteral text: String) { self = .text(text) }
}

extension Value: CustomStringConvertible {
  public var description: String {
    switch self {
    case .text(let text): text
    case .integer(let integer): integer.description
    case .number(let number): number.description
    case .missing: ""
    }
  }
}
