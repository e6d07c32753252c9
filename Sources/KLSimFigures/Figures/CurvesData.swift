// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimFiles
internal import KLSimNumerics

/// Errors and divergences by epoch: medians over seeds, and the band that holds 90 % of them.
struct CurvesData {
  /// The measures that are drawn, one per panel.
  static let measures = ["head_error", "tail_error", "fkl", "rkl"]

  /// The distribution over seeds at one epoch.
  struct Point: Equatable {
    let epoch: Int
    let low: Double
    let median: Double
    let high: Double
  }

  let grouping: SeriesGrouping
  /// By series of the grouping and by measure: the points in the order of epochs.
  let points: [[[Point]]]
  /// The number of seeds; nil if it varies.
  let seedCount: Int?

  /// Collects records, or records that were aggregated over seeds.
  init(_ table: Table, _ options: FigureOptions) throws {
    let isAggregate = table.kind == .aggregates
    let needed =
      isAggregate ? ["metric", "seeds", "q05", "median", "q95"] : ["seed"] + Self.measures
    try table.require(["objective", "epoch"] + needed, for: CurvesFigure.self)
    var table = try table.choosing(options.objectives)
    if isAggregate {
      table = try table.selecting(
        Self.measures.map { Table.Selection(column: "metric", value: $0) })
    }
    grouping = try SeriesGrouping(table, apartFrom: ["epoch", "seed", "metric"])
    points = try isAggregate ? Self.aggregated(table, grouping) : Self.collected(table, grouping)
    guard points.joined().joined().contains(where: \.median.isFinite) else {
      throw table.malformed("no finite number to show in \(Self.measures.joined(separator: ", "))")
    }
    let counts =
      isAggregate
      ? Set(try table.integers("seeds")) : [try table.labels("seed").texts.count]
    seedCount = counts.count == 1 ? counts.first : nil
  }

  /// Points of records: by group, measure and epoch.
  private static func collected(
    _ table: Table, _ grouping: SeriesGrouping
  ) throws -> [[[Point]]] {
    try table.requireSingles(
      table.groups(by: grouping.keys + ["epoch", "seed"]), point: "objective, epoch and seed")
    let epochs = try table.integers("epoch")
    var rows = [[Int: [Int]]](repeating: [:], count: grouping.series.count)
    for row in 0..<table.rowCount {
      rows[grouping.seriesOfRow[row]][epochs[row], default: []].append(row)
    }
    let columns = try measures.map { try table.numbers($0) }
    return rows.map { rows in
      let epochs = rows.keys.sorted()
      return columns.map { column in
        epochs.map { epoch in
          // NaN counts as worse than any number.
          let sample = rows[epoch, default: []].map { column[$0].isNaN ? .infinity : column[$0] }
          func quantile(_ fraction: Double) -> Double {
            Statistics.quantile(fraction, of: sample) ?? .nan
          }
          return Point(
            epoch: epoch, low: quantile(0.05), median: quantile(0.5), high: quantile(0.95))
        }
      }
    }
  }

  /// Points of aggregated records: by group, measure and epoch.
  private static func aggregated(
    _ table: Table, _ grouping: SeriesGrouping
  ) throws -> [[[Point]]] {
    try table.requireSingles(
      table.groups(by: grouping.keys + ["epoch", "metric"]), point: "objective, epoch and metric")
    let epochs = try table.integers("epoch")
    let metric = try table.labels("metric")
    let (low, median, high) = try (
      table.numbers("q05"), table.numbers("median"), table.numbers("q95")
    )
    var points = [[[Point]]](
      repeating: measures.map { _ in [] }, count: grouping.series.count)
    for row in 0..<table.rowCount {
      let name = metric.texts[Int(metric.codes[row])]
      guard let measure = measures.firstIndex(of: name) else { continue }
      points[grouping.seriesOfRow[row]][measure].append(
        Point(epoch: epochs[row], low: low[row], median: median[row], high: high[row]))
    }
    return points.map { $0.map { $0.sorted { $0.epoch < $1.epoch } } }
  }
}
