// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// Runs that share everything but their seeds.
///
/// What a run gives does not depend on the others in its batch.
public struct FitBatch: Sendable {
  let setup: Setup
  let teacher: TeacherDistribution
  let seeds: [UInt64]
  /// The initial parameters of all runs by rank, runs × parameters.
  let start: [Double]
  let parameterCount: Int

  /// The runs at epoch 0.
  ///
  /// - Parameters:
  ///   - setup: what the runs share.
  ///   - teacher: the teacher they share.
  ///   - seeds: the seed of each run, at least one.
  ///   - start: what `start(_:teacher:seeds:)` gives for the same, if it is known already.
  /// - Throws: `InfiniteObjective`, or `InitializationError`.
  public init(
    _ setup: Setup, teacher: TeacherDistribution, seeds: [UInt64], start: [Double]? = nil
  ) throws {
    try setup.objective.check(teacher, named: setup.teacher.specification)
    self.setup = setup
    self.teacher = teacher
    self.seeds = seeds
    self.start = try start ?? Self.start(setup, teacher: teacher, seeds: seeds)
    parameterCount = setup.student.component.parameterCount(vocabularySize: teacher.size)
  }

  /// The initial parameters of runs, which do not depend on objective and optimizer.
  ///
  /// - Parameters:
  ///   - setup: what the runs share.
  ///   - teacher: the teacher they share.
  ///   - seeds: the seed of each run.
  /// - Returns: runs × parameters, by rank.
  /// - Throws: `InitializationError`.
  public static func start(
    _ setup: Setup, teacher: TeacherDistribution, seeds: [UInt64]
  ) throws -> [Double] {
    func start(seed: UInt64) throws -> [Double] {
      teacher.byRank(try setup.initialization.component.logits(for: teacher, seed: seed))
    }
    if seeds.count == 1 { return try start(seed: seeds[0]) }
    var starts: [Double] = []
    starts.reserveCapacity(seeds.count * teacher.size)
    for seed in seeds { starts += try start(seed: seed) }
    return starts
  }

  private init(only run: Int, of batch: FitBatch) {
    setup = batch.setup
    teacher = batch.teacher
    seeds = [batch.seeds[run]]
    start = Array(batch.start[run * batch.parameterCount..<(run + 1) * batch.parameterCount])
    parameterCount = batch.parameterCount
  }

  /// Fits every student.
  ///
  /// - Parameters:
  ///   - measurement: what is looked at on the way.
  ///   - kernels: who does the arithmetic.
  /// - Returns: one trajectory a seed.
  /// - Throws: `HeadRuleError`, or `CancellationError` when the task is cancelled.
  public func run(
    _ measurement: Measurement, kernels: VectorKernels = .best
  ) throws -> [Trajectory] {
    guard kernels != .plain, let fit = try FusedFit(self, measurement, kernels: kernels) else {
      return try StepwiseFit(batch: self, measurement: measurement, kernels: kernels).run()
    }
    return try fit.run().enumerated().map { run, trajectory in
      if let trajectory { return trajectory }
      // The fused kernel has met a number that is not finite: the plain loops say which, and where.
      let alone = FitBatch(only: run, of: self)
      return try StepwiseFit(batch: alone, measurement: measurement, kernels: .plain).run()[0]
    }
  }
}
