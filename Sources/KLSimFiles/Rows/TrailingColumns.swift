// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore

/// The columns at the end of a table of runs, which not every table has: which context a row is of, and
/// choices on axes that came after the format.
package struct TrailingColumns: Sendable {
  private let hasContexts: Bool
  private let hasSplits: Bool
  /// Whether an epoch can have several updates.
  package let hasSteps: Bool
  private let axes: [any Axis.Type]

  /// The columns of some runs.
  ///
  /// - Parameter setups: everything that is run.
  package init(of setups: some Sequence<Setup> = []) {
    let setups = Array(setups)
    hasContexts = setups.contains { $0.teacher.component.contexts.count > 1 }
    hasSplits = setups.contains { $0.heldOutShare > 0 }
    hasSteps = setups.contains { $0.batchSize != nil }
    axes = Axes.all.filter { axis in
      axis.isAddition && setups.contains { $0.departs(on: axis) }
    }
  }

  /// Whether a teacher has several contexts.
  package var tellsContexts: Bool { hasContexts }

  /// Their names and meanings.
  package var columns: [Column] {
    (hasContexts ? Self.contextColumns : []) + (hasSplits ? [.split] : [])
      + axes.map { $0.column }
  }

  /// The column of the epoch, which has fractions if there are steps between.
  package var epochColumn: Column { hasSteps ? .pass : .epoch }

  /// The names of the columns that tell contexts.
  package static let contextNames = contextColumns.map(\.name)

  static let contextColumns = [
    Column(
      key: "context", .integer,
      "which of the teacher's contexts, from 0; empty in a row of their mean, or of the only one"),
    Column(
      key: "context_label", .text,
      "what the teacher calls the context, empty if nothing; mean where context is empty: the"
        + " weighted mean of all"),
  ]

  /// Their values.
  ///
  /// - Parameters:
  ///   - context: which context it is.
  ///   - split: which part of the contexts it belongs to.
  ///   - setup: whose teacher has it.
  /// - Returns: one value a column.
  package func values(
    _ context: TrajectoryContext, _ split: Split?, of setup: Setup
  ) -> [Value] {
    (hasContexts ? Self.values(context, of: setup) : [])
      + (hasSplits ? [split.map { .text($0.rawValue) } ?? .missing] : [])
      + axes.map { setup.value(on: $0) }
  }

  private static func values(_ context: TrajectoryContext, of setup: Setup) -> [Value] {
    switch context {
    case .only: [.missing, .missing]
    case .one(let index):
      [Value(index), .text(setup.teacher.component.contexts.label(index))]
    case .mean: [.missing, "mean"]
    }
  }
}
