// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore
internal import KLSimNumerics

/// Students that start from the same parameters and learn from the same teacher, several a seed.
public struct PairedRuns: Sendable {
  private let teacher: SeedTeacher
  private let setups: [Setup]
  private let measurement: Measurement
  private let snapshots: Set<Int>

  /// An objective, and the learning rate if it is not the condition's.
  package struct Choice: Hashable, Sendable {
    let objective: String
    var learningRate: Double?
  }

  /// The runs of a condition.
  ///
  /// - Parameters:
  ///   - condition: what they share.
  ///   - choices: in what they differ.
  ///   - epochs: how many updates.
  ///   - heads: the head rules to measure.
  ///   - metrics: the metrics beside the standard ones.
  ///   - recorded: the epochs whose measurements are kept.
  ///   - snapshots: the epochs whose students are kept.
  /// - Throws: `SpecificationError`, or `TeacherError`.
  init(
    _ condition: Condition, choices: [Choice], epochs: Int, heads: [String] = ["mass=0.5"],
    metrics: [String] = [], recorded: [Int], snapshots: [Int] = []
  ) throws {
    setups = try choices.map { choice in
      var condition = condition
      condition.learningRate = choice.learningRate ?? condition.learningRate
      return try condition.setup(objective: choice.objective, epochs: epochs)
    }
    let kept = Set(recorded)
    measurement = Measurement(
      heads: try heads.map(Catalog.head),
      metrics: try metrics.map { try Catalog.metric($0).component },
      epochs: { epoch, _ in kept.contains(epoch) })
    self.snapshots = Set(snapshots)
    teacher = try SeedTeacher(setups[0].teacher)
  }

  /// The runs of a condition under several objectives.
  ///
  /// - Parameters:
  ///   - condition: what they share.
  ///   - objectives: in what they differ: specifications.
  ///   - epochs: how many updates.
  ///   - heads: the head rules to measure.
  ///   - metrics: the metrics beside the standard ones.
  ///   - recorded: the epochs whose measurements are kept.
  ///   - snapshots: the epochs whose students are kept.
  /// - Throws: `SpecificationError`, or `TeacherError`.
  public init(
    _ condition: Condition, objectives: [String], epochs: Int, heads: [String] = ["mass=0.5"],
    metrics: [String] = [], recorded: [Int], snapshots: [Int] = []
  ) throws {
    try self.init(
      condition, choices: objectives.map { Choice(objective: $0) }, epochs: epochs, heads: heads,
      metrics: metrics, recorded: recorded, snapshots: snapshots)
  }

  /// Fits the students of seeds.
  ///
  /// - Parameters:
  ///   - seeds: the seeds.
  ///   - kernels: the vector kernels to compute with.
  ///   - perturbed: whether each parameter of the starts moves by one unit in the last place.
  ///   - epochs: the epochs whose students are kept besides those of all fits.
  /// - Returns: seeds × choices.
  /// - Throws: what a run throws.
  func callAsFunction(
    _ seeds: [UInt64], _ kernels: VectorKernels, perturbed: Bool = false,
    keeping epochs: Set<Int> = []
  ) throws -> [[Fit]] {
    var measurement = measurement
    let kept = snapshots.union(epochs)
    measurement.snapshots = { epoch, _ in kept.contains(epoch) }
    func fits(_ seeds: [UInt64], of teachers: [TeacherDistribution]) throws -> [[Fit]] {
      // The start depends on neither objective nor learning rate.
      let start = try FitBatch.start(setups[0], teachers: teachers, seeds: seeds)
      let byChoice = try setups.map { setup in
        let batch = try FitBatch(setup, teachers: teachers, seeds: seeds, start: start)
        let runs = try (perturbed ? batch.perturbed : batch).run(measurement, kernels: kernels)
        return seeds.indices.map { seed in
          Fit(
            runs[seed * teachers.count..<(seed + 1) * teachers.count],
            of: setup.teacher.component.contexts, kernels: kernels)
        }
      }
      return seeds.indices.map { seed in byChoice.map { $0[seed] } }
    }
    if let shared = teacher.shared { return try fits(seeds, of: [shared]) }
    return try seeds.map { try fits([$0], of: teacher.distributions(seed: $0))[0] }
  }
}

/// The trajectories of one student, which may serve several contexts.
public struct Fit: Sendable {
  /// One a context.
  let contexts: [Trajectory]
  /// The only one, or the mean over contexts, which has no snapshots.
  public let trajectory: Trajectory
  private let weights: [Double]
  private let kernels: VectorKernels

  init(
    _ contexts: some Collection<Trajectory>, of teacher: TeacherContexts, kernels: VectorKernels
  ) {
    self.contexts = Array(contexts)
    self.kernels = kernels
    weights = teacher.weights
    var mean = ContextMean(of: teacher)
    if contexts.count > 1 { for context in contexts { mean.add(context) } }
    trajectory = mean.trajectory ?? self.contexts[0]
  }

  /// The measurements of an epoch that was recorded.
  public func record(_ epoch: Int) -> EpochRecord { Self.only(trajectory.records, epoch, \.epoch) }

  /// The student of the first context at an epoch that was kept.
  public func student(_ epoch: Int) -> Snapshot { Self.only(contexts[0].snapshots, epoch, \.epoch) }

  /// Teacher and student of the first context at an epoch that was kept.
  public func state(_ epoch: Int) -> FitState {
    FitState(
      teacher: trajectory.teacher, logits: student(epoch).logProbabilities, kernels: kernels)
  }

  private static func only<Kept>(
    _ kept: [Kept], _ epoch: Int, _ path: KeyPath<Kept, Int>
  ) -> Kept {
    guard let found = kept.first(where: { $0[keyPath: path] == epoch }) else {
      preconditionFailure("epoch \(epoch) was kept")
    }
    return found
  }

  /// The TVD between two students at an epoch that was kept, `½ Σ |q − q′|`, averaged over contexts.
  func distance(to other: Fit, epoch: Int) -> Double {
    zip(zip(contexts, other.contexts), weights).reduce(0) { sum, context in
      let students = [context.0.0, context.0.1].map {
        Self.only($0.snapshots, epoch, \.epoch).probabilities
      }
      return sum + context.1 * zip(students[0], students[1]).reduce(0) { $0 + abs($1.0 - $1.1) } / 2
    }
  }
}
