// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// Runs that share everything but their seeds.
///
/// The result of a run does not depend on the others in its batch.
package struct FitBatch: Sendable {
  let setup: Setup
  /// The teachers of the contexts that are fitted together; one, unless contexts share parameters or a
  /// loss.
  package let teachers: TeacherSet
  /// The contexts of `teachers`.
  let contexts: [TrajectoryContext]
  /// The contexts' weights in the loss; they sum to 1.
  package let weights: [Double]
  /// The student.
  package let model: any StudentModel
  package private(set) var seeds: [UInt64]
  /// The initial parameters of all runs, runs × parameters; those of a softmax student by rank.
  package private(set) var start: [Double]

  /// The teacher of the first context.
  var teacher: TeacherDistribution { teachers[0] }
  var parameterCount: Int { model.parameterCount }

  /// The runs at epoch 0.
  ///
  /// - Parameters:
  ///   - setup: what the runs share.
  ///   - contexts: the contexts that are fitted together: one of `setup.teacher`, or all; nil for
  ///     those of `teachers`, or else all.
  ///   - teachers: their teachers if they are known; nil for those of the first seed.
  ///   - seeds: the seed of each run, at least one.
  ///   - start: what `start(_:contexts:teachers:seeds:)` gives for the same, if it is known.
  /// - Throws: `InfiniteObjective`, `UnsuitableTeacher`, `SetupError`, `SetupError`, or
  ///   `TeacherError`.
  package init(
    _ setup: Setup, contexts: Range<Int>? = nil, teachers: TeacherSet? = nil,
    seeds: [UInt64], start: [Double]? = nil
  ) throws {
    let all = setup.teacher.component.contexts
    let group = contexts ?? 0..<(teachers?.count ?? all.count)
    precondition(group.count == 1 || group.count == all.count, "one context, or all of them")
    let teachers =
      try teachers
      ?? TeacherSet(of: group) { try setup.teacher.distribution(seed: seeds[0], context: $0) }
    self.setup = setup
    self.teachers = teachers
    self.contexts = all.count == 1 ? [.only] : group.map { .one($0) }
    weights = group.count == 1 ? [1] : all.weights
    self.seeds = seeds
    try setup.check(teachers, contexts: group)
    model = try setup.model(of: teachers)
    self.start = try start ?? Self.start(setup, model, contexts: group, seeds: seeds)
  }

  /// The initial parameters of runs, which depend on neither objective nor optimizer.
  ///
  /// - Parameters:
  ///   - setup: what the runs share.
  ///   - contexts: the contexts that are fitted together; nil for those of `teachers`.
  ///   - teachers: the teachers they share, one a context.
  ///   - seeds: the seed of each run.
  /// - Returns: runs × parameters.
  /// - Throws: `SetupError`.
  package static func start(
    _ setup: Setup, contexts: Range<Int>? = nil, teachers: TeacherSet, seeds: [UInt64]
  ) throws -> [Double] {
    try start(
      setup, setup.model(of: teachers), contexts: contexts ?? teachers.indices, seeds: seeds)
  }

  private static func start(
    _ setup: Setup, _ model: any StudentModel, contexts: Range<Int>, seeds: [UInt64]
  ) throws -> [Double] {
    let initialization = setup.initialization.component
    func start(seed: UInt64) throws -> [Double] {
      if let given = initialization as? any ParameterInitialization,
        let parameters = try given.parameters(of: model, in: setup, seed: seed)
      {
        return parameters
      }
      let own = try initialization.restricted(
        to: contexts, of: setup.teacher.component.contexts.count)
      return try model.start(own, seed: seed)
    }
    if seeds.count == 1 { return try start(seed: seeds[0]) }
    var starts: [Double] = []
    starts.reserveCapacity(seeds.count * model.parameterCount)
    for seed in seeds { starts += try start(seed: seed) }
    return starts
  }

  /// The initial parameters of one run.
  func start(run: Int) -> ArraySlice<Double> {
    start[run * parameterCount..<(run + 1) * parameterCount]
  }

  /// The same runs from initial parameters that differ in the last digit: each moves to the next
  /// representable number, up and down in turn.
  ///
  /// Where this changes more than the last digits of a result, the run is chaotic, and the result is
  /// one of rounding.
  package var perturbed: FitBatch {
    var moved = self
    moved.start = start.enumerated().map { index, value in
      (index % parameterCount).isMultiple(of: 2) ? value.nextUp : value.nextDown
    }
    return moved
  }

  /// Fits every student.
  ///
  /// - Parameters:
  ///   - measurement: what is measured.
  ///   - kernels: the vector kernels to compute with.
  /// - Returns: one trajectory a seed; one a seed and context if contexts are fitted together.
  /// - Throws: `SetupError`, or `CancellationError` when the task is cancelled.
  package func run(
    _ measurement: Measurement, kernels: VectorKernels = .best
  ) throws -> [Trajectory] {
    if setup.isMinibatched {
      return try MinibatchFit(self, measurement, kernels: kernels).run()
    }
    guard let fit = try FusedFit(self, measurement, kernels: kernels) else {
      return try run(measurement, kernels: kernels, on: LossFunction(of: self, kernels: kernels))
    }
    var (trajectories, lost) = try fit.run()
    for run in lost {
      // The fused kernel has met a number that is not finite: the plain loops find out which, and where.
      var only = self
      (only.seeds, only.start) = ([seeds[run]], Array(start(run: run)))
      trajectories[run] = try only.run(
        measurement, kernels: .plain, on: LossFunction(of: only, kernels: .plain))[0]
    }
    return trajectories
  }

  /// Fits every student to another signal than the exact loss: the epoch loop for any student, objective
  /// and optimizer, run by run.
  ///
  /// - Parameters:
  ///   - measurement: what is measured; the losses are those of the signal.
  ///   - kernels: the vector kernels to compute with.
  ///   - signal: what moves the students, of `model` and `teachers`; reset for each seed.
  /// - Returns: as `run(_:kernels:)`.
  /// - Throws: as `run(_:kernels:)`.
  package func run(
    _ measurement: Measurement, kernels: VectorKernels = .best,
    on signal: consuming some LearningSignal & ~Copyable
  ) throws -> [Trajectory] {
    let headCounts = try teachers.map { try measurement.headCounts(of: $0) }
    var trajectories: [Trajectory] = []
    for run in seeds.indices {
      trajectories += try fit(run, measurement, headCounts, kernels, on: &signal)
    }
    return trajectories
  }

  /// Every so many updates it is looked whether the last one moved anything.
  private static let restInterval = 16

  /// Fits one run; one trajectory a context.
  private func fit(
    _ run: Int, _ measurement: Measurement, _ headCounts: [[Int]], _ kernels: VectorKernels,
    on signal: inout some LearningSignal & ~Copyable
  ) throws -> [Trajectory] {
    var trajectories = teachers.indices.map { context in
      Trajectory(
        seed: seeds[run], teacher: teachers[context].truth, context: contexts[context],
        headCounts: headCounts[context], keepsTeacher: !teachers.isPacked)
    }
    var parameters = Array(start(run: run))
    var gradient = parameters
    var optimizer = setup.optimizer.component
    optimizer.begin(parameterCount: parameterCount)
    signal.begin(seed: seeds[run])
    let (length, clipping, learningRates) = (setup.length, setup.clipping, setup.learningRates)
    var losses: [Double] = []
    // The learning rate at which a step moves nothing any more, and whether one was left out.
    var (restingRate, isAtRest) = (Double?.none, false)
    for epoch in 0...setup.epochs {
      try Task.checkCancellation()
      if !isAtRest { losses = signal.evaluate(at: parameters, gradient: &gradient) }
      let isMeasured = measurement.includes(epoch, of: length)
      for context in trajectories.indices {
        let isCompared = trajectories[context].convergenceEpoch == nil
        guard isMeasured || isCompared && signal.states[context].teacher.isSample else {
          // What is not kept needs no copy of the state.
          trajectories[context].note(
            epoch: epoch, loss: losses[context],
            totalVariation: signal.states[context].totalVariation)
          continue
        }
        trajectories[context].append(
          signal.states[context], update: epoch, of: length, loss: losses[context],
          logitGradient: signal.logitGradient(context: context, from: gradient), measurement)
      }
      guard epoch < setup.epochs, !(isMeasured && measurement.isSufficient(trajectories)) else {
        break
      }
      let rate = learningRates(epoch)
      isAtRest = restingRate == rate
      guard !isAtRest else { continue }
      let isExamined = signal.isExact && epoch.isMultiple(of: Self.restInterval)
      let before = isExamined ? optimizer.memory.map { (memory: $0, parameters: parameters) } : nil
      clipping.apply(to: &gradient, kernels: kernels)
      try optimizer.step(
        &parameters, gradient: gradient, learningRate: rate, on: &signal, kernels: kernels)
      restingRate = before.flatMap {
        $0.memory == optimizer.memory && $0.parameters == parameters ? rate : nil
      }
    }
    if measurement.keepsParameters { trajectories[0].finalParameters = parameters }
    return trajectories
  }
}

