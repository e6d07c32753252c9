// SPDX-License-Identifier: GPL-3.0-or-later

/// Everything that decides a run's numbers but its seed: a choice on every axis, and the epochs.
package struct Setup: Sendable {
  /// The choices by axis.
  private var choices: [ObjectIdentifier: any AxisValue] = [:]
  /// How many optimizer updates; E epochs give the states 0…E.
  package var epochs: Int

  /// The maximum number of updates.
  package static let maximumEpochs = 1 << 40

  private init(undecidedFor epochs: Int) {
    precondition((0...Self.maximumEpochs).contains(epochs), "a possible number of epochs")
    self.epochs = epochs
  }

  /// A setup without any choice yet, to be completed axis by axis.
  ///
  /// - Parameter epochs: how many updates, at least 0 and at most `maximumEpochs`.
  /// - Returns: the setup.
  package static func undecided(epochs: Int) -> Setup { Setup(undecidedFor: epochs) }

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
  package init(
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
  package subscript<Kind: Axis>(axis: Kind.Type) -> Chosen<Kind.Value> {
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
  package func specification(on axis: any Axis.Type) -> String? {
    choices[ObjectIdentifier(axis)]?.specification
  }

  /// The canonical specifications of the choices on the axes that fulfil a condition, in their order.
  package func specifications(on isAsked: (any Axis.Type) -> Bool = { _ in true }) -> [String] {
    Axes.all.filter(isAsked).map { specification(on: $0) ?? "" }
  }

  /// Whether the choice on an axis is another than the axis's only default.
  ///
  /// - Parameter axis: the axis.
  /// - Returns: false also where there is no choice.
  package func departs(on axis: any Axis.Type) -> Bool {
    specification(on: axis).map { axis.defaults(after: self) != [$0] } ?? false
  }

  /// p.
  package var teacher: Chosen<TeacherRecipe> {
    get { self[TeacherAxis.self] }
    set { self[TeacherAxis.self] = newValue }
  }
  /// How q is parametrised.
  package var student: Chosen<any Student> {
    get { self[StudentAxis.self] }
    set { self[StudentAxis.self] = newValue }
  }
  /// What is minimised.
  package var objective: Chosen<ObjectiveRecipe> {
    get { self[ObjectiveAxis.self] }
    set { self[ObjectiveAxis.self] = newValue }
  }
  /// How the parameters are moved.
  package var optimizer: Chosen<any Optimizer> {
    get { self[OptimizerAxis.self] }
    set { self[OptimizerAxis.self] = newValue }
  }
  /// The step size before the schedule.
  package var learningRate: Double {
    get { self[LearningRateAxis.self].component }
    set {
      self[LearningRateAxis.self] = Chosen(
        specification: newValue.description, component: newValue)
    }
  }
  /// Where the student starts.
  package var initialization: Chosen<any Initialization> {
    get { self[InitializationAxis.self] }
    set { self[InitializationAxis.self] = newValue }
  }
  /// How the learning rate changes; nil for not at all.
  package var schedule: ScheduleRecipe? {
    specification(on: ScheduleAxis.self) == nil ? nil : self[ScheduleAxis.self].component
  }

  /// The step sizes of the updates that follow some epochs, all below `epochs`.
  func learningRates(after range: Range<Int>) -> [Double] {
    let learningRate = learningRate
    guard let schedule, !schedule.isConstant else {
      return [Double](repeating: learningRate, count: range.count)
    }
    return range.map { learningRate * schedule.factor(epoch: $0, of: epochs) }
  }

  /// Whether the contexts of the teacher can only be fitted together.
  package var isJoint: Bool {
    teacher.component.contexts.count > 1
      && (type(of: student.component).isShared
        || objective.component.objective is any BatchObjective)
  }

  /// The contexts of the teacher, those together that can only be fitted together.
  package var contextGroups: [Range<Int>] {
    let count = teacher.component.contexts.count
    return isJoint ? [0..<count] : (0..<count).map { $0..<$0 + 1 }
  }

  /// Refuses teachers under which the loss is infinite, and a student that cannot be had or fitted.
  ///
  /// - Parameter distributions: what `teacher` gives for one context, or for those that are fitted
  ///   together.
  /// - Throws: `InfiniteObjective`, or `StudentError`.
  package func check(_ distributions: [TeacherDistribution]) throws {
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
  package static let columns = Axes.leading.map { $0.column }

  /// The values of those columns.
  package var values: [Value] { Axes.leading.map(value) }

  /// What the key column of an axis says.
  package func value(on axis: any Axis.Type) -> Value {
    axis.column.value(of: specification(on: axis))
  }
}

extension Setup {
  /// Fits the student to every context of the teacher: together if they share parameters or a loss,
  /// else one after the other.
  ///
  /// - Parameters:
  ///   - seed: the seed of the start and of random teachers.
  ///   - measurement: what is measured.
  /// - Returns: the trajectories, one a context.
  /// - Throws: if the setup cannot be: an infinite objective, a head the teacher does not have, …
  package func trajectories(seed: UInt64, _ measurement: Measurement) throws -> [Trajectory] {
    try contextGroups.flatMap { try fit($0, seed: seed, measurement) }
  }

  /// The trajectory of the only context, or of the first; otherwise as `trajectories(seed:_:)`.
  package func trajectory(seed: UInt64, _ measurement: Measurement) throws -> Trajectory {
    try fit(contextGroups[0], seed: seed, measurement)[0]
  }

  private func fit(
    _ contexts: Range<Int>, seed: UInt64, _ measurement: Measurement
  ) throws -> [Trajectory] {
    let isAlone = contexts.count < teacher.component.contexts.count
    let teachers =
      contexts.count == 1
      ? [try teacher.distribution(seed: seed, context: contexts.lowerBound)]
      : try teacher.distributions(seed: seed)
    return try FitBatch(
      self, teachers: teachers, context: isAlone ? contexts.lowerBound : nil, seeds: [seed]
    ).run(measurement)
  }
}
