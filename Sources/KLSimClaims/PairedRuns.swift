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
  ///   - sufficientDistance: a TVD from which on nothing of a run is needed, unless it is compared with one
  ///     from another start; nil if all epochs are.
  /// - Throws: `SpecificationError`, or `TeacherError`.
  public init(
    _ condition: Condition, objectives: [String], learningRates: [Double]? = nil, epochs: Int,
    heads: [String] = ["mass=0.5"], metrics: [String] = [], recorded: [Int], snapshots: [Int] = [],
    sufficientDistance: Double? = nil
  ) throws {
    try self.init(
      condition, objectives: objectives, learningRates: learningRates, epochs: epochs, heads: heads,
      metrics: metrics, recordedAt: recorded.map(Double.init),
      snapshots: snapshots.map(Double.init), sufficientDistance: sufficientDistance)
  }

  /// The same with epochs that may be fractions, of which the nearest states are kept.
  package init(
    _ condition: Condition, objectives: [String], learningRates: [Double]? = nil, epochs: Int,
    heads: [String] = ["mass=0.5"], metrics: [String] = [], recordedAt recorded: [Double],
    snapshots: [Double] = [], sufficientDistance: Double? = nil
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
    let words = [
      "heads=\(heads)", "metrics=\(metrics)", "recorded=\(recorded)", "snapshots=\(snapshots)",
      "sufficient=\(sufficientDistance ?? -1)",
    ]
    let heads = try heads.map(Catalog.head)
    let metrics = try metrics.map { try Catalog.metric($0).component }
    var measurement = Measurement(
      heads: heads, metrics: metrics, recorded: .list(recorded), snapshots: .list([]))
    measurement.sufficientDistance = sufficientDistance
    parts = [
      SharedTeacher(
        condition: condition, teachers: try SeedTeachers(setups[0].teacher), setups: setups,
        measurement: measurement, words: words, snapshots: Set(snapshots))
    ]
  }

  /// Fits the students of seeds.
  ///
  /// - Parameters:
  ///   - seeds: the seeds.
  ///   - kernels: the vector kernels to compute with.
  /// - Returns: seeds × objectives.
  /// - Throws: the error of a run.
  func callAsFunction(_ seeds: [UInt64], _ kernels: VectorKernels) throws -> [[Fit]] {
    try fits(seeds, kernels, probedAt: nil).map { $0.map(\.fit) }
  }

  /// Fits the students of seeds twice; otherwise as `callAsFunction(_:_:)`.
  ///
  /// - Parameters:
  ///   - seeds: the seeds.
  ///   - kernels: the vector kernels to compute with.
  ///   - epochs: the epochs at which they are compared with students whose start differs in the
  ///     last digit.
  /// - Returns: seeds × objectives.
  /// - Throws: the error of a run.
  func probed(
    _ seeds: [UInt64], _ kernels: VectorKernels, at epochs: Set<Double>
  ) throws -> [[ProbedFit]] {
    try fits(seeds, kernels, probedAt: epochs).map { $0.compactMap(\.probed) }
  }

  private func fits(
    _ seeds: [UInt64], _ kernels: VectorKernels, probedAt epochs: Set<Double>?
  ) throws -> [[SeedFit]] {
    let byPart = try parts.map { try $0.fits(seeds, kernels, probedAt: epochs) }
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
  let condition: Condition
  let teachers: SeedTeachers
  let setups: [Setup]
  let measurement: Measurement
  /// What is measured, in words.
  let words: [String]
  /// The epochs whose students the questions look at.
  let snapshots: Set<Double>

  /// Seeds × objectives; fitted a second time if there are epochs to compare at.
  func fits(
    _ seeds: [UInt64], _ kernels: VectorKernels, probedAt epochs: Set<Double>?
  ) throws -> [[SeedFit]] {
    if let shared = teachers.shared {
      return try fits(seeds, of: TeacherSet(shared), kernels, probedAt: epochs)
    }
    return try seeds.map {
      try fits([$0], of: TeacherSet(teachers(seed: $0)), kernels, probedAt: epochs)[0]
    }
  }

  private func fits(
    _ seeds: [UInt64], of teachers: TeacherSet, _ kernels: VectorKernels,
    probedAt epochs: Set<Double>?
  ) throws -> [[SeedFit]] {
    var measurement = measurement
    let kept = EpochSelection.list(Array(snapshots.union(epochs ?? [])))
    measurement.snapshots = kept.membership
    if epochs != nil { measurement.sufficientDistance = nil }
    var start: [Double]?
    let byObjective = try setups.map { setup in
      func make() throws -> [SeedFit] {
        // The start depends on neither objective nor learning rate.
        let begun = try start ?? FitBatch.start(setups[0], teachers: teachers, seeds: seeds)
        start = begun
        let batch = try FitBatch(setup, teachers: teachers, seeds: seeds, start: begun)
        func fits(_ batch: FitBatch) throws -> [Fit] {
          let runs = try batch.run(measurement, kernels: kernels)
          return seeds.indices.map { seed in
            Fit(
              runs[seed * teachers.count..<(seed + 1) * teachers.count],
              of: setup.teacher.component.contexts, length: setup.length, kernels: kernels)
          }
        }
        let own = try fits(batch)
        guard let epochs else { return own.map { SeedFit(fit: $0) } }
        return zip(own, try fits(batch.perturbed)).map {
          SeedFit(probing: $0, beside: $1, at: epochs, keeping: snapshots)
        }
      }
      guard snapshots.isEmpty else { return try make() }
      let words =
        setup.canonicalWords + words + [
          "seeds=\(seeds)", "probed=\(epochs?.sorted() ?? [])", kernels.rawValue,
        ]
      return try SharedFits.fits(words, under: condition, make: make)
    }
    return seeds.indices.map { seed in byObjective.map { $0[seed] } }
  }
}

/// The trajectories of one student, which may serve several contexts.
public struct Fit: Sendable {
  /// The trajectory of each context; of several without snapshots, of the first alone.
  private(set) var contexts: [Trajectory]
  /// That of the only context, or the mean over several that are trained on, which has no snapshots.
  public private(set) var trajectory: Trajectory
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

  /// The same without the students of other epochs than these.
  func keeping(_ epochs: Set<Double>) -> Fit {
    var own = self
    let updates = Set(epochs.map { length.update(at: $0) })
    if contexts.count == 1 { own.trajectory.keepSnapshots(at: updates) }
    if updates.isEmpty { own.contexts = [contexts[0]] }
    for place in own.contexts.indices { own.contexts[place].keepSnapshots(at: updates) }
    return own
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
