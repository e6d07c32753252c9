// SPDX-License-Identifier: GPL-3.0-or-later

/// Everything that decides a run's numbers but its seed.
public struct Setup: Sendable {
  public var teacher: Chosen<TeacherRecipe>
  public var student: Chosen<any Student>
  public var objective: Chosen<ObjectiveRecipe>
  public var optimizer: Chosen<any Optimizer>
  public var learningRate: Double
  public var initialization: Chosen<any Initialization>
  /// How many optimizer updates; E epochs give the states 0…E.
  public var epochs: Int

  /// The maximum number of updates.
  public static let mostEpochs = 1 << 40

  /// A setup made of chosen components.
  ///
  /// - Parameters:
  ///   - teacher: p.
  ///   - student: how q is parametrised.
  ///   - objective: what is minimised.
  ///   - optimizer: how.
  ///   - learningRate: the step size, finite.
  ///   - initialization: where the student starts.
  ///   - epochs: how many updates, at least 0 and at most `mostEpochs`.
  public init(
    teacher: Chosen<TeacherRecipe>, student: Chosen<any Student>,
    objective: Chosen<ObjectiveRecipe>, optimizer: Chosen<any Optimizer>, learningRate: Double,
    initialization: Chosen<any Initialization>, epochs: Int
  ) {
    precondition((0...Self.mostEpochs).contains(epochs), "a possible number of epochs")
    self.teacher = teacher
    self.student = student
    self.objective = objective
    self.optimizer = optimizer
    self.learningRate = learningRate
    self.initialization = initialization
    self.epochs = epochs
  }

  /// Whether the contexts of the teacher can only be fitted together.
  public var isJoint: Bool {
    teacher.component.contexts.count > 1
      && (type(of: student.component).isShared
        || objective.component.objective is any BatchObjective)
  }

  /// Refuses teachers under which the loss is infinite, and a student that cannot be had or fitted.
  ///
  /// - Parameter distributions: what `teacher` gives for one context, or for those that are fitted
  ///   together.
  /// - Throws: `InfiniteObjective`, or `StudentError`.
  public func check(_ distributions: [TeacherDistribution]) throws {
    for distribution in distributions {
      try objective.check(distribution, named: teacher.specification)
    }
    _ = try model(of: distributions)
  }

  /// The student of some teachers, which the optimizer can fit.
  func model(of teachers: [TeacherDistribution]) throws -> any StudentModel {
    let model = try student.component.model(
      of: teachers, positions: teacher.component.positions(count: teachers[0].size))
    try optimizer.component.check(model)
    return model
  }

  /// The key columns that a setup fills, in order.
  public static let columns = [
    Column("teacher", .text, "specification of the teacher p"),
    Column("student", .text, "specification of the student q"),
    Column.objective,
    Column("optimizer", .text, "specification of the optimizer"),
    Column("learning_rate", .number, "learning rate"),
    Column("init", .text, "specification of the initial logits"),
  ]

  /// The values of those columns.
  public var keys: [String] {
    [
      teacher.specification, student.specification, objective.specification,
      optimizer.specification, learningRate.description, initialization.specification,
    ]
  }
}

/// One run: a setup and a seed.
///
/// Two equal experiments give equal bytes.
public struct Experiment: Sendable {
  public let setup: Setup
  public let seed: UInt64

  /// The run of a setup under a seed.
  ///
  /// - Parameters:
  ///   - setup: everything but the seed.
  ///   - seed: of the start and of random teachers.
  public init(_ setup: Setup, seed: UInt64) {
    self.setup = setup
    self.seed = seed
  }

  /// Fits the student to a teacher of one context, or to the first of several.
  ///
  /// - Parameter measurement: what is looked at on the way.
  /// - Returns: what was seen.
  /// - Throws: if the setup cannot be: an infinite objective, a head the teacher does not have, …
  public func trajectory(_ measurement: Measurement) throws -> Trajectory {
    guard !setup.isJoint else { return try trajectories(measurement)[0] }
    let teacher = try setup.teacher.distribution(seed: seed)
    let batch = try FitBatch(setup, teacher: teacher, seeds: [seed])
    return try batch.run(measurement)[0]
  }

  /// Fits the student to every context of the teacher: together if they share parameters or a loss,
  /// else one after the other.
  ///
  /// - Parameter measurement: what is looked at on the way.
  /// - Returns: what was seen, one a context.
  /// - Throws: as `trajectory(_:)`.
  public func trajectories(_ measurement: Measurement) throws -> [Trajectory] {
    guard setup.teacher.component.contexts.count > 1 else { return [try trajectory(measurement)] }
    let teachers = try setup.teacher.distributions(seed: seed)
    guard !setup.isJoint else {
      return try FitBatch(setup, teachers: teachers, context: nil, seeds: [seed]).run(measurement)
    }
    return try teachers.enumerated().map { context, teacher in
      try FitBatch(setup, teachers: [teacher], context: context, seeds: [seed])
        .run(measurement)[0]
    }
  }
}
