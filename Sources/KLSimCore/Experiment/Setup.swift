// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// Everything that decides a run's numbers except its seed: a choice on every axis, and the epochs.
package struct Setup: Sendable {
  /// The choices on all axes.
  package private(set) var choices: Choices
  /// The number of epochs: of optimizer updates, or with minibatches of passes over the training contexts.
  package var epochs: Int

  /// The maximum number of epochs.
  package static let maximumEpochs = 1 << 40

  /// A setup of choices on all axes.
  ///
  /// - Parameters:
  ///   - choices: the choices.
  ///   - epochs: the number of epochs, 0 to `maximumEpochs`.
  package init(_ choices: Choices, epochs: Int) {
    precondition((0...Self.maximumEpochs).contains(epochs), "a possible number of epochs")
    (self.choices, self.epochs) = (choices, epochs)
  }

  /// A setup with the given choices, and the first default of all other axes.
  ///
  /// - Parameters:
  ///   - choices: specifications by the name of their axis.
  ///   - epochs: the number of epochs, 0 to `maximumEpochs`.
  ///   - reader: reads the files that specifications name.
  /// - Throws: `SpecificationError`, or what the reader throws.
  package init(
    _ choices: [String: String?], epochs: Int, reader: any NumberReader = NoFiles()
  ) throws {
    self.init(try Choices(choices, on: Axes.all, reader: reader), epochs: epochs)
  }

  /// The setup with a choice of known type on an axis.
  func choosing<Kind: Axis>(_ choice: Chosen<Kind.Value>, on axis: Kind.Type) -> Setup {
    var setup = self
    setup.choices = choices.adding(
      Chosen(specification: choice.specification, component: choice), on: axis)
    return setup
  }

  /// The choice on an axis.
  private subscript<Kind: Axis>(axis: Kind.Type) -> Chosen<Kind.Value> { choices[axis] }

  /// The canonical specification of the choice on an axis.
  package func specification(on axis: any Axis.Type) -> String { choices.specification(on: axis) }

  /// The canonical specifications of the choices on the axes that fulfil a condition, in their order.
  package func specifications(on isAsked: (any Axis.Type) -> Bool = { _ in true }) -> [String] {
    Axes.all.filter(isAsked).map(specification)
  }

  /// Whether the choice on an axis differs from the axis's only default.
  package func departs(on axis: any Axis.Type) -> Bool { choices.departs(on: axis) }

  /// p.
  package var teacher: Chosen<TeacherRecipe> { self[TeacherAxis.self] }
  /// How q is parametrised.
  package var student: Chosen<any Student> { self[StudentAxis.self] }
  /// What is minimised.
  package var objective: Chosen<ObjectiveRecipe> { self[ObjectiveAxis.self] }
  /// How the parameters are updated.
  package var optimizer: Chosen<any Optimizer> { self[OptimizerAxis.self] }
  /// The step size before the schedule.
  package var learningRate: Double { self[LearningRateAxis.self].component }
  /// The student's initial logits or parameters.
  package var initialization: Chosen<any Initialization> { self[InitializationAxis.self] }
  /// How the learning rate changes.
  package var schedule: Chosen<ScheduleRecipe> { self[ScheduleAxis.self] }

  /// The bound on the gradient of an update.
  var clipping: GradientClipping { self[ClipAxis.self].component }
  /// The number of contexts of a minibatch; nil for all.
  package var batchSize: Int? { self[BatchAxis.self].component }
  /// How the contexts of a minibatch are drawn.
  var sampling: BatchSampling { self[SamplingAxis.self].component }
  /// The number of minibatches of an update.
  var accumulation: Int { self[AccumulateAxis.self].component }
  /// The share of contexts that no update uses.
  package var heldOutShare: Double { self[HeldOutAxis.self].component }

  /// Whether some contexts are not in every update.
  package var isMinibatched: Bool { batchSize != nil || heldOutShare > 0 }

  /// The number of contexts that no update uses: their share of those that have a weight, rounded, but
  /// neither none nor all.
  var heldOutCount: Int {
    guard heldOutShare > 0 else { return 0 }
    let count = teacher.component.contexts.weights.count { $0 > 0 }
    return min(count - 1, max(1, Int((heldOutShare * Double(count)).rounded())))
  }

  /// The number of contexts of one part, or of all for nil.
  package func contextCount(of split: Split?) -> Int {
    switch split {
    case nil: teacher.component.contexts.count
    case .train: teacher.component.contexts.count - heldOutCount
    case .heldOut: heldOutCount
    }
  }

  /// The number of minibatches of an epoch.
  var batchesPerEpoch: Int {
    guard let batchSize else { return 1 }
    return (contextCount(of: .train) - 1) / batchSize + 1
  }

  /// The length of a run.
  package var length: RunLength {
    RunLength(epochs: epochs, updatesPerEpoch: (batchesPerEpoch - 1) / accumulation + 1)
  }

  /// Gives the step size of the update that follows a state, with the choices looked up once.
  var learningRates: (_ update: Int) -> Double {
    let (rate, schedule, last) = (learningRate, schedule.component, length.updates)
    return { rate * schedule.factor(epoch: $0, of: last) }
  }

  /// Whether the contexts of the teacher can only be fitted together.
  package var isJoint: Bool {
    teacher.component.contexts.count > 1
      && (student.component is any SharedStudent
        || objective.component.objective is any BatchObjective)
  }

  /// The contexts of the teacher, grouped if they can only be fitted together.
  package var contextGroups: [Range<Int>] {
    let count = teacher.component.contexts.count
    return isJoint ? [0..<count] : (0..<count).map { $0..<$0 + 1 }
  }

  /// Refuses teachers that the objective cannot be used with.
  ///
  /// - Parameters:
  ///   - teachers: the teacher of one context, or of those that are fitted together.
  ///   - contexts: the indices of these contexts.
  /// - Throws: `InfiniteObjective` or `UnsuitableTeacher`.
  package func check(_ teachers: TeacherSet, contexts: Range<Int>) throws {
    for (context, distribution) in zip(contexts, teachers) {
      try objective.check(distribution, of: teacher, context: context)
    }
  }

  /// The student of some teachers.
  ///
  /// - Parameter teachers: the teacher of one context, or of those that are fitted together.
  /// - Returns: the student.
  /// - Throws: `SetupError` if the student cannot be made, or the optimizer cannot fit it.
  package func model(of teachers: TeacherSet) throws -> any StudentModel {
    let model =
      if let student = student.component as? any SharedStudent {
        try student.model(of: teachers.contexts(histories: teacher.component.contexts.histories))
      } else {
        try student.component.model(
          of: Array(teachers),
          positions: teacher.component.family.positions(count: teachers[0].size))
      }
    try optimizer.component.check(model)
    return model
  }

  /// The key columns at the front of every table, in order.
  package static let columns = Axes.leading.map { $0.column }

  /// The values of those columns.
  package var values: [Value] { Axes.leading.map(value) }

  /// The value of the key column of an axis.
  package func value(on axis: any Axis.Type) -> Value { choices.value(on: axis) }

  /// Fits the student to every context of the teacher: together if they share parameters or a loss,
  /// else one after the other.
  ///
  /// - Parameters:
  ///   - seed: the seed of the initial parameters and of random teachers.
  ///   - measurement: what is measured.
  /// - Returns: the trajectories, one a context.
  /// - Throws: as `FitBatch.init` and `FitBatch.run`.
  package func trajectories(seed: UInt64, _ measurement: Measurement) throws -> [Trajectory] {
    try contextGroups.flatMap {
      try FitBatch(self, contexts: $0, seeds: [seed]).run(measurement)
    }
  }

  /// The trajectory of the only context, or of the first; otherwise as `trajectories(seed:_:)`.
  package func trajectory(seed: UInt64, _ measurement: Measurement) throws -> Trajectory {
    try FitBatch(self, contexts: contextGroups[0], seeds: [seed]).run(measurement)[0]
  }
}
