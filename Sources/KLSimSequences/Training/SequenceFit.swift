// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
package import KLSimNumerics

/// One run: a student of sequences moved by a signal.
package struct SequenceFit: Sendable {
  /// What a run has recorded.
  package struct Trajectory: Sendable {
    package let seed: UInt64
    /// The records, ascending.
    package fileprivate(set) var records: [SequenceRecord] = []
    /// The logits of the student at the end, histories × V.
    package fileprivate(set) var finalLogits: [Double] = []
    /// The first epoch whose parameters are not finite numbers; the run ends there.
    package fileprivate(set) var divergenceEpoch: Int?
  }

  private let setup: SequenceSetup
  private let measurement: SequenceMeasurement
  private let kernels: VectorKernels

  package init(
    _ setup: SequenceSetup, _ measurement: SequenceMeasurement, kernels: VectorKernels = .best
  ) {
    (self.setup, self.measurement, self.kernels) = (setup, measurement, kernels)
  }

  /// Fits the student.
  ///
  /// - Parameters:
  ///   - seed: the seed of the world, the start and the samples.
  ///   - records: whether an epoch is recorded.
  /// - Returns: what was recorded.
  /// - Throws: `SetupError`, or `CancellationError` when the task is cancelled.
  package func run(
    seed: UInt64, records: (_ epoch: Int) -> Bool = { _ in true }
  ) throws -> Trajectory {
    let space = try setup.space(seed: seed)
    let size = space.vocabularySize
    let model = try setup.student.component.model(of: space.studentHistories)
    var parameters = try setup.start(in: space, model, seed: seed)
    let histories = Array(0..<space.studentHistories.count)
    func logits(of parameters: [Double], into logits: inout [Double]) {
      guard let model else {
        logits = parameters
        return
      }
      model.computeLogits(&logits, contexts: histories, of: parameters, kernels: kernels)
    }
    var start = [Double](repeating: 0, count: histories.count * size)
    logits(of: parameters, into: &start)
    var student = StudentTable(start, vocabularySize: size, kernels: kernels)
    var source = try setup.signal.component.source(in: space, samples: setup.samples)
    var meter = try SequenceMeter(measurement, setup, in: space, seed: seed)
    var optimizer = try setup.elementwiseOptimizer
    optimizer.begin(parameterCount: parameters.count)
    let (clipping, learningRates) = (setup.clipping, setup.learningRates)
    var slopes = student.logits
    var gradient = parameters
    var trajectory = Trajectory(seed: seed)
    for epoch in 0...setup.epochs {
      try Task.checkCancellation()
      if !parameters.allSatisfy(\.isFinite), trajectory.divergenceEpoch == nil {
        trajectory.divergenceEpoch = epoch
      }
      if records(epoch) {
        trajectory.records.append(try meter.record(of: student, epoch: epoch, source: source))
      }
      guard epoch < setup.epochs else { break }
      guard trajectory.divergenceEpoch == nil else { continue }
      source.evaluate(at: student, seed: seed, step: epoch, gradient: &slopes)
      if let model {
        for index in gradient.indices { gradient[index] = 0 }
        model.pullBack(
          slopes, contexts: histories, at: parameters, into: &gradient, kernels: kernels)
      } else {
        gradient = slopes
      }
      clipping.apply(to: &gradient, kernels: kernels)
      optimizer.step(
        &parameters, gradient: gradient, learningRate: learningRates(epoch), kernels: kernels)
      student.update { logits(of: parameters, into: &$0) }
    }
    trajectory.finalLogits = student.logits
    return trajectory
  }
}
