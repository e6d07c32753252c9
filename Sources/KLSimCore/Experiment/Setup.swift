// SPDX-License-Identifier: GPL-3.0-or-later

/// Everything that decides a run's numbers but its seed: a choice on every axis, and the epochs.
public struct Setup: Sendable {
  /// The choices by axis.
  private var choices: [ObjectIdentifier: any AxisValue] = [:]
  /// How many optimizer updates; E epochs give the states 0…E.
  public var epochs: Int

  /// The maximum number of updates.
  public static let maximumEpochs = 1 << 40

  private init(undecidedFor epochs: Int) {
    precondition((0...Self.maximumEpochs).contains(epochs), "a possible number of epochs")
    self.epochs = epochs
  }

  /// A setup without any choice yet, to be completed axis by axis.
  ///
  /// - Parameter epochs: how many updates, at least 0 and at most `maximumEpochs`.
  /// - Returns: the setup.
  public static func undecided(epochs: Int) -> Setup { Setup(undecidedFor: epochs) }

  /// A setup made of chosen components.
  ///
  /// - Parameters:
  ///   - teacher: p.
  ///   - student: how q is parametrised.
  ///   - objective: what is minimised.
  ///   - optimizer: how.
  ///   - learningRate: the step size, finite.
  ///   - initialization: where the student starts.
  ///   - schedule: how the learning rate changes; nil for not at all.
  ///   - epochs: how many updates, at least 0 and at most `maximumEpochs`.
  public init(
    teacher: Chosen<TeacherRecipe>, student: Chosen<any Student>,
    objective: Chosen<ObjectiveRecipe>, optimizer: Chosen<any Optimizer>, learningRate: Double,
    initialization: Chosen<any Initialization>, schedule: Chosen<ScheduleRecipe>? = nil, epochs: Int
  ) {
    self.init(undecidedFor: epochs)
    self.teacher = teacher
    self.student = student
    self.objective = objective
    self.optimizer = optimizer
    self.learningRate = learningRate
    self.initialization = initialization
    if let schedule { self[ScheduleAxis.self] = schedule }
  }

  /// The choice on an axis.
  ///
  /// - Precondition: there is one.
  public subscript<Kind: Axis>(axis: Kind.Type) -> Chosen<Kind.Value> {
    get {
      guard let choice = choices[ObjectIdentifier(axis)] as? Chosen<Kind.Value> else {
        preconditionFailure("a choice of the \(axis.name)")
      }
      return choice
    }
    set { choices[ObjectIdentifier(axis)] = newValue }
  }

  /// The canonical specification of the choice on an axis, nil if there is none, as with an axis
  /// that came later than the code that made the setup.
  public func specification(on axis: any Axis.Type) -> String? {
    choices[ObjectIdentifier(axis)]?.specification
  }

  /// The canonical specifications of the choices on the axes that fulfil a condition, in their order.
  public func specifications(on isAsked: (any Axis.Type) -> Bool = { _ in true }) -> [String] {
    Axes.all.filter(isAsked).map { specification(on: $0) ?? "" }
  }

  /// Whether the choice on an axis is another than the axis's only default.
  ///
  /// - Parameter axis: the axis.
  /// - Returns: false also where there is no choice.
  public func departs(on axis: any Axis.Type) -> Bool {
    specification(on: axis).map { axis.defaults(after: self) != [$0] } ?? false
  }

  /// p.
  public var teacher: Chosen<TeacherRecipe> {
    get { self[TeacherAxis.self] }
    set { self[TeacherAxis.self] = newValue }
  }
  /// How q is parametrised.
  public var student: Chosen<any Student> {
    get { self[StudentAxis.self] }
    set { self[StudentAxis.self] = newValue }
  }
  /// What is minimised.
  public var objective: Chosen<ObjectiveRecipe> {
    get { self[ObjectiveAxis.self] }
    set { self[ObjectiveAxis.self] = newValue }
  }
  /// How the parameters are moved.
  public var optimizer: Chosen<any Optimizer> {
    get { self[OptimizerAxis.self] }
    set { self[OptimizerAxis.self] = newValue }
  }
  /// The step size before the schedule.
  public var learningRate: Double {
    get { self[LearningRateAxis.self].component }
    set {
      self[LearningRateAxis.self] = Chosen(
        specification: newValue.description, component: newValue)
    }
  }
  /// Where the student starts.
  public var initialization: Chosen<any Initialization> {
    get { self[InitializationAxis.self] }
    set { self[InitializationAxis.self] = newValue }
  }
  /// How the learning rate changes; nil for not at all.
  public var schedule: ScheduleRecipe? {
    specification(on: ScheduleAxis.self) == nil ? nil : self[ScheduleAxis.self].component
  }

  /// Whether the contexts of the teacher can only be fitted together.
  public var isJoint: Bool {
    teacher.component.contexts.count > 1
      && (type(of: student.component).isShared
        || objective.component.objective is any BatchObjective)
  }

  /// The contexts of the teacher, those together that can only be fitted together.
  public var contextGroups: [Range<Int>] {
    let count = teacher.component.contexts.count
    return isJoint ? [0..<count] : (0..<count).map { $0..<$0 + 1 }
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

  /// The key columns at the front of every table, in order.
  public static let columns = Axes.leading.map { $0.column }

  /// The values of those columns.
  public var values: [Value] { Axes.leading.map(value) }

  /// What the key column of an axis says.
  public func value(on axis: any Axis.Type) -> Value {
    guard let text = specification(on: axis) else { return .missing }
    return axis.column.kind == .number ? Value(Double(text)) : .text(text)
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
    let teachers = try setup.teacher.distributions(seed: seed)
    return try setup.contextGroups.flatMap { contexts in
      let isAlone = contexts.count == 1 && teachers.count > 1
      return try FitBatch(
        setup, teachers: Array(teachers[contexts]), context: isAlone ? contexts.lowerBound : nil,
        seeds: [seed]
      ).run(measurement)
    }
  }
}
