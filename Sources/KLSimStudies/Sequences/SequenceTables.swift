// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
package import KLSimFiles
internal import KLSimSequences

/// Turns runs on sequences into rows: records, or statistics over seeds.
package struct SequenceTables: Sendable {
  private let isAggregated: Bool
  private let measurement: SequenceMeasurement
  private let leading: [any Axis.Type]
  private let trailing: [any Axis.Type]
  private let format: RowFormat
  private var setup: SequenceSetup?
  private var samples = SeedSamples()

  /// The tables of a study.
  ///
  /// - Parameters:
  ///   - sequences: the study.
  ///   - format: the format of rows.
  ///   - isAggregated: whether rows are statistics over seeds; nil for what the study says.
  package init(
    of sequences: SequenceStudy, format: RowFormat = .csv, isAggregated: Bool? = nil
  ) {
    self.isAggregated = isAggregated ?? sequences.study.isAggregated
    (measurement, self.format) = (sequences.measurement, format)
    (leading, trailing) = SequenceAxes.columns(of: sequences.setups)
  }

  /// About how much memory a row with a number of results takes, in bytes: as values and as text, with about 24
  /// columns of what was chosen.
  static func rowBytes(results: Int) -> Double {
    Double(2 * MemoryLayout<Value>.stride) * Double(results + 24)
  }

  /// The columns, in order.
  package var columns: [Column] {
    leading.map { $0.column }
      + (isAggregated
        ? [.head, .epoch, SeedSamples.metric] + TableKind.aggregates.measurements
        : [.seed, .head, .epoch] + measurement.columns)
      + trailing.map { $0.column }
  }

  /// The header, if the format has one.
  package var header: [UInt8] { format.table(columns, rows: []) }

  /// Adds a run; runs come in the order of the items.
  ///
  /// - Parameter result: the run.
  /// - Returns: the rows that are now complete.
  package mutating func add(_ result: SequenceStudy.Result) -> [[Value]] {
    guard isAggregated else { return rows(of: result) }
    let words = result.setup.canonicalWords
    let done = setup.map { $0.canonicalWords == words } == false ? finish() : []
    setup = result.setup
    samples.add(result.trajectory.records.map { (Double($0.epoch), $0.values) })
    return done
  }

  /// The remaining rows, after the last run.
  package mutating func finish() -> [[Value]] {
    guard let setup else { return [] }
    defer {
      self.setup = nil
      samples = SeedSamples()
    }
    return samples.rows(
      heads: measurement.heads.map(\.specification), columns: measurement.columns
    ).map { values(leading, setup) + $0 + values(trailing, setup) }
  }

  /// The rows as text of the format, without a header.
  package func text(of rows: [[Value]]) -> [UInt8] {
    var buffer = RowBuffer(columns, format)
    buffer.append(rows: rows)
    return buffer.bytes
  }

  private func values(_ axes: [any Axis.Type], _ setup: SequenceSetup) -> [Value] {
    axes.map { setup.choices.value(on: $0) }
  }

  /// The records of a run.
  ///
  /// - Parameters:
  ///   - result: the run.
  ///   - isAsked: whether an epoch is wanted.
  /// - Returns: the values of `columns`, row by row.
  package func rows(
    of result: SequenceStudy.Result, where isAsked: (_ epoch: Int) -> Bool = { _ in true }
  ) -> [[Value]] {
    let (keys, end) = (values(leading, result.setup), values(trailing, result.setup))
    return result.trajectory.records.filter { isAsked($0.epoch) }.flatMap { record in
      zip(measurement.heads, record.values).map { head, values in
        keys + [
          Value(result.trajectory.seed), .text(head.specification), Value(record.epoch),
        ] + values.map { Value($0) } + end
      }
    }
  }
}
