// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore

/// The records of runs as CSV: one row per run, recorded epoch and head rule.
public struct RecordsCSV: Sendable {
  private let measurement: Measurement
  private let recorded: EpochSelection

  /// The table of a measurement.
  ///
  /// - Parameters:
  ///   - measurement: what was looked at.
  ///   - recorded: the epochs that become rows, of those that were kept.
  public init(_ measurement: Measurement, recorded: EpochSelection) {
    self.measurement = measurement
    self.recorded = recorded
  }

  /// The columns, in order.
  public var columns: [Column] {
    Setup.columns + [
      Column("seed", .integer, "seed of the run"),
      Column("head", .text, "rule that tells head from tail"),
      Column("epoch", .integer, "number of optimizer updates made"),
    ] + measurement.columns
  }

  /// The header line.
  public var header: [UInt8] {
    CSVBuffer.row(columns.map(\.name)) + [UInt8(ascii: "\n")]
  }

  /// The rows of runs, one after the other: epoch by epoch, head rule by head rule.
  ///
  /// - Parameters:
  ///   - trajectories: what was seen of the runs.
  ///   - setup: the setup they share.
  /// - Returns: the bytes, without the header.
  public func rows(_ trajectories: [Trajectory], of setup: Setup) -> [UInt8] {
    let key = CSVBuffer.row(setup.keys)
    let heads = measurement.heads.map { CSVBuffer.row([$0.specification]) }
    var buffer = CSVBuffer()
    for trajectory in trajectories {
      append(trajectory, key: key, heads: heads, last: setup.epochs, to: &buffer)
    }
    return buffer.bytes
  }

  private func append(
    _ trajectory: Trajectory, key: [UInt8], heads: [[UInt8]], last: Int,
    to buffer: inout CSVBuffer
  ) {
    let extraKinds = measurement.metrics.flatMap { type(of: $0).columns.map(\.kind) }
    for record in trajectory.records where recorded.contains(record.epoch, last: last) {
      for (index, error) in record.heads.enumerated() {
        buffer.append(raw: key)
        buffer.append(trajectory.seed)
        buffer.append(raw: heads[index])
        buffer.append(record.epoch)
        buffer.append(record.loss)
        buffer.append(record.forwardKL)
        buffer.append(record.reverseKL)
        buffer.append(record.totalVariation)
        buffer.append(record.entropy)
        buffer.append(error.head)
        buffer.append(error.tail)
        buffer.append(error.headMass)
        buffer.append(error.headWeight)
        for (place, kind) in extraKinds.enumerated() {
          buffer.append(record.extras[index][place], as: kind)
        }
        buffer.endLine()
      }
    }
  }
}
