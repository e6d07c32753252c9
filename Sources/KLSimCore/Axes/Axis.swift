// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// A dimension in which runs differ, such as the teacher or the learning rate.
///
/// It is declared once: options, defaults, the product of choices, key columns, comparison, pairing and
/// the reuse of starts derive from it. To add one, write a file and a line in `Axes.all`.
package protocol Axis: Sendable {
  /// What a choice is.
  associatedtype Value: Sendable

  /// What a user types, without dashes.
  static var name: String { get }
  /// The key column that tells the choice.
  static var column: Column { get }
  /// What a choice is called in help, such as `spec`.
  static var valueName: String { get }
  /// What it chooses, with examples and the default, one line of help.
  static var help: String { get }
  /// Whether its key column stands at the end of a table, and only where a run departs from the
  /// default: so it is with axes that came after the format of the tables.
  static var isAddition: Bool { get }
  /// Whether the student's start depends on it.
  static var decidesStart: Bool { get }
  /// Whether runs that differ in nothing else are compared with each other.
  static var isCompared: Bool { get }

  /// The choices where nothing is asked for.
  ///
  /// - Parameter setup: what is chosen on the axes before this one.
  /// - Returns: specifications, at least one.
  static func defaults(after setup: Setup) -> [String]

  /// Makes a choice of what a user typed.
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

  /// A choice whatever its axis, as a user typed it.
  package static func choice(
    _ text: String, reader: any NumberReader = NoFiles(), kernels: VectorKernels = .best
  ) throws -> AxisChoice {
    AxisChoice(Self.self, try choose(text, reader: reader, kernels: kernels))
  }
}

/// A choice as a setup keeps it, whatever its axis.
protocol AxisValue: Sendable {
  var specification: String { get }
}

extension Chosen: AxisValue {}

/// A choice on one of the axes.
package struct AxisChoice: Sendable {
  /// The canonical specification.
  package let specification: String
  private let set: @Sendable (inout Setup) -> Void

  /// A choice on an axis.
  package init<Kind: Axis>(_ axis: Kind.Type, _ chosen: Chosen<Kind.Value>) {
    specification = chosen.specification
    set = { $0[axis] = chosen }
  }

  /// Takes it.
  ///
  /// - Parameter setup: what is chosen on other axes.
  /// - Returns: the same with this choice.
  package func added(to setup: Setup) -> Setup {
    var setup = setup
    set(&setup)
    return setup
  }
}

/// Every axis, in one place: the order of key columns and of products.
package enum Axes {
  package static let all: [any Axis.Type] = [
    TeacherAxis.self, StudentAxis.self, ObjectiveAxis.self, OptimizerAxis.self,
    LearningRateAxis.self, InitializationAxis.self, ScheduleAxis.self,
  ]

  /// Those whose key columns stand at the front of every table.
  package static let leading = all.filter { !$0.isAddition }
}