extension Trajectory {
  /// Records the chosen measurements of one state.
  ///
  /// - Parameters:
  ///   - learned: a student and the teacher that it learns from; it is measured against that one's truth.
  ///   - epoch: the number of updates made.
  ///   - last: the length of the run.
  ///   - loss: the loss.
  ///   - logitGradient: the gradient in the logits, in the rank order of the teacher.
  ///   - measurement: what is measured.
  mutating func append(
    _ learned: FitState, update epoch: Int, of last: RunLength, loss: Double,
    logitGradient: [Double], _ measurement: Measurement
  ) {
    let (teacher, truth) = (learned.teacher, learned.teacher.truth)
    func byRankOfTruth(_ values: [Double]) -> [Double] {
      teacher.isSample ? truth.byRank(teacher.byToken(values)) : values
    }
    let state =
      teacher.isSample
      ? FitState(
        teacher: truth, logits: byRankOfTruth(learned.logits), kernels: learned.kernels) : learned
    note(epoch: epoch, loss: loss, totalVariation: state.totalVariation)
    if epoch == 0, !measurement.metrics.isEmpty {
      startErrors = state.headTailErrors(headCounts: headCounts)
    }
    if measurement.epochs(epoch, last) {
      let errors = state.headTailErrors(headCounts: headCounts)
      records.append(
        EpochRecord(
          epoch: epoch, loss: loss, forwardKL: state.forwardKL, reverseKL: state.reverseKL,
          totalVariation: state.totalVariation, entropy: state.entropy, heads: errors,
          extras: measurement.extras(
            at: state, headCounts: headCounts, errors: errors, startErrors: startErrors
          ) { byRankOfTruth(logitGradient) }))
    }
    if measurement.snapshots(epoch, last) {
      keepTeacher(truth)
      snapshots.append(Snapshot(epoch: epoch, state))
    }
  }
}
