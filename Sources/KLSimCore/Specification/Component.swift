// SPDX-License-Identifier: GPL-3.0-or-later

/// Anything a user picks by name, such as a teacher or an objective.
public protocol Component: Sendable {
  /// What the user types and the files show; written only here.
  static var name: String { get }
  /// What it is, one line.
  static var summary: String { get }
  /// What it computes, one or more lines; empty where the summary says it.
  static var formula: String { get }
  /// Where it comes from: a paper, an equation; empty for the obvious.
  static var reference: String { get }
  /// The keys of its specification, in the order of the canonical form.
  static var parameters: [any ParameterDeclaration] { get }
  /// Names of keys that its kind shares and that it does not take.
  static var refusedParameters: [String] { get }
  /// Makes the component from checked values.
  ///
  /// - Throws: `SpecificationError` if the values do not go together, or what a file's reader
  ///   throws.
  init(_ values: Parameters) throws
}

extension Component {
  public static var formula: String { "" }
  public static var reference: String { "" }
  public static var parameters: [any ParameterDeclaration] { [] }
  public static var refusedParameters: [String] { [] }
}

/// A component as it was chosen: what it is, and the canonical specification that makes it again.
public struct Chosen<Choice: Sendable>: Sendable {
  /// The canonical specification.
  public let specification: String
  /// The component.
  public let component: Choice

  /// Pairs a component with the specification that names it.
  ///
  /// - Parameters:
  ///   - specification: the canonical text.
  ///   - component: what it stands for.
  public init(specification: String, component: Choice) {
    self.specification = specification
    self.component = component
  }
}
