// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// The epoch loop for any student, objective and optimizer, pass by pass and run by run.
struct StepwiseFit {
  let batch: FitBatch
  let measurement: Measurement
  let kernels: VectorKernels

  func run() throws -> [Trajectory] {
    let headCounts = try measurement.headCounts(of: batch.teacher)
    return try batch.seeds.indices.map { try fit($0, headCounts) }
  }

  private func fit(_ run: Int, _ headCounts: [Int]) throws -> Trajectory {
    let setup = batch.setup
    let student = setup.student.component
    let objective = setup.objective.component
    var trajectory = Trajectory(
      seed: batch.seeds[run], teacher: batch.teacher, headCounts: headCounts)
    let count = batch.parameterCount
    var parameters = Array(batch.start[run * count..<(run + 1) * count])
    var gradient = parameters
    var optimizer = setup.optimizer.component
    optimizer.begin(parameterCount: count)
    var state = FitState(
      teacher: batch.teacher, logits: batch.teacher.probabilities,
      temperatures: objective.temperatures, kernels: kernels)
    var logitGradient = batch.teacher.probabilities
    for epoch in 0...setup.epochs {
      try Task.checkCancellation()
      state.update { student.computeLogits(&$0, of: parameters.span) }
      let loss = objective.loss(at: state, gradient: &logitGradient)
      trajectory.note(epoch: epoch, loss: loss, totalVariation: state.totalVariation)
      if measurement.epochs(epoch, setup.epochs) {
        trajectory.records.append(
          EpochRecord(state, epoch: epoch, loss: loss, headCounts, measurement))
      }
      if measurement.snapshots(epoch, setup.epochs) {
        trajectory.snapshots.append(
          Snapshot(epoch: epoch, probabilities: state.probabilities))
      }
      guard epoch < setup.epochs else { break }
      student.pullBack(logitGradient, at: parameters.span, into: &gradient)
      optimizer.step(
        &parameters, gradient: gradient, learningRate: setup.learningRate, kernels: kernels)
    }
    return trajectory
  }
}

extension EpochRecord {
  fileprivate init(
    _ state: FitState, epoch: Int, loss: Double, _ headCounts: [Int], _ measurement: Measurement
  ) {
    self.init(
      epoch: epoch, loss: loss, forwardKL: state.forwardKL, reverseKL: state.reverseKL,
      totalVariation: state.totalVariation, entropy: state.entropy,
      heads: state.headTailErrors(headCounts: headCounts),
      extras: measurement.extras(at: state, headCounts: headCounts))
  }
}
