// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
package import KLSimFiles

/// A kind of study whose runs are the product of setups and seeds, and whose results are tables: it can be
/// cut into chunks whose tables follow each other.
///
/// A kind of experiment that conforms to it can be swept.
package protocol DividedStudy: StudyKind {
  /// What all seeds of a run share.
  associatedtype Setup: Sendable
  /// The tables of its results.
  associatedtype Tables: StudyTables where Tables.Result == Result

  /// The study in words.
  var study: Study { get }

  /// Every setup in the order of the items, with the size of a run.
  var runSizes: [(setup: Setup, size: RunSize)] { get throws }

  /// About how much memory it takes.
  var memory: MemoryNeed { get throws }

  /// The same study of some setups and seeds alone.
  ///
  /// - Parameters:
  ///   - setups: some setups, in their order.
  ///   - seeds: some of its seeds.
  /// - Returns: the study; its results are those of the whole study, whatever the part.
  /// - Throws: an error of a setup that shows without running it.
  func part(_ setups: [Setup], seeds: Range<UInt64>) throws -> Self

  /// The tables of the whole study, empty.
  ///
  /// - Parameter format: the format of rows.
  /// - Returns: the tables.
  /// - Throws: `StudyError`, or `SpecificationError`.
  func tables(_ format: RowFormat) throws -> Tables

  /// The axes on which setups can differ.
  static var axes: [any Axis.Type] { get }

  /// The choices of a setup on `axes`.
  func choices(of setup: Setup) -> Choices
}

/// How large the runs of a seed are.
package struct RunSize: Equatable, Sendable {
  /// About how often a number of the student is updated.
  package let work: Double
  /// How many rows all tables have.
  package let rows: Double
  /// How many runs there are, one for each context.
  package let runs: Int

  package init(work: Double, rows: Double, runs: Int) {
    (self.work, self.rows, self.runs) = (work, rows, runs)
  }
}

/// Turns the results of a study into rows of its tables.
package protocol StudyTables: Sendable {
  associatedtype Result: Sendable
  /// A result with the rows that depend on it alone.
  associatedtype Digest: Sendable

  /// The tables, in order, at least one.
  var outputs: [TableOutput] { get }

  /// Makes the rows that depend on one result alone; may be called from several threads.
  func digest(_ result: Result) throws -> Digest

  /// Adds a result; results come in the order of the items.
  ///
  /// - Parameter digest: the result.
  /// - Returns: the rows of each table that are now complete.
  mutating func rows(adding digest: Digest) -> [[UInt8]]

  /// The remaining rows of each table, after the last result.
  mutating func lastRows() -> [[UInt8]]
}

/// A table that a study writes.
package struct TableOutput: Sendable {
  /// The name of its file, without an ending.
  package let name: String
  /// What it holds, one line.
  package let summary: String
  /// Its columns, in order.
  package let columns: [Column]

  package init(name: String, summary: String, columns: [Column]) {
    (self.name, self.summary, self.columns) = (name, summary, columns)
  }
}
