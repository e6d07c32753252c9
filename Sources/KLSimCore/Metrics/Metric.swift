// SPDX-License-Identifier: GPL-3.0-or-later

/// A measurement that a user can add to the records.
public protocol Metric: Component {
  /// Its columns.
  static var columns: [Column] { get }

  /// One value a column.
  ///
  /// - Parameter moment: a run at an epoch, and a cut.
  /// - Returns: the values in the order of `columns`; nil where there is none.
  func values(at moment: Moment) -> [Double?]
}

/// A column of a table of records.
public struct Column: Equatable, Sendable {
  /// What a column holds.
  public enum Kind: Equatable, Sendable {
    case text
    case integer
    case number
  }

  public let name: String
  public let kind: Kind
  public let summary: String

  /// Describes a column.
  ///
  /// - Parameters:
  ///   - name: its name in the header.
  ///   - kind: what it holds.
  ///   - summary: the meaning with its unit, one line.
  public init(_ name: String, _ kind: Kind, _ summary: String) {
    self.name = name
    self.kind = kind
    self.summary = summary
  }

  /// Which run a row is of, in every table of runs.
  public static let seed = Column("seed", .integer, "seed of the run")
  /// Where head ends and tail begins, in every table of errors.
  public static let head = Column("head", .text, "rule that tells head from tail")
  /// How many updates were made, wherever a table tells it.
  public static let epoch = Column("epoch", .integer, "number of optimizer updates made")
  /// Which objective it was, wherever a table tells it.
  public static let objective = Column("objective", .text, "specification of the objective")
}
