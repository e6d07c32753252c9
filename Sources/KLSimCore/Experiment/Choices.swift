// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// A choice on every axis of a kind of experiment.
package struct Choices: Sendable {
  /// By the name of the axis.
  private var choices: [String: Chosen<any Sendable>] = [:]

  /// No choice yet, to be completed axis by axis.
  package init() {}

  /// The given choices, and the first default of all other axes.
  ///
  /// - Parameters:
  ///   - given: specifications by the name of their axis.
  ///   - axes: the axes.
  ///   - reader: reads the files that specifications name.
  /// - Throws: `SpecificationError`, or what the reader throws.
  package init(
    _ given: [String: String?], on axes: [any Axis.Type], reader: any NumberReader = NoFiles()
  ) throws {
    self = try axes.reduce(Choices()) { choices, axis in
      let text = (given[axis.name] ?? nil) ?? axis.defaults(after: choices)[0]
      return choices.adding(try axis.choice(text, reader: reader, kernels: .best), on: axis)
    }
  }

  /// The same with a choice on an axis.
  ///
  /// - Parameters:
  ///   - choice: what `Axis.choice` gives.
  ///   - axis: the axis.
  /// - Returns: all choices.
  package func adding(_ choice: Chosen<any Sendable>, on axis: any Axis.Type) -> Choices {
    var choices = self
    choices.choices[axis.name] = choice
    return choices
  }

  /// The choice on an axis.
  ///
  /// - Precondition: there is one.
  package subscript<Kind: Axis>(axis: Kind.Type) -> Chosen<Kind.Value> {
    guard let choice = choices[axis.name]?.component as? Chosen<Kind.Value> else {
      preconditionFailure("a choice of the \(axis.name)")
    }
    return choice
  }

  /// The canonical specification of the choice on an axis.
  package func specification(on axis: any Axis.Type) -> String {
    choices[axis.name]?.specification ?? ""
  }

  /// Whether the choice on an axis differs from the axis's only default.
  package func departs(on axis: any Axis.Type) -> Bool {
    axis.defaults(after: self) != [specification(on: axis)]
  }

  /// The value of the key column of an axis.
  package func value(on axis: any Axis.Type) -> Value {
    axis.column.value(of: specification(on: axis))
  }
}
