// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
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
  /// The schedule of the learning rate.
  public var schedule: String
  /// The number of contexts of a minibatch; nil for all.
  public var batch: Int?
  /// How the contexts of a minibatch are drawn: `shuffle` or `weights`.
  public var sampling: String
  /// The share of contexts that no update uses.
  public var heldOut: Double

  /// A condition; the defaults are those of the published long-tail experiment.
  public init(
    teacher: String = "longtail", student: String = "softmax", optimizer: String = "adam",
    learningRate: Double = 0.2, initialization: String = "torch-uniform",
    schedule: String = "constant", batch: Int? = nil, sampling: String = "shuffle",
    heldOut: Double = 0
  ) {
    self.teacher = teacher
    self.student = student
    self.optimizer = optimizer
    self.learningRate = learningRate
    self.initialization = initialization
    self.schedule = schedule
    self.batch = batch
    self.sampling = sampling
    self.heldOut = heldOut
  }

  /// The specifications by the name of their axis.
  private var choices: [String: String] {
    [
      TeacherAxis.name: teacher, StudentAxis.name: student, OptimizerAxis.name: optimizer,
      LearningRateAxis.name: learningRate.description, InitializationAxis.name: initialization,
      ScheduleAxis.name: schedule, BatchAxis.name: batch?.description ?? "all",
      SamplingAxis.name: sampling, HeldOutAxis.name: heldOut == 0 ? "0" : heldOut.description,
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

  /// The axes of the key columns that every table has, in order.
  package static let axes = Axes.leading.filter { !$0.isCompared }

  /// The axes of the key columns of a table: those of every table, and those on which one of its conditions
  /// departs from the default.
  package static func axes(of conditions: some Sequence<Condition>) -> [any Axis.Type] {
    let standard = Condition().choices
    let all = conditions.map(\.choices)
    return axes
      + Axes.all.filter { axis in
        axis.isAddition && all.contains { $0[axis.name] != standard[axis.name] }
      }
  }

  /// The values of the key columns of some axes.
  package func values(on axes: [any Axis.Type] = axes) -> [Value] {
    let choices = choices
    return axes.map { $0.column.value(of: choices[$0.name]) }
  }

  /// Optimizer and learning rate in a sentence.
  var training: String { "\(optimizer) at \(digits(learningRate))" }

  /// Teacher, optimizer and learning rate in a sentence.
  var place: String { "on \(teacher) with \(training)" }

  /// All of it in a sentence; what is usual is left out: a softmax, updates by all contexts.
  public var words: String {
    let student = student == SoftmaxStudent.name ? [] : [student]
    let others = Self.axes(of: [self]).filter { $0.isAddition }.map {
      "\($0.name) \(choices[$0.name] ?? "")"
    }
    return ([teacher] + student + [training, initialization] + others).joined(separator: ", ")
  }
}
