// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimFiles

/// The share of runs that have not converged, by epoch.
struct SurvivalData {
  /// A share, and its confidence interval.
  struct Point: Equatable {
    let epoch: Double
    let share: Double
    /// Nil if the table has none.
    let band: ClosedRange<Double>?
  }

  let grouping: SeriesGrouping
  /// By series of the grouping: the points in the order of epochs.
  let points: [[Point]]
  let seedCount: Int?
  /// The distance below which a run has converged; nil if the table has shares.
  let threshold: Double?

  /// Takes the shares from evidence, or computes them from records.
  init(_ table: Table, _ options: FigureOptions) throws {
    let isEvidence = table.kind == .evidence
    try table.require(
      isEvidence ? ["objective", "epoch", "share"] : ["objective", "seed", "epoch", "tvd"],
      for: SurvivalFigure.self)
    if isEvidence, options.threshold != nil {
      throw FigureError(
        description: "a threshold has no effect: the table has shares, not distances")
    }
    var table = try table.choosing(options)
    if !isEvidence, table.has("head") {
      // Every head rule repeats the same distance.
      let head = try table.labels("head").texts[0]
      table = try table.selecting([Table.Selection(column: "head", value: head)])
    }
    let pooled: [String]
    (table, pooled) = try table.poolingContexts(facet: options.facet)
    grouping = try SeriesGrouping(
      table, apartFrom: Set(["seed", "epoch", "head"] + pooled), facet: options.facet)
    threshold = isEvidence ? nil : options.threshold ?? Trajectory.convergenceThreshold
    points =
      if let threshold {
        try Self.points(records: table, grouping, run: ["seed"] + pooled, threshold: threshold)
      } else {
        try Self.points(evidence: table, grouping)
      }
    guard points.joined().contains(where: \.share.isFinite) else {
      throw table.malformed("no finite number to show in the share of runs")
    }
    let counts: Set<Double> =
      isEvidence
      ? table.has("seeds") ? Set(try table.numbers("seeds")) : []
      : [Double(try table.labels("seed").texts.count)]
    seedCount = counts.count == 1 ? counts.first.flatMap { Int(exactly: $0) } : nil
  }

  private static func points(
    evidence table: Table, _ grouping: SeriesGrouping
  ) throws -> [[Point]] {
    try table.requireSingles(
      table.groups(by: grouping.keys + ["epoch"]), point: "objective and epoch")
    let (epochs, shares) = try (table.epochs(), table.numbers("share"))
    let bounds =
      table.has("share_low", "share_high")
      ? try (low: table.numbers("share_low"), high: table.numbers("share_high")) : nil
    var points = [[Point]](repeating: [], count: grouping.series.count)
    for row in 0..<table.rowCount {
      let band = bounds.flatMap { bounds -> ClosedRange<Double>? in
        let (low, high) = (1 - bounds.high[row], 1 - bounds.low[row])
        return low <= high ? low...high : nil
      }
      points[grouping.seriesOfRow[row]].append(
        Point(epoch: epochs[row], share: 1 - shares[row], band: band))
    }
    return points.map { $0.sorted { $0.epoch < $1.epoch } }
  }

  /// A run has converged from the first epoch on whose distance is below the threshold.
  private static func points(
    records table: Table, _ grouping: SeriesGrouping, run keys: [String], threshold: Double
  ) throws -> [[Point]] {
    try table.requireSingles(
      table.groups(by: grouping.keys + keys + ["epoch"]), point: "objective, seed and epoch")
    let (epochs, distances) = try (table.epochs(), table.numbers("tvd"))
    let runs = try table.groups(by: grouping.keys + keys)
    var first = [Double?](repeating: nil, count: runs.count)
    for row in 0..<table.rowCount where distances[row] < threshold {
      let run = runs.ofRow[row]
      first[run] = min(first[run] ?? .infinity, epochs[row])
    }
    guard distances.contains(where: \.isFinite) else {
      throw table.malformed("no finite number to show in tvd")
    }
    var known = [Set<Double>](repeating: [], count: grouping.series.count)
    for row in 0..<table.rowCount { known[grouping.seriesOfRow[row]].insert(epochs[row]) }
    var ends = [[Double: Int]](repeating: [:], count: grouping.series.count)
    var counts = [Int](repeating: 0, count: grouping.series.count)
    for (run, row) in runs.firstRows.enumerated() {
      counts[grouping.seriesOfRow[row]] += 1
      if let epoch = first[run] { ends[grouping.seriesOfRow[row]][epoch, default: 0] += 1 }
    }
    return known.indices.map { series in
      var left = counts[series]
      return known[series].sorted().map { epoch in
        left -= ends[series][epoch] ?? 0
        return Point(epoch: epoch, share: Double(left) / Double(counts[series]), band: nil)
      }
    }
  }
}
