// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// The update loop with minibatches or held-out contexts.
///
/// All contexts are measured, but only at the states that are recorded.
struct MinibatchFit {
  private let runs: FitBatch
  private let measurement: Measurement
  private let kernels: VectorKernels
  /// Nothing seen yet, context by context.
  private let empty: [Trajectory]

  init(_ runs: FitBatch, _ measurement: Measurement, kernels: VectorKernels) throws {
    (self.runs, self.measurement, self.kernels) = (runs, measurement, kernels)
    let keepsTeachers = !runs.teachers.isPacked
    empty = try runs.teachers.enumerated().map { context, teacher in
      Trajectory(
        seed: runs.seeds[0], teacher: teacher.truth, context: .one(context),
        headCounts: try measurement.headCounts(of: teacher), keepsTeacher: keepsTeachers)
    }
  }

  /// Fits every student.
  ///
  /// - Returns: one trajectory a seed and context.
  /// - Throws: `SetupError`, or `CancellationError` when the task is cancelled.
  func run() throws -> [Trajectory] {
    var signal = MinibatchLoss(of: runs, kernels: kernels)
    var trajectories: [Trajectory] = []
    for run in runs.seeds.indices { trajectories += try fit(run, on: &signal) }
    return trajectories
  }

  private func fit(_ run: Int, on signal: inout MinibatchLoss) throws -> [Trajectory] {
    let (setup, seed, length) = (runs.setup, runs.seeds[run], runs.setup.length)
    let (accumulation, clipping, learningRates) = (
      setup.accumulation, setup.clipping, setup.learningRates
    )
    var parameters = Array(runs.start(run: run))
    var optimizer = setup.optimizer.component
    optimizer.begin(parameterCount: runs.parameterCount)
    signal.begin(seed: seed)
    let training = setup.heldOutShare > 0 ? Set(signal.training) : nil
    var trajectories = empty.enumerated().map { context, trajectory in
      trajectory.begun(
        seed: seed, split: training.map { $0.contains(context) ? .train : .heldOut })
    }
    var losses = ContextLosses(of: runs, kernels: kernels)
    var gradient = parameters
    var next = accumulation > 1 ? parameters : []
    for update in 0...length.updates {
      try Task.checkCancellation()
      if measurement.includes(update, of: length) {
        measure(&trajectories, at: parameters, update: update, of: length, with: &losses)
      }
      guard update < length.updates else { break }
      signal.advanceToNextBatch()
      signal.evaluate(at: parameters, gradient: &gradient)
      var count = 1
      while count < accumulation, !signal.isAtEndOfEpoch {
        signal.advanceToNextBatch()
        signal.evaluate(at: parameters, gradient: &next)
        kernels.add(1, next, to: &gradient)
        count += 1
      }
      let share = signal.share(ofBatches: count)
      if share != 1 { kernels.scale(&gradient, by: share) }
      clipping.apply(to: &gradient, kernels: kernels)
      try optimizer.step(
        &parameters, gradient: gradient, learningRate: learningRates(update),
        on: &signal, kernels: kernels)
    }
    if measurement.keepsParameters { trajectories[0].finalParameters = parameters }
    return trajectories
  }

  /// Records a state of all contexts; those trained on and those held out are batches of their own.
  private func measure(
    _ trajectories: inout [Trajectory], at parameters: [Double], update: Int,
    of length: RunLength, with losses: inout ContextLosses
  ) {
    for split in Split.parts {
      let contexts = trajectories.indices.filter { trajectories[$0].split == split }
      losses.visit(contexts, at: parameters) { place, state, loss, logitGradient in
        trajectories[contexts[place]].append(
          state, update: update, of: length, loss: loss, logitGradient: logitGradient, measurement)
      }
    }
  }
}
