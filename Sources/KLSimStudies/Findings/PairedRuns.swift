// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimNumerics

/// Students that start from the same logits and learn from the same teacher, one an objective.
struct PairedRuns: Sendable {
  private let teacher: SeedTeacher
  private let setups: [Setup]
  private let measurement: Measurement

  /// The runs of a condition.
  ///
  /// - Parameters:
  ///   - condition: what they share.
  ///   - objectives: their objectives' specifications.
  ///   - epochs: how many updates.
  ///   - heads: the head rules to measure.
  ///   - metrics: the metrics beside the standard ones.
  ///   - recorded: the epochs whose measurements are kept.
  ///   - snapshots: the epochs whose students are kept.
  /// - Throws: `SpecificationError`, or `TeacherError`.
  init(
    _ condition: Condition, objectives: [String], epochs: Int, heads: [String] = ["mass=0.5"],
    metrics: [String] = [], recorded: [Int], snapshots: [Int] = []
  ) throws {
    setups = try objectives.map { try condition.setup(objective: $0, epochs: epochs) }
    let kept = Set(recorded)
    measurement = Measurement(
      heads: try heads.map(Catalog.head),
      metrics: try metrics.map { try Catalog.metric($0).component },
      epochs: { epoch, _ in kept.contains(epoch) },
      snapshots: { epoch, _ in snapshots.contains(epoch) })
    teacher = try SeedTeacher(setups[0].teacher)
  }

  /// The trajectories of seeds, seeds × objectives.
  ///
  /// - Throws: what a run throws.
  func callAsFunction(
    _ seeds: [UInt64], _ kernels: VectorKernels
  ) throws -> [[Trajectory]] {
    if let shared = teacher.shared { return try runs(seeds, of: shared, kernels) }
    return try seeds.map { try runs([$0], of: teacher.distribution(seed: $0), kernels)[0] }
  }

  private func runs(
    _ seeds: [UInt64], of teacher: TeacherDistribution, _ kernels: VectorKernels
  ) throws -> [[Trajectory]] {
    let start = try FitBatch.start(setups[0], teacher: teacher, seeds: seeds)
    let byObjective = try setups.map { setup in
      try FitBatch(setup, teacher: teacher, seeds: seeds, start: start)
        .run(measurement, kernels: kernels)
    }
    return seeds.indices.map { seed in byObjective.map { $0[seed] } }
  }
}
