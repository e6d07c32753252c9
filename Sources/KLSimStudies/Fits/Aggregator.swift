// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
package import KLSimFiles

/// Statistics of records over seeds in long form: one row per setup, context, head rule, epoch and
/// metric.
///
/// Memory: the values of one setup, 8 bytes per seed, context, recorded epoch, head rule and metric.
package struct Aggregator: Sendable {
  private let measurement: Measurement
  private let recorded: EpochSelection
  private let trailing: TrailingColumns
  private let format: RowFormat
  private var setup: Setup?
  private var samples: [Place: SeedSamples] = [:]
  /// The contexts in order of appearance.
  private var places: [Place] = []

  /// A context, and the part that it belongs to.
  private struct Place: Hashable {
    let context: TrajectoryContext
    let split: Split?
  }

  /// The table of a measurement.
  ///
  /// - Parameters:
  ///   - measurement: what is measured.
  ///   - recorded: the kept epochs that become rows.
  ///   - trailing: the columns at the end.
  ///   - format: the format of the text.
  package init(
    _ measurement: Measurement, recorded: EpochSelection,
    trailing: TrailingColumns = TrailingColumns(), format: RowFormat = .csv
  ) {
    self.measurement = measurement
    self.recorded = recorded
    self.trailing = trailing
    self.format = format
  }

  /// The columns, in order.
  package var columns: [Column] {
    Setup.columns + [Column.head, trailing.epochColumn, SeedSamples.metric]
      + TableKind.aggregates.measurements + trailing.columns
  }

  /// The header, if the format has one.
  package var header: [UInt8] { format.table(columns, rows: []) }

  /// Adds runs of one setup.
  ///
  /// - Parameters:
  ///   - trajectories: the results of the runs.
  ///   - setup: the setup they share.
  /// - Returns: the rows of the previous setup, if this is another one. The runs of a setup must come
  ///   together.
  package mutating func add(_ trajectories: [Trajectory], of setup: Setup) -> [UInt8] {
    let done = self.setup?.canonicalWords == setup.canonicalWords ? [] : finish()
    self.setup = setup
    let length = setup.length
    for trajectory in trajectories { add(trajectory, length: length) }
    return done
  }

  private mutating func add(_ trajectory: Trajectory, length: RunLength) {
    let own = Place(context: trajectory.context, split: trajectory.split)
    if samples[own] == nil { places.append(own) }
    samples[own, default: SeedSamples()].add(
      trajectory.records.filter { recorded.contains($0.epoch, of: length) }.map { record in
        (length.epoch(of: record.epoch), record.heads.indices.map { record.values(cut: $0) })
      })
  }

  /// The rows of the last setup.
  package mutating func finish() -> [UInt8] {
    guard let setup else { return [] }
    defer {
      self.setup = nil
      samples = [:]
      places = []
    }
    var buffer = RowBuffer(columns, format)
    for place in places {
      if let samples = samples[place] {
        buffer.append(rows: rows(of: samples, setup: setup, place: place))
      }
    }
    return buffer.bytes
  }

  private func rows(of samples: SeedSamples, setup: Setup, place: Place) -> [[Value]] {
    let end = trailing.values(place.context, place.split, of: setup)
    return samples.rows(
      heads: measurement.heads.map(\.specification), columns: measurement.columns
    ).map { setup.values + $0 + end }
  }
}
