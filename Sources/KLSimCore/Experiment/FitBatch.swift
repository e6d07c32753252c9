// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// Runs that share everything but their seeds.
///
/// What a run gives does not depend on the others in its batch.
package struct FitBatch: Sendable {
  let setup: Setup
  /// The teachers of the contexts that are fitted together; one, unless parameters or a loss are
  /// shared.
  package let teachers: [TeacherDistribution]
  /// Which contexts they are of.
  let contexts: [TrajectoryContext]
  /// What the contexts weigh in the loss; they sum to 1.
  package let weights: [Double]
  /// The student.
  package let model: any StudentModel
  let seeds: [UInt64]
  /// The initial parameters of all runs, runs × parameters; those of a softmax student by rank.
  package let start: [Double]

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
  /// - Throws: `InfiniteObjective`, `UnsuitableTeacher`, `InitializationError`, or `StudentError`.
  package init(
    _ setup: Setup, teacher: TeacherDistribution, seeds: [UInt64], start: [Double]? = nil
  ) throws {
    try self.init(setup, teachers: [teacher], context: nil, seeds: seeds, start: start)
  }

  /// The runs of one context at epoch 0, or of all contexts together.
  ///
  /// - Parameters:
  ///   - setup: what the runs share.
  ///   - teachers: the teacher of the one context, or of every context of `setup.teacher`.
  ///   - context: which one it is; nil for all, or if there is only one.
  ///   - seeds: the seed of each run, at least one.
  ///   - start: what `start(_:teacher:seeds:)` gives for the one, if it is known already.
  /// - Throws: `InfiniteObjective`, `InitializationError`, or `StudentError`.
  package init(
    _ setup: Setup, teachers: [TeacherDistribution], context: Int?, seeds: [UInt64],
    start: [Double]? = nil
  ) throws {
    let contexts = setup.teacher.component.contexts
    precondition(
      teachers.count == 1 || teachers.count == contexts.count, "one context, or all of them")
    for teacher in teachers {
      try setup.objective.check(teacher, named: setup.teacher.specification)
    }
    self.setup = setup
    self.teachers = teachers
    self.contexts =
      teachers.count == 1 ? [context.map { .one($0) } ?? .only] : teachers.indices.map { .one($0) }
    weights = teachers.count == 1 ? [1] : contexts.weights
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
  package static func start(
    _ setup: Setup, teacher: TeacherDistribution, seeds: [UInt64]
  ) throws -> [Double] {
    try start(setup, setup.model(of: [teacher]), seeds: seeds)
  }

  private static func start(
    _ setup: Setup, _ model: any StudentModel, seeds: [UInt64]
  ) throws -> [Double] {
    func start(seed: UInt64) throws -> [Double] {
      try model.start(setup.initialization.component, seed: seed)
    }
    if seeds.count == 1 { return try start(seed: seeds[0]) }
    var starts: [Double] = []
    starts.reserveCapacity(seeds.count * model.parameterCount)
    for seed in seeds { starts += try start(seed: seed) }
    return starts
  }

  private init(of batch: FitBatch, seeds: [UInt64], start: [Double]) {
    (setup, teachers, weights) = (batch.setup, batch.teachers, batch.weights)
    contexts = batch.contexts
    model = batch.model
    self.seeds = seeds
    self.start = start
  }

  /// One of the runs by itself.
  private func only(_ run: Int) -> FitBatch {
    FitBatch(
      of: self, seeds: [seeds[run]],
      start: Array(start[run * parameterCount..<(run + 1) * parameterCount]))
  }

  /// The same runs from starts that differ in the last digit: the parameters of a run move to the next
  /// representable number, up and down in turn.
  ///
  /// Where this changes more than the last digits of a result, the run is chaotic, and the result is
  /// one of rounding.
  package var perturbed: FitBatch {
    let moved = start.enumerated().map { index, value in
      (index % parameterCount).isMultiple(of: 2) ? value.nextUp : value.nextDown
    }
    return FitBatch(of: self, seeds: seeds, start: moved)
  }

  /// Fits every student.
  ///
  /// - Parameters:
  ///   - measurement: what is measured.
  ///   - kernels: the vector kernels to compute with.
  /// - Returns: one trajectory a seed; where contexts are fitted together, one a seed and context.
  /// - Throws: `HeadRuleError`, or `CancellationError` when the task is cancelled.
  package func run(
    _ measurement: Measurement, kernels: VectorKernels = .best
  ) throws -> [Trajectory] {
    guard kernels != .plain, teachers.count == 1, setup.objective.component.blend != nil,
      let fit = try FusedFit(self, measurement, kernels: kernels)
    else {
      return try run(measurement, kernels: kernels, on: LossFunction(of: self, kernels: kernels))
    }
    var (trajectories, lost) = try fit.run()
    for run in lost {
      // The fused kernel has met a number that is not finite: the plain loops say which, and where.
      let only = only(run)
      trajectories[run] = try only.run(
        measurement, kernels: .plain, on: LossFunction(of: only, kernels: .plain))[0]
    }
    return trajectories
  }

  /// Fits every student to another signal than the exact loss.
  ///
  /// - Parameters:
  ///   - measurement: what is measured; the losses are those that the signal gives.
  ///   - kernels: the vector kernels to compute with.
  ///   - signal: what moves the students, of `model` and `teachers`; begun afresh for each seed.
  /// - Returns: as `run(_:kernels:)`.
  /// - Throws: as `run(_:kernels:)`.
  package func run(
    _ measurement: Measurement, kernels: VectorKernels = .best,
    on signal: consuming some LearningSignal & ~Copyable
  ) throws -> [Trajectory] {
    try StepwiseFit(batch: self, measurement: measurement, kernels: kernels).run(on: signal)
  }
}
