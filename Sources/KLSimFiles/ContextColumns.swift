// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

/// The columns that tell a teacher's contexts apart, at the end of a table that has several.
enum ContextColumns {
  static let columns = [
    Column(
      "context", .text,
      "which of the teacher's contexts, from 0; mean: their weighted mean; empty: the only one"),
    Column("context_label", .text, "what the teacher calls the context; empty if nothing"),
  ]

  /// Their values.
  static func row(_ context: TrajectoryContext, of setup: Setup) -> [UInt8] {
    switch context {
    case .only: CSVBuffer.row(["", ""])
    case .one(let index):
      CSVBuffer.row([index.description, setup.teacher.component.contexts.label(index)])
    case .mean: CSVBuffer.row(["mean", ""])
    }
  }
}
