// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimFiles
internal import KLSimNumerics

/// Errors and divergences by epoch: medians over seeds, and the band that holds 90 % of them.
struct CurvesData {
  /// What is drawn, panel by panel.
  static let measures = ["head_error", "tail_error", "fkl", "rkl"]

  /// A state of many seeds.
  struct Point: Equatable {
    let epoch: Int
    let low: Double
    let median: Double
    let high: Double
  }

  /// The runs of one objective under one condition.
  struct Series {
    let objective: String
    /// The place of the condition among those that differ, from 0.
    let style: Int
    /// For every measure, points in the order of epochs.
    let points: [[Point]]
  }

  let objectives: [String]
  /// The conditions that differ, in words; one without words if there is only one.
  let styles: [String]
  let series: [Series]
  let condition: Condition
  /// How many seeds each point stands for; nil if not the same for all.
  let seedCount: Int?

  /// Collects records, or what is left of records that were aggregated over seeds.
  init(_ table: Table, _ options: FigureOptions) throws {
    let isAggregate = table.has("metric", "median")
    let needed =
      isAggregate ? ["metric", "seeds", "q05", "median", "q95"] : ["seed"] + Self.measures
    try table.require(["objective", "epoch"] + needed, for: CurvesFigure.self)
    var table = try table.choosing(options.objectives)
    if isAggregate {
      table = try table.selecting(
        Self.measures.map { Table.Selection(column: "metric", value: $0) })
    }
    condition = try Condition(of: table, apartFrom: ["objective", "epoch", "seed", "metric"])
    objectives = try table.labels("objective").texts
    let keys = condition.varying.map(\.column)
    let styleOfRow = try table.groups(by: keys)
    styles = try styleOfRow.firstRows.map { row in
      try keys.map { key in
        let labels = try table.labels(key)
        return Condition.text(key, labels.texts[Int(labels.codes[row])])
      }.joined(separator: ", ")
    }
    try Self.refuseTooMany(objectives, styles, condition)

    let groups = try table.groups(by: ["objective"] + keys)
    let points = try (isAggregate ? Self.aggregated : Self.collected)(table, groups)
    let objective = try table.labels("objective")
    series = groups.firstRows.enumerated().map { group, row in
      Series(
        objective: objective.texts[Int(objective.codes[row])], style: styleOfRow.ofRow[row],
        points: points[group])
    }
    guard series.joined().contains(where: { $0.median.isFinite }) else {
      throw table.malformed("no finite number to show in \(Self.measures.joined(separator: ", "))")
    }
    let counts =
      isAggregate
      ? Set(try table.integers("seeds")) : [try table.labels("seed").texts.count]
    seedCount = counts.count == 1 ? counts.first : nil
  }

  private static func refuseTooMany(
    _ objectives: [String], _ styles: [String], _ condition: Condition
  ) throws(FigureError) {
    guard objectives.count <= Colours.most else {
      throw FigureError(
        description: "\(objectives.count) objectives are more than the \(Colours.most) colours"
          + " that can be told apart: choose some by --objectives"
          + " \(objectives.prefix(2).joined(separator: ","))")
    }
    if styles.count > Line.dashCount { try condition.requireOne() }
  }

  /// Points of records: by group, measure and epoch.
  private static func collected(_ table: Table, _ groups: Table.Groups) throws -> [[[Point]]] {
    try table.requireSingles(
      table.groups(by: ["objective", "epoch", "seed"] + Condition(
        of: table, apartFrom: ["objective", "epoch", "seed"]
      ).varying.map(\.column)),
      point: "objective, epoch and seed")
    let epochs = try table.integers("epoch")
    var rows = [[Int: [Int]]](repeating: [:], count: groups.count)
    for row in 0..<table.rowCount { rows[groups.ofRow[row]][epochs[row], default: []].append(row) }
    let columns = try measures.map { try table.numbers($0) }
    return rows.map { rows in
      let epochs = rows.keys.sorted()
      return columns.map { column in
        epochs.map { epoch in
          // Not a number is worse than any number.
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
  private static func aggregated(_ table: Table, _ groups: Table.Groups) throws -> [[[Point]]] {
    try table.requireSingles(
      table.groups(by: ["objective", "epoch", "metric"] + Condition(
        of: table, apartFrom: ["objective", "epoch", "metric"]
      ).varying.map(\.column)),
      point: "objective, epoch and metric")
    let epochs = try table.integers("epoch")
    let metric = try table.labels("metric")
    let (low, median, high) = try (
      table.numbers("q05"), table.numbers("median"), table.numbers("q95")
    )
    var points = [[[Point]]](
      repeating: measures.map { _ in [] }, count: groups.count)
    for row in 0..<table.rowCount {
      let name = metric.texts[Int(metric.codes[row])]
      guard let measure = measures.firstIndex(of: name) else { continue }
      points[groups.ofRow[row]][measure].append(
        Point(epoch: epochs[row], low: low[row], median: median[row], high: high[row]))
    }
    return points.map { $0.map { $0.sorted { $0.epoch < $1.epoch } } }
  }
}

extension [CurvesData.Series] {
  fileprivate func joined() -> [CurvesData.Point] { flatMap { $0.points.flatMap { $0 } } }
}
