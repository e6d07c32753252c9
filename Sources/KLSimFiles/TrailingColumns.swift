// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore

/// The columns at the end of a table of runs, which not every table has: which context a row is of, and
/// choices on axes that came after the format.
public struct TrailingColumns: Sendable {
  private let hasContexts: Bool
  private let axes: [any Axis.Type]

  /// The columns of some runs.
  ///
  /// - Parameter setups: everything that is run.
  public init(of setups: some Sequence<Setup> = []) {
    let setups = Array(setups)
    hasContexts = setups.contains { $0.teacher.component.contexts.count > 1 }
    axes = Axes.all.filter { axis in
      axis.isAddition && setups.contains { $0.departs(on: axis) }
    }
  }

  /// Whether a teacher has several contexts.
  public var tellsContexts: Bool { hasContexts }

  /// Their names and meanings.
  public var columns: [Column] {
    (hasContexts ? Self.contextColumns : []) + axes.map { $0.column }
  }

  private static let contextColumns = [
    Column(
      "context", .text,
      "which of the teacher's contexts, from 0; mean: their weighted mean; empty: the only one"),
    Column("context_label", .text, "what the teacher calls the context; empty if nothing"),
  ]

  /// Their values.
  ///
  /// - Parameters:
  ///   - context: which context it is.
  ///   - setup: whose teacher has it.
  /// - Returns: one field a column.
  public func fields(_ context: TrajectoryContext, of setup: Setup) -> [String] {
    (hasContexts ? Self.fields(context, of: setup) : [])
      + axes.map { setup.specification(on: $0) ?? "" }
  }

  private static func fields(_ context: TrajectoryContext, of setup: Setup) -> [String] {
    switch context {
    case .only: ["", ""]
    case .one(let index): [index.description, setup.teacher.component.contexts.label(index)]
    case .mean: ["mean", ""]
    }
  }

  /// Their values as part of a line; nil if there are none.
  func row(_ context: TrajectoryContext, of setup: Setup) -> [UInt8]? {
    let fields = fields(context, of: setup)
    return fields.isEmpty ? nil : CSVBuffer.row(fields)
  }
}
