// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore

/// A published statement made executable.
///
/// Conforming is all it takes to add one, besides a line in `ClaimCatalog`.
public protocol Claim<Cell>: Sendable {
  /// What tells the cells of one condition apart.
  associatedtype Cell: ClaimCell

  /// What the user types and the files show.
  static var name: String { get }
  /// What is claimed, in one sentence.
  static var statement: String { get }
  /// Who claims it.
  static var source: String { get }
  /// The setting in which the source makes the statement, in words.
  static var setting: String { get }
  /// Whether it is a finding, or a check of a theorem.
  static var kind: ClaimKind { get }
  /// What the mean in the evidence is of.
  static var quantity: String { get }
  init()
  /// The grid of conditions, with the predicate that is put to each seed.
  ///
  /// - Throws: `SpecificationError` for a condition that cannot be.
  func trials() throws -> [Trial<Cell>]
  /// Whether a cell is among those that the verdict over the grid is about; the others are shown
  /// beside them.
  func covers(_ evidence: Evidence<Cell>) -> Bool
  /// Whether a covered cell belongs to the source's own setting.
  func isPublished(_ evidence: Evidence<Cell>) -> Bool
  /// Where it holds, in words: the source's setting first.
  ///
  /// - Parameter evidence: that of every cell, covered or not.
  /// - Returns: parts of sentences that follow "it holds …", one to five.
  func boundaries(_ evidence: [Evidence<Cell>]) -> [String]
  /// The figures that show the evidence.
  var figures: [FigureRequest] { get }
}

extension Claim {
  public static var kind: ClaimKind { .finding }
  public func covers(_ evidence: Evidence<Cell>) -> Bool { true }

  /// In how many covered cells it holds, and the few in which it holds least.
  public func boundaries(_ evidence: [Evidence<Cell>]) -> [String] {
    [Words.exceptions(in: evidence.filter(covers)) { Words.name(of: $0) }]
  }
  public var figures: [FigureRequest] { [] }

  /// The columns of its cells.
  public static var cellColumns: [Column] { Cell.columns }
}

/// What a claim is.
public enum ClaimKind: String, Sendable, CaseIterable {
  /// A statement that could turn out false.
  case finding
  /// A theorem, which shows that klsim computes it.
  case check
}

/// What tells the cells of one condition apart.
public protocol ClaimCell: Hashable, Sendable {
  /// The columns that it fills, in order.
  static var columns: [Column] { get }
  /// The values of those columns.
  var values: [Value] { get }
}
