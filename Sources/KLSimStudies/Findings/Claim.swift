// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore
internal import KLSimNumerics

/// A published statement made executable.
///
/// Conforming is all it takes to add one, besides a line in `ClaimCatalog`.
public protocol Claim: Sendable {
  /// What the user types and the files show.
  static var name: String { get }
  /// What is claimed, in one sentence.
  static var statement: String { get }
  /// Who claims it.
  static var source: String { get }
  /// What tells the cells of one condition apart.
  static var cellColumns: [Column] { get }
  /// What the mean in the evidence is of.
  static var quantity: String { get }
  init()
  /// The grid of conditions, with the predicate that is put to each seed.
  ///
  /// - Throws: `SpecificationError` for a condition that cannot be.
  func trials() throws -> [Trial]
  /// Whether a cell is among those that the statement speaks of; the others are shown beside them.
  func covers(_ evidence: Evidence) -> Bool
  /// The cell that stands for the claim as it was published.
  func isHeadline(_ evidence: Evidence) -> Bool
  /// Where it holds, in words: the shortest answer first, then the details.
  ///
  /// - Parameter evidence: that of every cell, covered or not.
  /// - Returns: parts of sentences that follow "it holds …".
  func boundaries(_ evidence: [Evidence]) -> [String]
  /// The figures that show the evidence.
  var figures: [FigureRequest] { get }
}

extension Claim {
  public func covers(_ evidence: Evidence) -> Bool { true }
  public func isHeadline(_ evidence: Evidence) -> Bool { covers(evidence) }
  public var figures: [FigureRequest] { [] }

  /// The place of a cell column.
  static func cellIndex(_ name: String) -> Int {
    guard let index = cellColumns.firstIndex(where: { $0.name == name }) else {
      preconditionFailure("\(Self.name) has no column \(name)")
    }
    return index
  }
}

/// One condition of a claim and its cells.
public struct Trial: Sendable {
  let condition: Condition
  /// The values of the claim's cell columns, one list a cell.
  let cells: [[String]]
  /// The outcomes of seeds, seeds × cells.
  let outcomes: @Sendable (_ seeds: [UInt64], _ kernels: VectorKernels) throws -> [[Outcome]]
}
