// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// A dimension in which runs differ, such as the teacher or the learning rate.
///
/// Options, defaults, the product of choices, key columns, comparison, pairing and the reuse of initial
/// parameters derive from it. To add one, write a type and name it in `Axes.all`.
package protocol Axis: Sendable {
  /// The type of a choice.
  associatedtype Value: Sendable

  /// The name of the option, without dashes.
  static var name: String { get }
  /// The key column with the choice.
  static var column: Column { get }
  /// The placeholder for a choice in the help, such as `spec`.
  static var valueName: String { get }
  /// What is chosen, with examples and the default, one line of help.
  static var help: String { get }
  /// How a choice is written.
  static var forms: [ChoiceForm] { get }
  /// Whether the key column stands at the end of a table, and only if a run departs from the default:
  /// true for axes that are younger than the format of the tables.
  static var isAddition: Bool { get }
  /// Whether the initial parameters depend on it.
  static var decidesStart: Bool { get }
  /// Whether runs that differ in nothing else are compared with each other.
  static var isCompared: Bool { get }
  /// Whether the best choice differs from objective to objective, as that of a learning rate does.
  static var isTuned: Bool { get }

  /// The choices if none is given.
  ///
  /// - Parameter choices: the choices on the axes before this one.
  /// - Returns: specifications, at least one.
  static func defaults(after choices: Choices) -> [String]

  /// Reads a choice.
  ///
  /// - Parameters:
  ///   - text: the specification.
  ///   - reader: reads the files it names.
  ///   - kernels: the kernels for a teacher or student.
  /// - Returns: the choice with its canonical specification.
  /// - Throws: `SpecificationError`, or what the reader throws.
  static func choose(
    _ text: String, reader: any NumberReader, kernels: VectorKernels
  ) throws -> Chosen<Value>
}

extension Axis {
  package static var valueName: String { "spec" }
  package static var isAddition: Bool { false }
  package static var decidesStart: Bool { false }
  package static var isCompared: Bool { false }
  package static var isTuned: Bool { false }

  /// Reads a choice, whose type is left open; otherwise as `choose(_:reader:kernels:)`.
  package static func choice(
    _ text: String, reader: any NumberReader, kernels: VectorKernels
  ) throws -> Chosen<any Sendable> {
    do {
      let chosen = try choose(text, reader: reader, kernels: kernels)
      return Chosen(specification: chosen.specification, component: chosen)
    } catch SpecificationError.unreadable(text, let expected, _) {
      throw SpecificationError.unreadable(text, expected: expected, axis: name)
    }
  }
}

/// An axis whose choices are the components of one kind.
package protocol ComponentAxis: Axis {
  /// What makes the choices.
  static var kind: any Kind<Value> { get }
}

extension ComponentAxis {
  package static var forms: [ChoiceForm] { [.component(kind)] }

  package static func choose(
    _ text: String, reader: any NumberReader, kernels: VectorKernels
  ) throws -> Chosen<Value> {
    try kind(text, reader: reader, kernels: kernels)
  }
}

/// All axes, in the order of key columns and of products.
package enum Axes {
  package static let all: [any Axis.Type] = [
    TeacherAxis.self, StudentAxis.self, ObjectiveAxis.self, OptimizerAxis.self,
    LearningRateAxis.self, InitializationAxis.self, ScheduleAxis.self, BatchAxis.self,
    SamplingAxis.self, AccumulateAxis.self, ClipAxis.self, HeldOutAxis.self,
  ]

  /// The axes whose key columns stand at the front of every table.
  package static let leading = all.filter { !$0.isAddition }

  /// The key columns of specifications, which explain themselves without a name.
  package static let specificationColumns = Set(
    leading.map { $0.column }.filter { $0.kind == .text }.map(\.name))

  /// A value of a key column in words, with the name of the column unless the value explains itself.
  package static func words(_ column: String, _ value: String) -> String {
    let name = column.split(separator: "_").joined(separator: " ")
    guard !value.isEmpty else { return "no \(name)" }
    if column == Column.epoch.name, let epoch = Double(value) {
      return "\(name) \(RunLength.words(epoch: epoch))"
    }
    return specificationColumns.contains(column)
      || ["claim", "signal", Column.split.name].contains(column)
      ? value : "\(name) \(value)"
  }

  /// The canonical form of a value of a key column, as records have it.
  ///
  /// - Parameters:
  ///   - text: the value as a user writes it, such as `forward-kl`.
  ///   - column: the key column.
  ///   - axes: the axes of the table.
  /// - Returns: the canonical specification, such as `fkl`; the text if it is none that can be made
  ///   without files.
  /// - Throws: `SpecificationError.ambiguousName`.
  package static func canonical(
    _ text: String, in column: String, of axes: [any Axis.Type]
  ) throws(SpecificationError) -> String {
    do {
      if column == Column.head.name { return try Catalog.head(text).specification }
      guard let axis = axes.first(where: { $0.column.name == column }) else { return text }
      return try axis.choice(text, reader: NoFiles(), kernels: .best).specification
    } catch let error as SpecificationError {
      if case .ambiguousName = error { throw error }
      return text
    } catch {
      return text
    }
  }
}

