// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimStudies
public import KLSimCore

/// What is held fixed while a claim is put to the test: everything but objective, epochs and seed.
public struct Condition: Hashable, Sendable {
  /// Specifications, as a user writes them.
  public var teacher: String
  public var student: String
  public var optimizer: String
  public var learningRate: Double
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

  /// The runs of this condition under an objective.
  ///
  /// - Parameters:
  ///   - objective: its specification.
  ///   - epochs: how many updates.
  /// - Returns: the setup.
  /// - Throws: `SpecificationError`.
  public func setup(objective: String, epochs: Int) throws -> Setup {
    Setup(
      teacher: try Catalog.teacher(teacher), student: try Catalog.student(student),
      objective: try Catalog.objective(objective), optimizer: try Catalog.optimizer(optimizer),
      learningRate: learningRate, initialization: try Catalog.initialization(initialization),
      epochs: epochs)
  }

  /// The key columns that a condition fills, in order.
  public static let columns = Setup.columns.filter { $0.name != "objective" }

  /// The values of those columns.
  public var values: [Value] {
    [
      .text(teacher), .text(student), .text(optimizer), .number(learningRate),
      .text(initialization),
    ]
  }

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
