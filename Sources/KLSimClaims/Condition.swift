// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore
public import KLSimStudies

/// What is held fixed while a claim is put to the test: everything but objective, epochs and seed.
public struct Condition: Hashable, Sendable {
  /// Specifications as a user writes them, by the name of their axis; an axis without one takes its
  /// default.
  private var choices: [String: String]

  /// A condition; the defaults are those of the published long-tail experiment.
  public init(
    teacher: String = "longtail", student: String = "softmax", optimizer: String = "adam",
    learningRate: Double = 0.2, initialization: String = "torch-uniform"
  ) {
    choices = [
      TeacherAxis.name: teacher, StudentAxis.name: student, OptimizerAxis.name: optimizer,
      LearningRateAxis.name: learningRate.description, InitializationAxis.name: initialization,
    ]
  }

  /// The specification on an axis, nil for the axis's default.
  package subscript(axis: any Axis.Type) -> String? {
    get { choices[axis.name] }
    set { choices[axis.name] = newValue }
  }

  /// p.
  public var teacher: String { self[TeacherAxis.self] ?? "" }
  /// How q is parametrised.
  public var student: String { self[StudentAxis.self] ?? "" }
  /// How the parameters are moved.
  public var optimizer: String { self[OptimizerAxis.self] ?? "" }
  /// The step size.
  public var learningRate: Double {
    get { self[LearningRateAxis.self].flatMap { Double($0) } ?? .nan }
    set { self[LearningRateAxis.self] = newValue.description }
  }
  /// Where the student starts.
  public var initialization: String { self[InitializationAxis.self] ?? "" }

  /// The runs of this condition under some objectives.
  ///
  /// - Parameters:
  ///   - objectives: their specifications.
  ///   - epochs: how many updates.
  ///   - seeds: the seeds.
  /// - Returns: the study.
  public func study(objectives: [String], epochs: Int, seeds: Range<UInt64> = 1..<2) -> Study {
    var own = choices.mapValues { [$0] }
    own[ObjectiveAxis.name] = objectives
    return Study(own, epochs: epochs, seeds: seeds)
  }

  /// The setup of this condition under an objective.
  ///
  /// - Parameters:
  ///   - objective: its specification.
  ///   - epochs: how many updates.
  /// - Returns: the setup.
  /// - Throws: `SpecificationError`.
  package func setup(objective: String, epochs: Int) throws -> Setup {
    try study(objectives: [objective], epochs: epochs).setups()[0]
  }

  /// The axes of the key columns that a condition fills.
  private static let axes = Axes.leading.filter { !$0.isCompared }

  /// Those columns, in order.
  public static let columns = axes.map { $0.column }

  /// The values of those columns.
  public var values: [Value] { Self.axes.map { $0.column.value(of: self[$0]) } }

  /// How a sentence names optimizer and learning rate.
  var training: String { "\(optimizer) at \(digits(learningRate))" }

  /// How a sentence names teacher, optimizer and learning rate.
  var place: String { "on \(teacher) with \(training)" }

  /// How a sentence names it.
  public var words: String {
    let student = student == SoftmaxStudent.name ? [] : [student]
    return ([teacher] + student + [training, initialization])
      .joined(separator: ", ")
  }
}
