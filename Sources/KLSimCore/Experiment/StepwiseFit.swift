// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// The epoch loop for any student, objective and optimizer, pass by pass.
///
/// The parameters of all runs stand in one buffer, and the optimizer steps over all of it.
struct StepwiseFit {
  let batch: FitBatch
  let measurement: Measurement
  let kernels: VectorKernels

  func run() throws -> [Trajectory] {
    let setup = batch.setup
    let student = setup.student.component
    let objective = setup.objective.component
    let headCounts = try measurement.headCounts(of: batch.teacher)
    var trajectories = batch.seeds.map {
      Trajectory(seed: $0, teacher: batch.teacher, headCounts: headCounts)
    }
    let parameterCount = batch.parameterCount
    var parameters = batch.start
    var gradient = batch.start
    var optimizer = setup.optimizer.component
    optimizer.begin(parameterCount: parameters.count)
    var state = FitState(
      teacher: batch.teacher, logits: batch.teacher.logProbabilities,
      temperatures: objective.temperatures, kernels: kernels)
    var logitGradient = batch.teacher.probabilities
    var ownGradient = [Double](repeating: 0, count: parameterCount)
    for epoch in 0...setup.epochs {
      try Task.checkCancellation()
      for run in batch.seeds.indices {
        let range = run * parameterCount..<(run + 1) * parameterCount
        let own = parameters.span.extracting(range)
        state.update { student.computeLogits(&$0, of: own) }
        let loss = objective.loss(at: state, gradient: &logitGradient)
        trajectories[run].note(
          epoch: epoch, loss: loss, totalVariation: state.totalVariation)
        if measurement.epochs(epoch, setup.epochs) {
          trajectories[run].records.append(
            EpochRecord(state, epoch: epoch, loss: loss, headCounts, measurement))
        }
        if measurement.snapshots(epoch, setup.epochs) {
          trajectories[run].snapshots.append(
            Snapshot(epoch: epoch, probabilities: state.probabilities))
        }
        student.pullBack(logitGradient, at: own, into: &ownGradient)
        for index in range { gradient[index] = ownGradient[index - range.lowerBound] }
      }
      guard epoch < setup.epochs else { break }
      optimizer.step(
        &parameters, gradient: gradient, learningRate: setup.learningRate, kernels: kernels)
    }
    return trajectories
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
