// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore
public import KLSimStudies

/// The fixed part of a claim's runs: everything but objective, epochs and seed.
///
/// Components are given by their specifications.
public struct Condition: Hashable, Sendable {
  /// The teacher, p.
  public var teacher: String
  /// The student: how q is parametrised.
  public var student: String
  /// The optimizer.
  public var optimizer: String
  /// The learning rate.
  public var learningRate: Double
  /// The initialization of the student.
  public var initialization: String

  /// A condition; the defaults are those of the published long-tail experiment.
  public init(
    teacher: String = "longtail", student: String = "softmax", optimizer: String = "adam",
    learningRate: Double = 0.2, initialization: String = "torch-uniform"
  ) {
    self.teacher = teacher
    self.student = student
    self.optimizer = optimizer
    self.learningRate = learningRate
    self.initialization = initialization
  }

  /// The specifications by the name of their axis.
  private var choices: [String: String] {
    [
      TeacherAxis.name: teacher, StudentAxis.name: student, OptimizerAxis.name: optimizer,
      LearningRateAxis.name: learningRate.description, InitializationAxis.name: initialization,
    ]
  }

  /// The runs of this condition under some objectives.
  ///
  /// - Parameters:
  ///   - objectives: their specifications.
  ///   - epochs: the number of updates.
  ///   - seeds: the seeds.
  /// - Returns: the study.
  public func study(objectives: [String], epochs: Int, seeds: Range<UInt64> = 1..<2) -> Study {
    var choices = choices.mapValues { [$0] }
    choices[ObjectiveAxis.name] = objectives
    return Study(choices, epochs: epochs, seeds: seeds)
  }

  /// The setup of this condition under one objective.
  ///
  /// - Throws: `SpecificationError`.
  package func setup(objective: String, epochs: Int) throws -> Setup {
    try study(objectives: [objective], epochs: epochs).setups()[0]
  }

  private static let axes = Axes.leading.filter { !$0.isCompared }

  /// The key columns of a condition, in order.
  public static let columns = axes.map { $0.column }

  /// The values of those columns.
  public var values: [Value] {
    let choices = choices
    return Self.axes.map { $0.column.value(of: choices[$0.name]) }
  }

  /// Optimizer and learning rate in a sentence.
  var training: String { "\(optimizer) at \(digits(learningRate))" }

  /// Teacher, optimizer and learning rate in a sentence.
  var place: String { "on \(teacher) with \(training)" }

  /// All of it in a sentence; the student only if it is not a softmax.
  public var words: String {
    let student = student == SoftmaxStudent.name ? [] : [student]
    return ([teacher] + student + [training, initialization]).joined(separator: ", ")
  }
}
