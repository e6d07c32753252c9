// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore

/// A published statement made executable.
///
/// To add one, conform to this and name the type in `ClaimCatalog`.
public protocol Claim<Cell>: Sendable {
  /// The questions that are asked in one condition.
  associatedtype Cell: ClaimCell

  /// The name that users type, and that of its file.
  static var name: String { get }
  /// The claim in one sentence.
  static var statement: String { get }
  /// The publication that makes it.
  static var source: String { get }
  /// The setting in which the source makes the statement, in words.
  static var setting: String { get }
  /// Whether it is a finding, or a check of a theorem.
  static var kind: ClaimKind { get }
  /// The quantity whose mean is reported in the evidence.
  static var quantity: String { get }
  /// The maximum number of seeds of a condition, less than `ClaimRunner.maximumSeeds` if runs take long.
  static var maximumSeeds: Int { get }
  init()
  /// The grid of conditions, with the predicates that are put to each seed.
  ///
  /// - Throws: `SpecificationError` for an impossible condition.
  func trials() throws -> [Trial<Cell>]
  /// Whether the verdict over the grid is about a cell; other cells are reported without effect on it.
  func covers(_ evidence: Evidence<Cell>) -> Bool
  /// Whether a covered cell belongs to the source's own setting.
  func isPublished(_ evidence: Evidence<Cell>) -> Bool
  /// Where it holds, in words: the source's setting first.
  ///
  /// - Parameter evidence: that of every cell, covered or not.
  /// - Returns: one to five ends of the sentence "it holds …".
  func boundaries(_ evidence: [Evidence<Cell>]) -> [String]
  /// The figures that show the evidence.
  var figures: [FigureRequest] { get }
}

extension Claim {
  public static var kind: ClaimKind { .finding }
  public static var maximumSeeds: Int { ClaimRunner.maximumSeeds }
  public func covers(_ evidence: Evidence<Cell>) -> Bool { true }

  /// The number of covered cells in which it holds, and the few in which it holds least.
  public func boundaries(_ evidence: [Evidence<Cell>]) -> [String] {
    [Words.exceptions(in: evidence.filter(covers)) { Words.name(of: $0) }]
  }
  public var figures: [FigureRequest] { [] }
}

/// The kind of a claim.
public enum ClaimKind: String, Sendable, CaseIterable {
  /// A statement that could turn out false.
  case finding
  /// A theorem, as a check of klsim.
  case check
}

/// A question in one condition, such as one about an objective at an epoch.
public protocol ClaimCell: Hashable, Sendable {
  /// Its columns, in order.
  static var columns: [Column] { get }
  /// The values of those columns.
  var values: [Value] { get }
}

/// A figure to draw from a table of a report.
public struct FigureRequest: Sendable {
  /// The name of the figure's file, without extension.
  public var name: String
  /// The kind of figure, as `plot --figure` names it.
  public var kind: String
  /// The title above the figure.
  public var title: String
  /// The values of columns that select the rows to draw.
  public var selection: [(column: String, value: String)]
  /// The epochs to show; nil for the figure's own choice.
  public var epochs: [Int]?
  /// The objectives to compare, the leader first; nil for those of the table.
  public var objectives: [String]?
}
