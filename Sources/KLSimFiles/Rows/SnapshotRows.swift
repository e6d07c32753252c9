// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore

/// The distributions of runs: one row per run, snapshot epoch and selected token.
package struct SnapshotRows: Sendable {
  private let tokens: TokenSelection
  private let trailing: TrailingColumns
  /// The table without rows.
  private let table: RowBuffer

  /// The table.
  ///
  /// - Parameters:
  ///   - tokens: which tokens become rows.
  ///   - trailing: the columns at the end.
  ///   - format: the format of the text.
  package init(
    tokens: TokenSelection = .all, trailing: TrailingColumns = TrailingColumns(),
    format: RowFormat = .csv
  ) {
    self.tokens = tokens
    self.trailing = trailing
    columns =
      Setup.columns + [
        Column.seed,
        trailing.epochColumn,
        Column(key: "token", .integer, "token index, from 0"),
        Column(
          key: "rank", .integer, "rank of the token in the teacher, from 0 for the most probable"),
      ] + TableKind.snapshots.measurements + trailing.columns
    table = RowBuffer(columns, format)
  }

  /// The columns, in order.
  package let columns: [Column]

  /// The header, if the format has one.
  package var header: [UInt8] { table.header }

  /// The rows of runs: run by run, epoch by epoch, token by token.
  ///
  /// - Parameters:
  ///   - trajectories: the results of the runs.
  ///   - setup: the setup they share.
  /// - Returns: the text, without a header.
  package func rows(_ trajectories: [Trajectory], of setup: Setup) -> [UInt8] {
    var buffer = table
    for trajectory in trajectories where !trajectory.snapshots.isEmpty {
      append(trajectory, of: setup, to: &buffer)
    }
    return buffer.bytes
  }

  /// About how many bytes a snapshot of a run takes.
  ///
  /// - Parameters:
  ///   - setup: the setup of the run.
  ///   - size: the size of its vocabulary.
  /// - Returns: the length of a row with long numbers, times the number of tokens.
  package func estimatedSize(of setup: Setup, vocabulary size: Int) -> Double {
    var buffer = table
    buffer.append(setup.values)
    buffer.append(setup.epochs)
    buffer.append(setup.epochs)
    buffer.append(size - 1)
    buffer.append(size - 1)
    // 17 digits and an exponent, as most probabilities have.
    for _ in 0..<2 { buffer.append(1.0 / 3 / Double(size)) }
    buffer.append(trailing.values(.mean, .heldOut, of: setup))
    buffer.endRow()
    return Double(buffer.bytes.count) * Double(tokens.count(of: size))
  }

  private func append(_ trajectory: Trajectory, of setup: Setup, to buffer: inout RowBuffer) {
    let key = buffer.fragment(at: 0) {
      $0.append(setup.values)
      $0.append(trajectory.seed)
    }
    let end = trailing.values(trajectory.context, trajectory.split, of: setup)
    let last = buffer.fragment(at: columns.count - end.count) { $0.append(end) }
    let (teacher, length) = (trajectory.teacher, setup.length)
    let ranks = tokens.ranks(of: teacher.tokens.count).sorted {
      teacher.tokens[$0] < teacher.tokens[$1]
    }
    for snapshot in trajectory.snapshots {
      for rank in ranks {
        buffer.append(key)
        buffer.append(length.value(of: snapshot.epoch))
        buffer.append(teacher.tokens[rank])
        buffer.append(rank)
        buffer.append(teacher.probabilities[rank])
        buffer.append(snapshot.probabilities[rank])
        buffer.append(last)
        buffer.endRow()
      }
    }
  }
}
