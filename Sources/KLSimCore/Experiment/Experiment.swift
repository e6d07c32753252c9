// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// A teacher, a student and how the student is fitted; run under a seed, it gives a trajectory.
///
/// Equal experiments under equal seeds give equal bytes.
///
/// ```swift
/// let run = try Experiment(teacher: "longtail", objective: "rkl").run(seed: 1)
/// print(run[epoch: 10]?.errors.tail ?? .nan)
/// ```
public struct Experiment: Sendable {
  private let setup: Setup
  private let measurement: Measurement

  /// The number of optimizer updates of an epoch: 1, or with minibatches those of a pass over the training
  /// contexts.
  ///
  /// Trajectories count updates: `run[epoch: 2 * experiment.updatesPerEpoch]` is the state after two epochs.
  public var updatesPerEpoch: Int { setup.length.updatesPerEpoch }

  /// Makes an experiment from specifications; the defaults are those of the published long-tail
  /// experiment, with forward KL.
  ///
  /// - Parameters:
  ///   - teacher: the specification of the teacher p, such as `zipf:size=32000`.
  ///   - student: how q is parametrised.
  ///   - objective: what is minimised.
  ///   - optimizer: how the parameters are updated.
  ///   - learningRate: the step size, at least 0, before the schedule.
  ///   - initialization: the student's initial logits or parameters.
  ///   - schedule: how the learning rate changes.
  ///   - batch: the number of contexts of a minibatch, for students that share parameters among contexts;
  ///     nil for the full batch.
  ///   - sampling: how the contexts of a minibatch are drawn: `shuffle`, or `weights`.
  ///   - accumulate: the number of minibatches of an update, which is that of one minibatch of all their contexts.
  ///   - clip: the bound on the gradient: `none`, `norm=1` or `value=1`.
  ///   - heldOut: the share of contexts that no update uses, 0 to below 1.
  ///   - epochs: the number of epochs, 0 to 2⁴⁰: of updates, or with minibatches of passes over the
  ///     training contexts.
  ///   - heads: the head rules, such as `mass=0.5`; errors come in their order.
  ///   - metrics: the metrics beside the standard ones; values come in the catalog's order.
  ///   - record: the epochs whose measurements are kept: `all`, `every=k`, a list `0,1,5,10`, or with
  ///     minibatches also `0.5,1` and `every=10steps`.
  ///   - snapshots: the epochs whose distributions are kept, likewise; nil for none.
  ///   - reader: reads the files that specifications name.
  /// - Throws: `SpecificationError` for a specification that cannot be used, `SetupError` for choices that
  ///   do not go together, or what the reader throws.
  public init(
    teacher: String? = nil, student: String? = nil, objective: String? = nil,
    optimizer: String? = nil, learningRate: Double? = nil, initialization: String? = nil,
    schedule: String? = nil, batch: Int? = nil, sampling: String? = nil, accumulate: Int? = nil,
    clip: String? = nil, heldOut: Double? = nil, epochs: Int = 200,
    heads: [String] = ["mass=0.5"], metrics: [String] = [], record: String = "all",
    snapshots: String? = nil, reader: any NumberReader = NoFiles()
  ) throws {
    guard (0...Setup.maximumEpochs).contains(epochs) else {
      throw SpecificationError.unreadable(
        "\(epochs)", expected: "a number of epochs: 0 to \(Setup.maximumEpochs)")
    }
    setup = try Setup(
      [
        TeacherAxis.name: teacher, StudentAxis.name: student, ObjectiveAxis.name: objective,
        OptimizerAxis.name: optimizer, LearningRateAxis.name: learningRate?.description,
        InitializationAxis.name: initialization, ScheduleAxis.name: schedule,
        BatchAxis.name: batch?.description, SamplingAxis.name: sampling,
        AccumulateAxis.name: accumulate?.description, ClipAxis.name: clip,
        HeldOutAxis.name: heldOut?.description,
      ], epochs: epochs, reader: reader)
    let recorded = try EpochSelection(parsing: record)
    let snapshots = try snapshots.map { try EpochSelection(parsing: $0) } ?? .list([])
    try recorded.check(upTo: epochs, key: "record")
    try snapshots.check(upTo: epochs, key: "snapshots")
    try setup.check(recorded, snapshots)
    measurement = Measurement(
      heads: try heads.map(Catalog.head),
      metrics: try metrics.map { try Catalog.metric($0).component },
      recorded: recorded, snapshots: snapshots)
  }

  /// Fits the student to the only context of the teacher, or to the first of several.
  ///
  /// - Parameter seed: the seed of the initial parameters and of a random teacher.
  /// - Returns: the trajectory.
  /// - Throws: `InfiniteObjective`, `UnsuitableTeacher`, `SetupError`, `TeacherError`, or
  ///   `CancellationError` when the task is cancelled.
  public func run(seed: UInt64) throws -> Trajectory {
    try setup.trajectory(seed: seed, measurement)
  }

  /// Fits the student to every context of the teacher.
  ///
  /// - Parameter seed: the seed of the initial parameters and of a random teacher.
  /// - Returns: the trajectories, one a context.
  /// - Throws: as `run(seed:)`.
  public func runContexts(seed: UInt64) throws -> [Trajectory] {
    try setup.trajectories(seed: seed, measurement)
  }
}
