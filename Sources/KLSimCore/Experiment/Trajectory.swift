// SPDX-License-Identifier: GPL-3.0-or-later

/// What was seen of one run.
public struct Trajectory: Sendable {
  /// The seed of the run.
  public let seed: UInt64
  /// The teacher of the run.
  public let teacher: TeacherDistribution
  /// How many ranks are head, one number a cut.
  public let headCounts: [Int]
  /// What it is of, where the teacher has several contexts.
  public internal(set) var context: TrajectoryContext
  /// The errors at epoch 0, one a cut; empty if no metric is there to look at them.
  var startErrors: [HeadTailError] = []
  /// The measurements of the kept epochs, ascending.
  public internal(set) var records: [EpochRecord] = []
  /// The q of the snapshot epochs, ascending.
  public internal(set) var snapshots: [Snapshot] = []
  /// The first epoch whose TVD is below `convergenceThreshold`, nil if there is none.
  public internal(set) var convergenceEpoch: Int?
  /// The first epoch at which the loss is infinite or not a number, nil if there is none.
  public internal(set) var divergenceEpoch: Int?

  /// Nothing seen yet.
  init(
    seed: UInt64, teacher: TeacherDistribution, context: TrajectoryContext = .only,
    headCounts: [Int]
  ) {
    self.seed = seed
    self.teacher = teacher
    self.context = context
    self.headCounts = headCounts
  }

  /// Takes note of an epoch, recorded or not.
  mutating func note(epoch: Int, loss: Double, totalVariation: Double) {
    if convergenceEpoch == nil, totalVariation < Self.convergenceThreshold {
      convergenceEpoch = epoch
    }
    if divergenceEpoch == nil, !loss.isFinite { divergenceEpoch = epoch }
  }

  /// A student this close to its teacher in TVD counts as converged.
  public static let convergenceThreshold = 0.01
}

/// Which of a teacher's contexts something is of.
public enum TrajectoryContext: Hashable, Sendable {
  /// The only one.
  case only
  /// One of several.
  case one(Int)
  /// The weighted mean over all of several.
  case mean
}

/// The measurements of one epoch of one run.
public struct EpochRecord: Equatable, Sendable {
  /// The epoch: how many updates were made.
  public let epoch: Int
  public let loss: Double
  public let forwardKL: Double
  public let reverseKL: Double
  public let totalVariation: Double
  public let entropy: Double
  /// One value a cut.
  public let heads: [HeadTailError]
  /// The optional metrics' values, one list a cut; empty if there are no such metrics.
  public let extras: [[Double?]]

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
