// SPDX-License-Identifier: GPL-3.0-or-later

/// The measurements and distributions that one run has recorded.
public struct Trajectory: Sendable {
  /// The seed of the run.
  public private(set) var seed: UInt64
  /// Its context, if the teacher has several.
  public internal(set) var context = TrajectoryContext.only
  /// Whether its context is trained on or held out; nil if no context is held out.
  public private(set) var split: Split?
  /// The number of tokens, V.
  package let vocabularySize: Int
  private var distribution: TeacherDistribution?
  /// The number of head ranks of each cut.
  public let headCounts: [Int]
  /// The errors at epoch 0, one a cut; empty if there are no metrics, which alone use them.
  var startErrors: [HeadTailError] = []
  /// The measurements of the kept epochs, ascending.
  public internal(set) var records: [EpochRecord] = []
  /// The q of the snapshot epochs, ascending.
  public internal(set) var snapshots: [Snapshot] = []
  /// The parameters at the end of the run, where they are kept: in its first trajectory, if several contexts
  /// are fitted together.
  package internal(set) var finalParameters: [Double]?
  /// The number of updates after which the TVD is first below `convergenceThreshold`, nil if there is
  /// none; with minibatches only states that are recorded are looked at.
  public internal(set) var convergenceEpoch: Int?
  /// Likewise after which the loss is first infinite or not a number, or q is not a number.
  public internal(set) var divergenceEpoch: Int?

  /// Nothing seen yet.
  ///
  /// - Parameters:
  ///   - seed: the seed of the run.
  ///   - teacher: the teacher that the student is measured against.
  ///   - context: the context of the run.
  ///   - headCounts: the number of head ranks of each cut.
  ///   - keepsTeacher: whether the teacher is kept even if there is no snapshot.
  init(
    seed: UInt64, teacher: TeacherDistribution, context: TrajectoryContext = .only,
    headCounts: [Int], keepsTeacher: Bool = true
  ) {
    self.seed = seed
    distribution = keepsTeacher ? teacher : nil
    vocabularySize = teacher.size
    self.context = context
    self.headCounts = headCounts
  }

  /// The same for another seed.
  ///
  /// - Parameters:
  ///   - seed: the seed of the run.
  ///   - split: the context's part of a run that holds contexts out.
  /// - Returns: a trajectory without records.
  func begun(seed: UInt64, split: Split?) -> Trajectory {
    var own = self
    (own.seed, own.split) = (seed, split)
    return own
  }

  /// The mean over the contexts of a run, without records, teacher and snapshots.
  init(meanOf first: Trajectory) {
    (seed, headCounts, vocabularySize) = (first.seed, first.headCounts, first.vocabularySize)
    split = first.split
    context = .mean
  }

  /// The teacher that the student is measured against: `TeacherDistribution.truth` of the one it learns
  /// from.
  ///
  /// - Precondition: there was no `dropDistributions()`.
  public var teacher: TeacherDistribution {
    guard let distribution else { preconditionFailure("the teacher was dropped") }
    return distribution
  }

  /// Keeps the teacher for a snapshot.
  mutating func keepTeacher(_ teacher: TeacherDistribution) { distribution = teacher }

  /// Frees the snapshots of all but some epochs.
  package mutating func keepSnapshots(at updates: Set<Int>) {
    snapshots.removeAll { !updates.contains($0.epoch) }
  }

  /// Frees the teacher and the snapshots, so that what is left does not grow with the vocabulary.
  package mutating func dropDistributions() {
    distribution = nil
    snapshots = []
  }

  /// The measurements of an epoch, nil if they were not kept.
  public subscript(epoch epoch: Int) -> EpochRecord? {
    // Mostly all epochs are kept, and a record is at its epoch.
    if records.indices.contains(epoch), records[epoch].epoch == epoch { return records[epoch] }
    return records.first { $0.epoch == epoch }
  }

  /// Updates `convergenceEpoch` and `divergenceEpoch` by an epoch, recorded or not.
  mutating func note(epoch: Int, loss: Double, totalVariation: Double) {
    if convergenceEpoch == nil, totalVariation < Self.convergenceThreshold {
      convergenceEpoch = epoch
    }
    // Comparisons with logits that are not numbers can leave a loss of 0.
    if divergenceEpoch == nil, !loss.isFinite || totalVariation.isNaN { divergenceEpoch = epoch }
  }

  /// A student this close to its teacher in TVD counts as converged.
  public static let convergenceThreshold = 0.01
}

/// The part of the contexts that a context belongs to.
public enum Split: String, CaseIterable, Sendable {
  /// Updates use it.
  case train
  /// No update uses it.
  case heldOut = "held-out"

  /// Every part there can be; nil where no context is held out.
  package static let parts: [Split?] = [nil] + allCases
}

/// The context of a teacher that a trajectory belongs to.
public enum TrajectoryContext: Hashable, Sendable {
  /// The only context.
  case only
  /// One of several contexts, from 0.
  case one(Int)
  /// The weighted mean over several contexts.
  case mean
}

/// The measurements of one epoch of one run.
public struct EpochRecord: Equatable, Sendable {
  /// The number of updates made: the epoch, unless there are minibatches.
  public let epoch: Int
  /// The objective's value, nats unless its specification says otherwise.
  public let loss: Double
  /// `KL(p‖q)`, nats.
  public let forwardKL: Double
  /// `KL(q‖p)`, nats.
  public let reverseKL: Double
  /// `½ Σ |p − q|`, 0 to 1.
  public let totalVariation: Double
  /// `Σ |p − q|`, 0 to 2: head error and tail error together.
  package var totalError: Double { 2 * totalVariation }
  /// `H(q)`, nats.
  public let entropy: Double
  /// The errors on head and tail, one value a cut.
  public let heads: [HeadTailError]
  /// The optional metrics' values, one list a cut; empty if there are no such metrics.
  public let extras: [[Double?]]

  /// The errors at the first cut, of which there must be one.
  public var errors: HeadTailError { heads[0] }

  /// The values of `Measurement.columns` at one cut.
  public func values(cut: Int) -> [Double?] {
    let error = heads[cut]
    let standard: [Double?] = [
      loss, forwardKL, reverseKL, totalVariation, entropy, error.head, error.tail, error.headMass,
      error.headWeight,
    ]
    return extras.isEmpty ? standard : standard + extras[cut]
  }
}

/// The student's distribution at one epoch.
public struct Snapshot: Equatable, Sendable {
  /// The number of updates made: the epoch, unless there are minibatches.
  public let epoch: Int
  /// q by rank.
  public let probabilities: [Double]
  /// `log q` by rank, exact where q underflows.
  public let logProbabilities: [Double]

  init(epoch: Int, _ state: FitState) {
    self.epoch = epoch
    probabilities = state.probabilities
    logProbabilities = state.logProbabilities
  }
}
