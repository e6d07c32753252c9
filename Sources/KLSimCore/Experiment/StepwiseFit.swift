// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// The epoch loop for any student, objective and optimizer, pass by pass and run by run.
struct StepwiseFit {
  let batch: FitBatch
  let measurement: Measurement
  let kernels: VectorKernels

  /// Fits every run.
  ///
  /// - Parameter signal: what moves the students; begun afresh for each run.
  /// - Returns: one trajectory a run and context.
  /// - Throws: as `FitBatch.run(_:kernels:)`.
  func run(on signal: consuming some LearningSignal & ~Copyable) throws -> [Trajectory] {
    let headCounts = try batch.teachers.map { try measurement.headCounts(of: $0) }
    var trajectories: [Trajectory] = []
    for run in batch.seeds.indices { trajectories += try fit(run, headCounts, on: &signal) }
    return trajectories
  }

  /// Fits one run.
  ///
  /// - Returns: one trajectory a context.
  private func fit(
    _ run: Int, _ headCounts: [[Int]], on signal: inout some LearningSignal & ~Copyable
  ) throws -> [Trajectory] {
    let setup = batch.setup
    var trajectories = batch.teachers.indices.map { context in
      Trajectory(
        seed: batch.seeds[run], teacher: batch.teachers[context],
        context: batch.contexts[context], headCounts: headCounts[context])
    }
    let count = batch.parameterCount
    var parameters = Array(batch.start[run * count..<(run + 1) * count])
    var gradient = parameters
    var optimizer = setup.optimizer.component
    optimizer.begin(parameterCount: count)
    signal.begin(seed: batch.seeds[run])
    let (learningRate, schedule) = (setup.learningRate, setup.schedule)
    for epoch in 0...setup.epochs {
      try Task.checkCancellation()
      let losses = signal.evaluate(at: parameters, gradient: &gradient)
      for context in trajectories.indices {
        trajectories[context].append(
          signal.states[context], epoch: epoch, of: setup.epochs, loss: losses[context],
          logitGradient: signal.logitGradient(context: context, from: gradient), measurement)
      }
      guard epoch < setup.epochs else { break }
      let rate = learningRate * (schedule?.factor(epoch: epoch, of: setup.epochs) ?? 1)
      try optimizer.step(
        &parameters, gradient: gradient, learningRate: rate, on: &signal, kernels: kernels)
    }
    return trajectories
  }
}

extension Trajectory {
  /// Records the chosen measurements of one epoch.
  fileprivate mutating func append(
    _ state: FitState, epoch: Int, of last: Int, loss: Double, logitGradient: [Double],
    _ measurement: Measurement
  ) {
    note(epoch: epoch, loss: loss, totalVariation: state.totalVariation)
    if epoch == 0, !measurement.metrics.isEmpty {
      startErrors = state.headTailErrors(headCounts: headCounts)
    }
    if measurement.epochs(epoch, last) {
      let errors = state.headTailErrors(headCounts: headCounts)
      records.append(
        EpochRecord(
          epoch: epoch, loss: loss, forwardKL: state.forwardKL, reverseKL: state.reverseKL,
          totalVariation: state.totalVariation, entropy: state.entropy,
          heads: errors,
          extras: measurement.extras(
            at: state, headCounts: headCounts, errors: errors, startErrors: startErrors
          ) { logitGradient }))
    }
    if measurement.snapshots(epoch, last) {
      snapshots.append(Snapshot(epoch: epoch, state))
    }
  }
}
