// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
internal import KLSimFiles
internal import KLSimNumerics

/// The measurements of several seeds, and their statistics in long form: one row an epoch, head rule and
/// metric.
package struct SeedSamples: Sendable {
  /// The column that names a metric.
  package static let metric = Column(
    key: "metric", .text, "column of the records that is summed up")
  private static let fractions = [0.05, 0.25, 0.5, 0.75, 0.95]

  private var epochs: [Double] = []
  /// Epochs × head rules × metrics × seeds, without missing values.
  private var values: [[Double]] = []

  package init() {}

  /// About how many bytes so many values of each seed take: in arrays that grow by doubling, and with the rows that are
  /// made of them at the end.
  static func size(of values: Double, seeds: Int) -> Double {
    values * (1.5 * Double(seeds) * Double(MemoryLayout<Double>.size) + 1000)
  }

  /// Adds a run.
  ///
  /// - Parameter records: the epochs, the same of all runs, and the values of each head rule.
  package mutating func add(_ records: [(epoch: Double, values: [[Double?]])]) {
    if epochs.isEmpty {
      epochs = records.map(\.epoch)
      values = Array(
        repeating: [], count: records.reduce(0) { $0 + $1.values.reduce(0) { $0 + $1.count } })
    }
    var index = 0
    for record in records {
      for cut in record.values {
        for value in cut {
          if let value { values[index].append(value) }
          index += 1
        }
      }
    }
  }

  /// The rows: head rule, epoch, metric, and the values of `TableKind.aggregates.measurements`.
  package func rows(heads: [String], columns: [Column]) -> [[Value]] {
    var values = values.makeIterator()
    return epochs.flatMap { epoch in
      heads.flatMap { head in
        columns.map { column in
          [.text(head), Value(epoch: epoch), .text(column.name)]
            + Self.statistics(of: values.next() ?? [])
        }
      }
    }
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
