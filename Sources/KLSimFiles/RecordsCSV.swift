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

  /// The rows of one run, epoch by epoch, head rule by head rule.
  ///
  /// - Parameters:
  ///   - trajectory: what was seen of the run.
  ///   - setup: the run's setup.
  /// - Returns: the bytes, without the header.
  public func rows(_ trajectory: Trajectory, of setup: Setup) -> [UInt8] {
    let keys = measurement.heads.map {
      CSVBuffer.row(setup.keys + [trajectory.seed.description, $0.specification])
    }
    let extraKinds = measurement.metrics.flatMap { type(of: $0).columns.map(\.kind) }
    var buffer = CSVBuffer()
    for record in trajectory.records where recorded.contains(record.epoch, last: setup.epochs) {
      for (index, error) in record.heads.enumerated() {
        buffer.append(raw: keys[index])
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
        for (value, kind) in zip(record.extras[index], extraKinds) {
          buffer.append(value, as: kind)
        }
        buffer.endLine()
      }
    }
    return buffer.bytes
  }
}
