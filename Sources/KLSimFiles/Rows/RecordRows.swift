// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore

/// The records of runs: one row per run, recorded epoch and head rule.
package struct RecordRows: Sendable {
  private let measurement: Measurement
  private let recorded: EpochSelection
  private let trailing: TrailingColumns
  /// The table without rows.
  private let table: RowBuffer

  /// The table of a measurement.
  ///
  /// - Parameters:
  ///   - measurement: what was measured.
  ///   - recorded: which of the measured epochs become rows.
  ///   - trailing: the columns at the end.
  ///   - format: the format of the text.
  package init(
    _ measurement: Measurement, recorded: EpochSelection,
    trailing: TrailingColumns = TrailingColumns(), format: RowFormat = .csv
  ) {
    self.measurement = measurement
    self.recorded = recorded
    self.trailing = trailing
    columns =
      Setup.columns + [Column.seed, Column.head, trailing.epochColumn] + measurement.columns
      + trailing.columns
    table = RowBuffer(columns, format)
  }

  /// The columns, in order.
  package let columns: [Column]

  /// The header, if the format has one.
  package var header: [UInt8] { table.header }

  /// About how many bytes the rows of an epoch of a run take.
  package func estimatedSize(of setup: Setup) -> Double {
    var buffer = table
    buffer.append(setup.values)
    buffer.append(setup.epochs)
    buffer.append(measurement.heads.first?.specification ?? "")
    buffer.append(setup.epochs)
    for _ in measurement.columns { buffer.append(1.0 / 3) }
    buffer.append(trailing.values(.mean, .heldOut, of: setup))
    buffer.endRow()
    return Double(buffer.bytes.count * measurement.heads.count)
  }

  /// The rows of runs: run by run, epoch by epoch, head rule by head rule.
  ///
  /// - Parameters:
  ///   - trajectories: the results of the runs.
  ///   - setup: the setup they share.
  /// - Returns: the text, without a header.
  package func rows(_ trajectories: [Trajectory], of setup: Setup) -> [UInt8] {
    var buffer = table
    let keys = setup.values
    let key = buffer.fragment(at: 0) { $0.append(keys) }
    let heads = measurement.heads.map { head in
      buffer.fragment(at: keys.count + 1) { $0.append(head.specification) }
    }
    let length = setup.length
    for trajectory in trajectories {
      let end = trailing.values(trajectory.context, trajectory.split, of: setup)
      let last = buffer.fragment(at: columns.count - end.count) { $0.append(end) }
      for record in trajectory.records where recorded.contains(record.epoch, of: length) {
        for cut in record.heads.indices {
          buffer.append(key)
          buffer.append(trajectory.seed)
          buffer.append(heads[cut])
          buffer.append(length.value(of: record.epoch))
          for value in record.values(cut: cut) { buffer.append(value) }
          buffer.append(last)
          buffer.endRow()
        }
      }
    }
    return buffer.bytes
  }
}