/// The teacher p.
package enum TeacherAxis: ComponentAxis {
  package typealias Value = TeacherRecipe
  package static let name = "teacher"
  package static let column = Column(key: "teacher", .text, "specification of the teacher p")
  package static let help = "Teacher: longtail, zipf:size=32000, … (default: longtail)"
  package static let decidesStart = true
  package static var kind: any Kind<Value> { Catalog.teacher }
  package static func defaults(after choices: Choices) -> [String] { [LongTailTeacher.name] }
}

/// How the student q is parametrised.
package enum StudentAxis: ComponentAxis {
  package typealias Value = any Student
  package static let name = "student"
  package static let column = Column(key: "student", .text, "specification of the student q")
  package static let help = "Student: softmax, gaussian:mean=20:width=5, … (default: softmax)"
  package static let decidesStart = true
  package static var kind: any Kind<Value> { Catalog.student }
  package static func defaults(after choices: Choices) -> [String] { [SoftmaxStudent.name] }
}

/// What is minimised.
package enum ObjectiveAxis: ComponentAxis {
  package typealias Value = ObjectiveRecipe
  package static let name = "objective"
  package static let column = Column.objective
  package static let help = "Objective: fkl, mix:lambda=0.9, … (default: fkl,rkl)"
  package static let isCompared = true
  package static var kind: any Kind<Value> { Catalog.objective }
  package static func defaults(after choices: Choices) -> [String] {
    [ForwardKL.name, ReverseKL.name]
  }
}

/// How the parameters are updated.
package enum OptimizerAxis: ComponentAxis {
  package typealias Value = any Optimizer
  package static let name = "optimizer"
  package static let column = Column(key: "optimizer", .text, "specification of the optimizer")
  package static let help = "Optimizer: adam, sgd:momentum=0.9, … (default: adam)"
  package static let isTuned = true
  package static var kind: any Kind<Value> { Catalog.optimizer }
  package static func defaults(after choices: Choices) -> [String] { [Adam.name] }
}

/// The step size before the schedule.
package enum LearningRateAxis: Axis {
  package static let name = "learning-rate"
  package static let column = Column(key: "learning_rate", .number, "learning rate")
  package static let valueName = "x"
  package static let help = "Learning rate, before the schedule. (default: 0.2)"
  package static let forms = [ChoiceForm.number(from: 0)]
  package static let isTuned = true
  package static func defaults(after choices: Choices) -> [String] { ["0.2"] }

  package static func choose(
    _ text: String, reader: any NumberReader, kernels: VectorKernels
  ) throws -> Chosen<Double> {
    guard let rate = Double(text), rate.isFinite, rate >= 0 else {
      throw SpecificationError.unreadable(
        text, expected: "a learning rate: a finite number of at least 0")
    }
    return Chosen(specification: rate.description, component: rate)
  }
}

/// The student's initial logits or parameters.
package enum InitializationAxis: ComponentAxis {
  package typealias Value = any Initialization
  package static let name = "init"
  package static let column = Column(key: "init", .text, "specification of the initial logits")
  package static let help =
    "Initial logits: torch-uniform, normal:sigma=3, … (default: torch-uniform; students without free"
    + " logits start where their specification says; those that contexts share also from pretrained or"
    + " file)"
  package static let decidesStart = true
  package static var kind: any Kind<Value> { Catalog.initialization }
  package static func defaults(after choices: Choices) -> [String] {
    [type(of: choices[StudentAxis.self].component).defaultInitialization]
  }
}

/// How the learning rate changes from epoch to epoch.
package enum ScheduleAxis: ComponentAxis {
  package typealias Value = ScheduleRecipe
  package static let name = "schedule"
  package static let column = Column(
    key: "schedule", .text, "specification of the learning rate's schedule")
  package static let help =
    "Schedule of the learning rate: constant, cosine:warmup=10, … (default: constant)"
  package static let isAddition = true
  package static let isTuned = true
  package static var kind: any Kind<Value> { Catalog.schedule }
  package static func defaults(after choices: Choices) -> [String] { [ConstantSchedule.name] }
}
