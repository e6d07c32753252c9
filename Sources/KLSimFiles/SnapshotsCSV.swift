// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore

/// The distributions of runs as CSV: one row per run, snapshot epoch and token.
public struct SnapshotsCSV: Sendable {
  private let trailing: TrailingColumns

  /// The table.
  ///
  /// - Parameter trailing: the columns at the end.
  public init(trailing: TrailingColumns = TrailingColumns()) {
    self.trailing = trailing
  }

  /// The columns, in order.
  public var columns: [Column] {
    Setup.columns + [
      Column.seed,
      Column.epoch,
      Column("token", .integer, "token index, from 0"),
      Column("rank", .integer, "rank of the token in the teacher, from 0 for the most probable"),
      Column("p", .number, "teacher probability"),
      Column("q", .number, "student probability"),
    ] + trailing.columns
  }

  /// The header line.
  public var header: [UInt8] { CSVTable.text(columns, rows: []) }

  /// The rows of runs: run by run, epoch by epoch, token by token.
  ///
  /// - Parameters:
  ///   - trajectories: the results of the runs.
  ///   - setup: the setup they share.
  /// - Returns: the bytes, without the header.
  public func rows(_ trajectories: [Trajectory], of setup: Setup) -> [UInt8] {
    var buffer = CSVBuffer()
    for trajectory in trajectories where !trajectory.snapshots.isEmpty {
      append(trajectory, of: setup, to: &buffer)
    }
    return buffer.bytes
  }

  private func append(_ trajectory: Trajectory, of setup: Setup, to buffer: inout CSVBuffer) {
    let key = CSVBuffer.row(setup.keys + [trajectory.seed.description])
    let end = trailing.row(trajectory.context, of: setup)
    let teacher = trajectory.teacher
    let ranks = teacher.tokens.indices.sorted { teacher.tokens[$0] < teacher.tokens[$1] }
    for snapshot in trajectory.snapshots {
      for rank in ranks {
        buffer.append(raw: key)
        buffer.append(snapshot.epoch)
        buffer.append(teacher.tokens[rank])
        buffer.append(rank)
        buffer.append(teacher.probabilities[rank])
        buffer.append(snapshot.probabilities[rank])
        if let end { buffer.append(raw: end) }
        buffer.endLine()
      }
    }
  }
}
