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
    /// The first epoch whose parameters or logits are not finite numbers; the run ends there.
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
  ///   - isRecorded: whether an epoch is recorded.
  /// - Returns: what was recorded.
  /// - Throws: `SetupError`, or `CancellationError` when the task is cancelled.
  package func run(
    seed: UInt64, records isRecorded: (_ epoch: Int) -> Bool = { _ in true }
  ) throws -> Trajectory {
    let space = try setup.space(seed: seed)
    var meter = try SequenceMeter(measurement, setup, in: space, seed: seed, kernels: kernels)
    var records: [SequenceRecord] = []
    var trajectory = try follow(in: space, seed: seed, at: isRecorded) { epoch, student, source in
      records.append(try meter.record(of: student, epoch: epoch, source: source))
    }
    trajectory.records = records
    return trajectory
  }

  /// Fits the student, and shows it on the way.
  ///
  /// - Parameters:
  ///   - space: teacher and student of the seed.
  ///   - seed: the seed of the start and the samples.
  ///   - isVisited: whether an epoch is shown.
  ///   - visit: gets an epoch, the student, and the source of its next update's gradient.
  /// - Returns: the run, without records.
  /// - Throws: `SetupError`, `CancellationError` when the task is cancelled, or what `visit` throws.
  package func follow(
    in space: JointSpace, seed: UInt64, at isVisited: (_ epoch: Int) -> Bool,
    _ visit: (_ epoch: Int, _ student: StudentTable, _ source: any GradientSource) throws -> Void
  ) throws -> Trajectory {
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
    var source = try setup.signal.component.source(
      in: space, samples: setup.samples, kernels: kernels)
    var optimizer = try setup.elementwiseOptimizer
    optimizer.begin(parameterCount: parameters.count)
    let (clipping, learningRates) = (setup.clipping, setup.learningRates)
    var slopes = student.logits
    var gradient = parameters
    var trajectory = Trajectory(seed: seed)
    for epoch in 0...setup.epochs {
      try Task.checkCancellation()
      // Finite parameters can have infinite logits.
      if trajectory.divergenceEpoch == nil,
        !parameters.allSatisfy(\.isFinite) || !student.logits.allSatisfy(\.isFinite)
      {
        trajectory.divergenceEpoch = epoch
      }
      if isVisited(epoch) { try visit(epoch, student, source) }
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
