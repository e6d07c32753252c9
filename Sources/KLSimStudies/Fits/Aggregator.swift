// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
package import KLSimFiles
internal import KLSimNumerics

/// Statistics of records over seeds in long form: one row per setup, context, head rule, epoch and
/// metric.
///
/// Memory: the values of one setup, 8 bytes per seed, context, recorded epoch, head rule and metric.
package struct Aggregator: Sendable {
  private static let fractions = [0.05, 0.25, 0.5, 0.75, 0.95]

  private let measurement: Measurement
  private let recorded: EpochSelection
  private let trailing: TrailingColumns
  private let format: RowFormat
  private var setup: Setup?
  private var samples: [Place: Samples] = [:]
  /// The contexts in order of appearance.
  private var places: [Place] = []

  /// A context, and the part that it belongs to.
  private struct Place: Hashable {
    let context: TrajectoryContext
    let split: Split?
  }

  /// The values of one context of the setup.
  private struct Samples {
    var epochs: [Int] = []
    /// Epochs × head rules × metrics × seeds, without missing values.
    var values: [[Double]] = []
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
    Setup.columns + [
      Column.head,
      trailing.epochColumn,
      Column(key: "metric", .text, "column of the records that is summed up"),
    ] + TableKind.aggregates.measurements + trailing.columns
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
    let records = trajectory.records.filter { recorded.contains($0.epoch, of: length) }
    let width = measurement.heads.count * measurement.columns.count
    let own = Place(context: trajectory.context, split: trajectory.split)
    if samples[own] == nil {
      places.append(own)
      samples[own] = Samples(
        epochs: records.map(\.epoch), values: Array(repeating: [], count: records.count * width))
    }
    for (place, record) in records.enumerated() {
      var index = place * width
      for cut in record.heads.indices {
        for value in record.values(cut: cut) {
          if let value { samples[own]?.values[index].append(value) }
          index += 1
        }
      }
    }
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

  private func rows(of samples: Samples, setup: Setup, place: Place) -> [[Value]] {
    let (length, end) = (
      setup.length, trailing.values(place.context, place.split, of: setup)
    )
    var values = samples.values.makeIterator()
    var rows: [[Value]] = []
    for epoch in samples.epochs {
      for head in measurement.heads {
        for column in measurement.columns {
          rows.append(
            setup.values + [
              .text(head.specification), length.value(of: epoch), .text(column.name),
            ]
              + Self.statistics(of: values.next() ?? []) + end)
        }
      }
    }
    return rows
  }

  /// The values of `TableKind.aggregates.measurements`.
  private static func statistics(of sample: [Double]) -> [Value] {
    guard !sample.isEmpty else {
      return [Value(0)] + Array(repeating: .missing, count: 2 + fractions.count)
    }
    // NaN counts as the largest value.
    let ordered = sample.map { $0.isNaN ? .infinity : $0 }
    let quantiles = Statistics.quantiles(fractions, of: ordered) ?? []
    let deviation = sample.count > 1 ? Statistics.standardDeviation(sample) : nil
    return [Value(sample.count), .number(Statistics.mean(sample)), Value(deviation)]
      + quantiles.map { .number($0) }
  }
}
