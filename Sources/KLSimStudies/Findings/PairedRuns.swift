// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimNumerics

/// Students that start from the same logits and learn from the same teacher, one an objective.
struct PairedRuns: Sendable {
  /// Shared by all seeds; nil where every seed has its own.
  let teacher: TeacherDistribution?
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
    let chosen = setups[0].teacher
    teacher = chosen.component.isRandom ? nil : try chosen.distribution(seed: 1)
  }

  /// The trajectories of seeds, seeds × objectives.
  ///
  /// - Throws: what a run throws.
  func callAsFunction(
    _ seeds: [UInt64], _ kernels: VectorKernels
  ) throws -> [[Trajectory]] {
    guard let teacher else {
      return try seeds.map { seed in
        try runs([seed], of: setups[0].teacher.distribution(seed: seed), kernels)[0]
      }
    }
    return try runs(seeds, of: teacher, kernels)
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
