// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// Runs that share everything but their seeds.
///
/// What a run gives does not depend on the others in its batch.
public struct FitBatch: Sendable {
  let setup: Setup
  /// The teachers of the contexts that are fitted together; one, unless parameters are shared.
  let teachers: [TeacherDistribution]
  /// What the contexts weigh in the loss.
  let weights: [Double]
  let model: any StudentModel
  let seeds: [UInt64]
  /// The initial parameters of all runs, runs × parameters; those of a softmax student by rank.
  let start: [Double]

  /// The teacher of the first context.
  var teacher: TeacherDistribution { teachers[0] }
  var parameterCount: Int { model.parameterCount }

  /// The runs at epoch 0.
  ///
  /// - Parameters:
  ///   - setup: what the runs share.
  ///   - teacher: the teacher they share.
  ///   - seeds: the seed of each run, at least one.
  ///   - start: what `start(_:teacher:seeds:)` gives for the same, if it is known already.
  /// - Throws: `InfiniteObjective`, `InitializationError`, or `StudentError`.
  public init(
    _ setup: Setup, teacher: TeacherDistribution, seeds: [UInt64], start: [Double]? = nil
  ) throws {
    try setup.objective.check(teacher, named: setup.teacher.specification)
    self.setup = setup
    teachers = [teacher]
    weights = [1]
    self.seeds = seeds
    model = try setup.model(of: teachers)
    self.start = try start ?? Self.start(setup, model, seeds: seeds)
  }

  /// The initial parameters of runs, which do not depend on objective and optimizer.
  ///
  /// - Parameters:
  ///   - setup: what the runs share.
  ///   - teacher: the teacher they share.
  ///   - seeds: the seed of each run.
  /// - Returns: runs × parameters.
  /// - Throws: `InitializationError`, or `StudentError`.
  public static func start(
    _ setup: Setup, teacher: TeacherDistribution, seeds: [UInt64]
  ) throws -> [Double] {
    try start(setup, setup.model(of: [teacher]), seeds: seeds)
  }

  private static func start(
    _ setup: Setup, _ model: any StudentModel, seeds: [UInt64]
  ) throws -> [Double] {
    let starts = try seeds.map { try model.start(setup.initialization.component, seed: $0) }
    return starts.count == 1 ? starts[0] : Array(starts.joined())
  }

  private init(only run: Int, of batch: FitBatch) {
    (setup, teachers, weights) = (batch.setup, batch.teachers, batch.weights)
    model = batch.model
    seeds = [batch.seeds[run]]
    start = Array(batch.start[run * batch.parameterCount..<(run + 1) * batch.parameterCount])
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
