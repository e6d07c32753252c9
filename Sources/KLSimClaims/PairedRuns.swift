// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimFiles
public import KLSimCore
internal import KLSimNumerics
internal import KLSimStudies

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
  ///   - epochs: the number of epochs.
  ///   - heads: the head rules to measure.
  ///   - metrics: the metrics beside the standard ones.
  ///   - recorded: the epochs whose measurements are kept.
  ///   - snapshots: the epochs whose students are kept.
  /// - Throws: `SpecificationError`, or `TeacherError`.
  public init(
    _ condition: Condition, objectives: [String], learningRates: [Double]? = nil, epochs: Int,
    heads: [String] = ["mass=0.5"], metrics: [String] = [], recorded: [Int], snapshots: [Int] = []
  ) throws {
    try self.init(
      condition, objectives: objectives, learningRates: learningRates, epochs: epochs, heads: heads,
      metrics: metrics, recordedAt: recorded.map(Double.init), snapshots: snapshots)
  }

  /// The same with epochs that may be fractions, of which the nearest states are kept.
  package init(
    _ condition: Condition, objectives: [String], learningRates: [Double]? = nil, epochs: Int,
    heads: [String] = ["mass=0.5"], metrics: [String] = [], recordedAt recorded: [Double],
    snapshots: [Int] = []
  ) throws {
    // A teacher may be a model of a text: it is made once for all objectives.
    let kinds = objectives.uniqued()
    let study = condition.study(objectives: kinds, epochs: epochs)
    let distinct = try study.setups()
    let setups = try objectives.enumerated().map { run, objective in
      let setup = distinct[kinds.firstIndex(of: objective) ?? 0]
      let rate = learningRates?[run] ?? condition.learningRate
      let choice = try LearningRateAxis.choice(
        rate.description, reader: NoFiles(), kernels: .best)
      return Setup(setup.choices.adding(choice, on: LearningRateAxis.self), epochs: setup.epochs)
    }
    let heads = try heads.map(Catalog.head)
    let metrics = try metrics.map { try Catalog.metric($0).component }
    let measurement = Measurement(
      heads: heads, metrics: metrics, recorded: .list(recorded), snapshots: .list([]))
    parts = [
      SharedTeacher(
        teachers: try SeedTeachers(setups[0].teacher), setups: setups, measurement: measurement,
        snapshots: Set(snapshots.map(Double.init)))
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
    keeping epochs: Set<Double> = []
  ) throws -> [[Fit]] {
    let byPart = try parts.map {
      try $0.fits(seeds, kernels, perturbed: perturbed, keeping: epochs)
    }
    return seeds.indices.map { seed in byPart.flatMap { $0[seed] } }
  }

  /// Seeds in portions that are fitted at a time: of many contexts, the students of many seeds would fill
  /// the memory.
  func portions(of seeds: [UInt64]) -> [ArraySlice<UInt64>] {
    let contexts = parts.map { $0.setups[0].teacher.component.contexts.count }.max() ?? 1
    let size = max(1, Self.contextsAtATime / contexts)
    return stride(from: 0, to: seeds.count, by: size).map { seeds[$0...].prefix(size) }
  }

  private static let contextsAtATime = 256
}

/// Runs whose students learn from the same teacher.
private struct SharedTeacher: Sendable {
  let teachers: SeedTeachers
  let setups: [Setup]
  let measurement: Measurement
  let snapshots: Set<Double>

  /// As `PairedRuns.callAsFunction`.
  func fits(
    _ seeds: [UInt64], _ kernels: VectorKernels, perturbed: Bool, keeping epochs: Set<Double>
  ) throws -> [[Fit]] {
    var measurement = measurement
    let kept = EpochSelection.list(Array(snapshots.union(epochs)))
    measurement.snapshots = { kept.contains($0, of: $1) }
    func fits(_ seeds: [UInt64], of teachers: TeacherSet) throws -> [[Fit]] {
      // The start depends on neither objective nor learning rate.
      let start = try FitBatch.start(setups[0], teachers: teachers, seeds: seeds)
      let byObjective = try setups.map { setup in
        let batch = try FitBatch(setup, teachers: teachers, seeds: seeds, start: start)
        let runs = try (perturbed ? batch.perturbed : batch).run(measurement, kernels: kernels)
        return seeds.indices.map { seed in
          Fit(
            runs[seed * teachers.count..<(seed + 1) * teachers.count],
            of: setup.teacher.component.contexts, length: setup.length, kernels: kernels)
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
  /// The trajectory of each context; of several without snapshots, of the first alone.
  let contexts: [Trajectory]
  /// That of the only context, or the mean over several that are trained on, which has no snapshots.
  public let trajectory: Trajectory
  /// The mean over the contexts that are held out; nil if there are none.
  package let heldOut: Trajectory?
  private let weights: [Double]
  private let length: RunLength
  private let kernels: VectorKernels

  init(
    _ contexts: some Collection<Trajectory>, of teacher: TeacherContexts, length: RunLength,
    kernels: VectorKernels
  ) {
    let all = Array(contexts)
    self.kernels = kernels
    self.length = length
    weights = teacher.weights
    func mean(where isPart: (Split?) -> Bool) -> Trajectory? {
      var mean = ContextMean(of: teacher)
      for context in all where isPart(context.split) { mean.add(context) }
      return mean.trajectory
    }
    trajectory = all.count == 1 ? all[0] : mean { $0 != .heldOut } ?? all[0]
    heldOut = mean { $0 == .heldOut }
    self.contexts = all[0].snapshots.isEmpty ? [all[0]] : all
  }

  /// The measurements of a recorded epoch.
  public func record(_ epoch: Int) -> EpochRecord { record(Double(epoch)) }

  /// The measurements of a recorded epoch, which may be a fraction.
  ///
  /// - Parameters:
  ///   - epoch: the epoch.
  ///   - split: the contexts: those held out, or those trained on, which are all if none is held out.
  /// - Returns: the mean over the contexts.
  package func record(_ epoch: Double, _ split: Split = .train) -> EpochRecord {
    let trajectory = split == .train ? trajectory : heldOut
    guard let record = trajectory?[epoch: length.update(at: epoch)] else {
      preconditionFailure("epoch \(epoch) was not recorded")
    }
    return record
  }

  /// The student of the first context at an epoch that was kept.
  public func student(_ epoch: Int) -> Snapshot { student(of: contexts[0], Double(epoch)) }

  /// Teacher and student of the first context at an epoch that was kept.
  public func state(_ epoch: Int) -> FitState {
    FitState(
      teacher: trajectory.teacher, logits: student(epoch).logProbabilities, kernels: kernels)
  }

  private func student(of trajectory: Trajectory, _ epoch: Double) -> Snapshot {
    let update = length.update(at: epoch)
    guard let student = trajectory.snapshots.first(where: { $0.epoch == update }) else {
      preconditionFailure("the student of epoch \(epoch) was not kept")
    }
    return student
  }

  /// The TVD between two students at an epoch that was kept, `½ Σ |q − q′|`, averaged over contexts.
  func distance(to other: Fit, epoch: Double) -> Double {
    zip(zip(contexts, other.contexts), weights).reduce(0) { sum, pair in
      let ((first, second), weight) = pair
      let (q, r) = (student(of: first, epoch), student(of: second, epoch))
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
