// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimStudies
public import KLSimCore
internal import KLSimFiles
public import KLSimNumerics

/// Runs that are shown as they are, without a verdict: what figures of the literature show.
public struct Exhibit: Sendable {
  /// What the user types and the files are called.
  public let name: String
  public let summary: String
  public let source: String
  public let figures: [FigureRequest]
  let grids: [Grid]
  let content: Content

  enum Content: Sendable {
    /// p and q of these epochs, token by token.
    case snapshots(epochs: [Int])
    /// Means and quantiles over seeds, at these epochs.
    case aggregates(heads: [String], epochs: [Int])
  }

  /// The columns of its table.
  public var columns: [Column] {
    switch content {
    case .snapshots: SnapshotRows().columns
    case .aggregates: Aggregator(Measurement(heads: []), recorded: .all).columns
    }
  }

  /// Runs it.
  ///
  /// - Parameters:
  ///   - jobs: how many runs at a time.
  ///   - kernels: who does the arithmetic.
  /// - Returns: its table as CSV.
  /// - Throws: what a run throws.
  public func table(jobs: Int, kernels: VectorKernels = .best) async throws -> [UInt8] {
    switch content {
    case .snapshots(let epochs):
      let table = SnapshotRows()
      let measurement = Measurement(
        heads: [], epochs: { _, _ in false }, snapshots: { epoch, _ in epochs.contains(epoch) })
      var bytes = table.header
      for grid in grids {
        let runner = try GridRunner(grid, measurement, jobs: jobs, kernels: kernels)
        try await runner.run { setup, trajectories in
          table.rows(trajectories, of: setup)
        } consume: {
          bytes += $0
        }
      }
      return bytes
    case .aggregates(let heads, let epochs):
      let measurement = Measurement(
        heads: try heads.map(Catalog.head), epochs: { epoch, _ in epochs.contains(epoch) })
      var table = Aggregator(measurement, recorded: .list(epochs))
      var bytes = table.header
      for grid in grids {
        let runner = try GridRunner(grid, measurement, jobs: jobs, kernels: kernels)
        try await runner.run { setup, trajectories in
          (setup, trajectories)
        } consume: {
          bytes += table.add($1, of: $0)
        }
      }
      return bytes + table.finish()
    }
  }

  /// The grid of one condition under several objectives.
  static func grid(
    _ condition: Condition, objectives: [String] = PaperSettings.objectives, epochs: Int,
    seeds: Range<UInt64>
  ) throws -> Grid {
    try Grid(
      specifications: [
        TeacherAxis.name: [condition.teacher], StudentAxis.name: [condition.student],
        ObjectiveAxis.name: objectives, OptimizerAxis.name: [condition.optimizer],
        LearningRateAxis.name: [condition.learningRate.description],
        InitializationAxis.name: [condition.initialization],
      ], epochs: epochs, seeds: seeds)
  }
}
