// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore
internal import KLSimNumerics

/// Students that start from the same parameters, several a seed.
public struct PairedRuns: Sendable {
  private let parts: [SharedTeacher]

  /// Runs of several conditions, which may differ in what their students learn from, one after the other.
  ///
  /// - Parameter all: the runs.
  /// - Returns: all of them, for each seed.
  static func joined(_ all: [PairedRuns]) -> PairedRuns {
    PairedRuns(parts: all.flatMap(\.parts))
  }

  private init(parts: [SharedTeacher]) { self.parts = parts }

  /// The runs of a condition under several objectives.
  ///
  /// - Parameters:
  ///   - condition: the fixed part.
  ///   - objectives: the specifications of the objectives.
  ///   - learningRates: the learning rate of each objective; nil for that of the condition.
  ///   - epochs: the number of updates.
  ///   - heads: the head rules to measure.
  ///   - metrics: the metrics beside the standard ones.
  ///   - recorded: the epochs whose measurements are kept.
  ///   - snapshots: the epochs whose students are kept.
  /// - Throws: `SpecificationError`, or `TeacherError`.
  public init(
    _ condition: Condition, objectives: [String], learningRates: [Double]? = nil, epochs: Int,
    heads: [String] = ["mass=0.5"], metrics: [String] = [], recorded: [Int], snapshots: [Int] = []
  ) throws {
    let setups = try objectives.enumerated().map { run, objective in
      var condition = condition
      condition.learningRate = learningRates?[run] ?? condition.learningRate
      return try condition.setup(objective: objective, epochs: epochs)
    }
    let kept = Set(recorded)
    let measurement = Measurement(
      heads: try heads.map(Catalog.head),
      metrics: try metrics.map { try Catalog.metric($0).component },
      epochs: { epoch, _ in kept.contains(epoch) })
    parts = [
      SharedTeacher(
        teachers: try SeedTeachers(setups[0].teacher), setups: setups, measurement: measurement,
        snapshots: Set(snapshots))
    ]
  }

  /// Fits the students of seeds.
  ///
  /// - Parameters:
  ///   - seeds: the seeds.
  ///   - kernels: the vector kernels to compute with.
  ///   - perturbed: whether each initial parameter is moved by one unit in the last place.
  ///   - epochs: further epochs whose students are kept.
  /// - Returns: seeds × objectives.
  /// - Throws: the error of a run.
  func callAsFunction(
    _ seeds: [UInt64], _ kernels: VectorKernels, perturbed: Bool = false,
    keeping epochs: Set<Int> = []
  ) throws -> [[Fit]] {
    let byPart = try parts.map {
      try $0.fits(seeds, kernels, perturbed: perturbed, keeping: epochs)
    }
    return seeds.indices.map { seed in byPart.flatMap { $0[seed] } }
  }
}

/// Runs whose students learn from the same teacher.
private struct SharedTeacher: Sendable {
  let teachers: SeedTeachers
  let setups: [Setup]
  let measurement: Measurement
  let snapshots: Set<Int>

  /// As `PairedRuns.callAsFunction`.
  func fits(
    _ seeds: [UInt64], _ kernels: VectorKernels, perturbed: Bool, keeping epochs: Set<Int>
  ) throws -> [[Fit]] {
    var measurement = measurement
    let kept = snapshots.union(epochs)
    measurement.snapshots = { epoch, _ in kept.contains(epoch) }
    func fits(_ seeds: [UInt64], of teachers: TeacherSet) throws -> [[Fit]] {
      // The start depends on neither objective nor learning rate.
      let start = try FitBatch.start(setups[0], teachers: teachers, seeds: seeds)
      let byObjective = try setups.map { setup in
        let batch = try FitBatch(setup, teachers: teachers, seeds: seeds, start: start)
        let runs = try (perturbed ? batch.perturbed : batch).run(measurement, kernels: kernels)
        return seeds.indices.map { seed in
          Fit(
            runs[seed * teachers.count..<(seed + 1) * teachers.count],
            of: setup.teacher.component.contexts, kernels: kernels)
        }
      }
      return seeds.indices.map { seed in byObjective.map { $0[seed] } }
    }
    if let shared = teachers.shared { return try fits(seeds, of: TeacherSet(shared)) }
    return try seeds.map { try fits([$0], of: TeacherSet(teachers(seed: $0)))[0] }
  }
}

/// The trajectories of one student, which may serve several contexts.
public struct Fit: Sendable {
  /// The trajectory of each context.
  let contexts: [Trajectory]
  /// That of the only context, or the mean over several, which has no snapshots.
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

  /// The measurements of a recorded epoch.
  public func record(_ epoch: Int) -> EpochRecord {
    guard let record = trajectory[epoch: epoch] else {
      preconditionFailure("epoch \(epoch) was not recorded")
    }
    return record
  }

  /// The student of the first context at an epoch that was kept.
  public func student(_ epoch: Int) -> Snapshot { Self.student(of: contexts[0], epoch) }

  /// Teacher and student of the first context at an epoch that was kept.
  public func state(_ epoch: Int) -> FitState {
    FitState(
      teacher: trajectory.teacher, logits: student(epoch).logProbabilities, kernels: kernels)
  }

  private static func student(of trajectory: Trajectory, _ epoch: Int) -> Snapshot {
    guard let student = trajectory.snapshots.first(where: { $0.epoch == epoch }) else {
      preconditionFailure("the student of epoch \(epoch) was not kept")
    }
    return student
  }

  /// The TVD between two students at an epoch that was kept, `½ Σ |q − q′|`, averaged over contexts.
  func distance(to other: Fit, epoch: Int) -> Double {
    zip(zip(contexts, other.contexts), weights).reduce(0) { sum, pair in
      let ((first, second), weight) = pair
      let (q, r) = (Self.student(of: first, epoch), Self.student(of: second, epoch))
      let gap = zip(q.probabilities, r.probabilities).reduce(0) { $0 + abs($1.0 - $1.1) }
      return sum + weight * gap / 2
    }
  }
}

/// The teachers of each seed, one a context, made once if they do not depend on the seed.
struct SeedTeachers: Sendable {
  private let chosen: Chosen<TeacherRecipe>
  /// Those of every seed; nil if they depend on it.
  let shared: [TeacherDistribution]?

  /// - Throws: `TeacherError`.
  init(_ chosen: Chosen<TeacherRecipe>) throws {
    self.chosen = chosen
    shared = chosen.component.isRandom ? nil : try chosen.distributions(seed: 1)
  }

  /// - Throws: `TeacherError`.
  func callAsFunction(seed: UInt64) throws -> [TeacherDistribution] {
    try shared ?? chosen.distributions(seed: seed)
  }
}
