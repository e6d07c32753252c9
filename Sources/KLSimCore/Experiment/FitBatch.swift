// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// Runs that share everything but their seeds, fitted in step.
///
/// The parameters of all runs stand in one buffer, runs × parameters, and an epoch is a pass over
/// it: what a run gives does not depend on the others in its batch.
public struct FitBatch: Sendable {
  private let setup: Setup
  private let teacher: TeacherDistribution
  private let seeds: [UInt64]
  private let start: [Double]

  /// The runs at epoch 0.
  ///
  /// - Parameters:
  ///   - setup: what the runs share.
  ///   - teacher: the teacher they share.
  ///   - seeds: the seed of each run, at least one.
  /// - Throws: `InfiniteObjective`, or `InitializationError`.
  public init(_ setup: Setup, teacher: TeacherDistribution, seeds: [UInt64]) throws {
    try setup.objective.check(teacher, named: setup.teacher.specification)
    self.setup = setup
    self.teacher = teacher
    self.seeds = seeds
    start = try seeds.flatMap { seed in
      teacher.byRank(try setup.initialization.component.logits(for: teacher, seed: seed))
    }
  }

  /// Refuses a measurement that the teacher does not allow, before anything is fitted.
  ///
  /// - Parameter measurement: what is to be looked at.
  /// - Throws: `HeadRuleError`.
  public func check(_ measurement: Measurement) throws {
    _ = try headCounts(measurement)
  }

  private func headCounts(_ measurement: Measurement) throws -> [Int] {
    try measurement.heads.map { try $0.component.headCount(of: teacher) }
  }

  /// Fits every student.
  ///
  /// - Parameter measurement: what is looked at on the way.
  /// - Returns: one trajectory a seed.
  /// - Throws: `HeadRuleError`, or `CancellationError` when the task is cancelled.
  public func run(_ measurement: Measurement) throws -> [Trajectory] {
    let student = setup.student.component
    let objective = setup.objective.component
    let headCounts = try headCounts(measurement)
    var trajectories = seeds.map {
      Trajectory(seed: $0, teacher: teacher, headCounts: headCounts)
    }
    let parameterCount = student.parameterCount(vocabularySize: teacher.size)
    var parameters = start
    var gradient = start
    var optimizer = setup.optimizer.component
    optimizer.begin(parameterCount: parameters.count)
    var state = FitState(teacher: teacher, logits: teacher.logProbabilities)
    var logitGradient = teacher.probabilities
    var ownGradient = [Double](repeating: 0, count: parameterCount)
    for epoch in 0...setup.epochs {
      try Task.checkCancellation()
      for run in seeds.indices {
        let range = run * parameterCount..<(run + 1) * parameterCount
        let own = parameters.span.extracting(range)
        state.update { student.computeLogits(&$0, of: own) }
        let loss = objective.loss(at: state, gradient: &logitGradient)
        trajectories[run].note(state, loss: loss, epoch: epoch, last: setup.epochs, measurement)
        student.pullBack(logitGradient, at: own, into: &ownGradient)
        for index in range { gradient[index] = ownGradient[index - range.lowerBound] }
      }
      guard epoch < setup.epochs else { break }
      optimizer.step(&parameters, gradient: gradient, learningRate: setup.learningRate)
    }
    return trajectories
  }
}

extension Trajectory {
  fileprivate mutating func note(
    _ state: FitState, loss: Double, epoch: Int, last: Int, _ measurement: Measurement
  ) {
    if convergenceEpoch == nil, state.totalVariation < Self.convergenceThreshold {
      convergenceEpoch = epoch
    }
    if divergenceEpoch == nil, !loss.isFinite { divergenceEpoch = epoch }
    if measurement.epochs(epoch, last) {
      records.append(
        EpochRecord(
          epoch: epoch, loss: loss, forwardKL: state.forwardKL, reverseKL: state.reverseKL,
          totalVariation: state.totalVariation, entropy: state.entropy,
          heads: state.headTailErrors(headCounts: headCounts),
          extras: headCounts.map { count in
            measurement.metrics.flatMap { $0.values(at: state, headCount: count) }
          }))
    }
    if measurement.snapshots(epoch, last) {
      snapshots.append(Snapshot(epoch: epoch, probabilities: state.probabilities))
    }
  }
}
