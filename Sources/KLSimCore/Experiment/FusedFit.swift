// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// The epoch loop in the fused kernel: one context, a softmax student, a blend of the two KLs, and an
/// optimizer that the kernel has.
struct FusedFit {
  /// Epochs per call of the kernel: enough to make calls rare, few enough for the cache.
  private static let stride = 64

  private let batch: FitBatch
  private let teacher: TeacherDistribution
  private let measurement: Measurement
  private let kernels: VectorKernels
  private let blend: any KLBlend
  private let problem: BlendProblem
  private let headCounts: [Int]
  private let divisor: Double

  /// The epochs of one call of the kernel.
  private struct Stretch {
    let epochs: Range<Int>
    /// The recorded epochs among them.
    let recorded: [Int]
    /// Whether the first epoch needs the students' states, not only the kernel's measurements.
    let needsStudents: Bool
  }

  /// The fused form of a batch, nil if it has none.
  init?(_ batch: FitBatch, _ measurement: Measurement, kernels: VectorKernels) throws {
    let setup = batch.setup
    // The kernel measures students against the teacher that they learn from.
    guard kernels != .plain, batch.teachers.count == 1, !batch.teacher.isSample,
      let (blend, optimizer) = Self.form(of: setup)
    else { return nil }
    (self.batch, self.teacher) = (batch, batch.teacher)
    self.measurement = measurement
    self.kernels = kernels
    self.blend = blend
    headCounts = try measurement.headCounts(of: teacher)
    divisor = setup.objective.component.divisor(vocabularySize: teacher.size)
    let weights: BlendProblem.Weights =
      switch blend.rule {
      case .fixed(let forward, let reverse): .fixed(forward: forward, reverse: reverse)
      case .adaptive(let head): .adaptive(headCount: head.headCount(of: teacher))
      }
    problem = BlendProblem(
      teacher: teacher.blendTeacher, weights: weights, scale: 1 / divisor,
      optimizer: optimizer, cuts: headCounts)
  }

  /// The blend and the optimizer of the fused form of a setup; nil if it has none.
  static func form(
    of setup: Setup
  ) -> (blend: any KLBlend, optimizer: BlendProblem.Optimizer)? {
    guard setup.student.component is SoftmaxStudent, setup.clipping == .none,
      let blend = setup.objective.component.blend,
      let optimizer = (setup.optimizer.component as? any FusedOptimizer)?.fused
    else { return nil }
    return (blend, optimizer)
  }

  /// Fits every student.
  ///
  /// - Returns: one trajectory a seed, and the places of those to discard: their runs have met a
  ///   number that is not finite.
  /// - Throws: `CancellationError` when the task is cancelled.
  func run() throws -> (trajectories: [Trajectory], lost: [Int]) {
    let capacity = BlendFit.capacity(for: teacher.blendTeacher)
    var fit = BlendFit(problem, kernels: kernels)
    var measured = BlendMeasurements(problem, states: min(Self.stride, batch.setup.epochs + 1))
    var trajectories = batch.seeds.map {
      Trajectory(
        seed: $0, teacher: teacher, context: batch.contexts[0], headCounts: headCounts)
    }
    var lost: [Int] = []
    for first in Swift.stride(from: 0, to: batch.seeds.count, by: capacity) {
      let runs = first..<min(first + capacity, batch.seeds.count)
      try run(runs, of: &trajectories, with: &fit, measuring: &measured)
      lost += runs.filter { fit.isLost(run: $0 - first) }
    }
    return (trajectories, lost)
  }

  private func run(
    _ runs: Range<Int>, of trajectories: inout [Trajectory], with fit: inout BlendFit,
    measuring measured: inout BlendMeasurements
  ) throws {
    let (length, last) = (batch.setup.length, batch.setup.epochs)
    let learningRates = batch.setup.learningRates
    fit.start(runs.map { batch.start(run: $0) })
    // Losses are finite here, or the run is lost: there is no divergence to note.
    var isOpen = SIMDMask<SIMD8<Int64>>(repeating: false)
    for place in 0..<runs.count { isOpen[place] = true }
    var first = 0
    while first <= last {
      try Task.checkCancellation()
      let stretch = stretch(from: first)
      let end = stretch.epochs.upperBound
      let students =
        (stretch.needsStudents ? 0..<runs.count : 0..<0).map {
          FitState(teacher: teacher, logits: fit.logits(run: $0), kernels: kernels)
        }
      fit.advance(
        learningRates: (first..<min(end, last)).map(learningRates),
        finish: end > last, into: &measured)
      for epoch in stretch.epochs {
        let converged =
          isOpen
          .& measured.totalVariationIsBelow(
            Trajectory.convergenceThreshold, state: epoch - first)
        guard any(converged) else { continue }
        isOpen .&= .!converged
        for (place, run) in runs.enumerated() where converged[place] {
          trajectories[run].convergenceEpoch = epoch
        }
      }
      for (place, run) in runs.enumerated() {
        if first == 0, !measurement.metrics.isEmpty {
          trajectories[run].startErrors = errors(measured, state: 0, place: place)
        }
        let student = students.isEmpty ? nil : students[place]
        for epoch in stretch.recorded {
          trajectories[run].records.append(
            record(
              measured, state: epoch - first, place: place, epoch: epoch,
              fitState: epoch == first ? student : nil,
              startErrors: trajectories[run].startErrors))
        }
        if measurement.snapshots(first, length), let student {
          trajectories[run].snapshots.append(Snapshot(epoch: first, student))
        }
      }
      first = end
    }
  }

  /// The epochs from `first` until the students' states are needed again.
  private func stretch(from first: Int) -> Stretch {
    let (length, last) = (batch.setup.length, batch.setup.epochs)
    func needsStudents(_ epoch: Int) -> Bool {
      measurement.snapshots(epoch, length)
        || !measurement.metrics.isEmpty && measurement.epochs(epoch, length)
    }
    let furthest = min(first + Self.stride, last + 1)
    let end = (first + 1..<furthest).first(where: needsStudents) ?? furthest
    return Stretch(
      epochs: first..<end, recorded: (first..<end).filter { measurement.epochs($0, length) },
      needsStudents: needsStudents(first))
  }

  private func errors(
    _ measured: borrowing BlendMeasurements, state: Int, place: Int
  ) -> [HeadTailError] {
    measured.errors(headCounts: headCounts, state: state, run: place).map {
      HeadTailError(head: $0.x, tail: $0.y, headMass: $0.z)
    }
  }

  private func record(
    _ measured: borrowing BlendMeasurements, state: Int, place: Int, epoch: Int,
    fitState: FitState?, startErrors: [HeadTailError]
  ) -> EpochRecord {
    var divergences = measured.divergences(state: state, run: place)
    if teacher.firstZeroToken != nil { divergences.reverse = .infinity }
    let weights = measured.weights(state: state, run: place)
    let loss =
      (blend.offset(for: teacher)
        + BlendRule.loss(
          forward: weights.forward, reverse: weights.reverse, forwardKL: divergences.forward,
          reverseKL: divergences.reverse)) / divisor
    let errors = errors(measured, state: state, place: place)
    return EpochRecord(
      epoch: epoch, loss: loss, forwardKL: divergences.forward, reverseKL: divergences.reverse,
      totalVariation: measured.totalVariation(state: state, run: place),
      entropy: divergences.entropy, heads: errors,
      extras: fitState.map { student in
        measurement.extras(
          at: student, headCounts: headCounts, errors: errors, startErrors: startErrors
        ) { batch.setup.objective.component.evaluate(at: student).gradient }
      } ?? [])
  }
}
