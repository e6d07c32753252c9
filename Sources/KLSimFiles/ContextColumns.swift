// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore

/// The columns for the context of a teacher, at the end of a table of several contexts.
public enum ContextColumns {
  /// Their names and meanings.
  public static let columns = [
    Column(
      "context", .text,
      "which of the teacher's contexts, from 0; mean: their weighted mean; empty: the only one"),
    Column("context_label", .text, "what the teacher calls the context; empty if nothing"),
  ]

  /// Their values.
  ///
  /// - Parameters:
  ///   - context: the context.
  ///   - setup: the setup whose teacher has the context.
  /// - Returns: one field per column.
  public static func fields(_ context: TrajectoryContext, of setup: Setup) -> [String] {
    switch context {
    case .only: ["", ""]
    case .one(let index): [index.description, setup.teacher.component.contexts.label(index)]
    case .mean: ["mean", ""]
    }
  }

  /// Their values as part of a line.
  static func row(_ context: TrajectoryContext, of setup: Setup) -> [UInt8] {
    CSVBuffer.row(fields(context, of: setup))
  }
}
