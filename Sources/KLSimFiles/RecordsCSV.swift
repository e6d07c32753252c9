// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore

/// The records of runs as CSV: one row per run, recorded epoch and head rule.
public struct RecordsCSV: Sendable {
  private let measurement: Measurement
  private let recorded: EpochSelection
  private let trailing: TrailingColumns

  /// The table of a measurement.
  ///
  /// - Parameters:
  ///   - measurement: what was measured.
  ///   - recorded: which of the measured epochs become rows.
  ///   - trailing: the columns at the end.
  public init(
    _ measurement: Measurement, recorded: EpochSelection,
    trailing: TrailingColumns = TrailingColumns()
  ) {
    self.measurement = measurement
    self.recorded = recorded
    self.trailing = trailing
  }

  /// The columns, in order.
  public var columns: [Column] {
    Setup.columns + [Column.seed, Column.head, Column.epoch] + measurement.columns
      + trailing.columns
  }

  /// The header line.
  public var header: [UInt8] { CSVTable.text(columns, rows: []) }

  /// The rows of runs: run by run, epoch by epoch, head rule by head rule.
  ///
  /// - Parameters:
  ///   - trajectories: the results of the runs.
  ///   - setup: the setup they share.
  /// - Returns: the bytes, without the header.
  public func rows(_ trajectories: [Trajectory], of setup: Setup) -> [UInt8] {
    let key = CSVBuffer.row(setup.keys)
    let heads = measurement.heads.map { CSVBuffer.row([$0.specification]) }
    let kinds = measurement.columns.map(\.kind)
    var buffer = CSVBuffer()
    for trajectory in trajectories {
      let end = trailing.row(trajectory.context, of: setup)
      for record in trajectory.records where recorded.contains(record.epoch, last: setup.epochs) {
        for cut in record.heads.indices {
          buffer.append(raw: key)
          buffer.append(trajectory.seed)
          buffer.append(raw: heads[cut])
          buffer.append(record.epoch)
          for (value, kind) in zip(record.values(cut: cut), kinds) {
            buffer.append(value, as: kind)
          }
          if let end { buffer.append(raw: end) }
          buffer.endLine()
        }
      }
    }
    return buffer.bytes
  }
}
