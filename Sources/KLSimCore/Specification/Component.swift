// SPDX-License-Identifier: GPL-3.0-or-later

/// Anything that users choose by name, such as a teacher or an objective.
public protocol Component: Sendable {
  /// The name in specifications and in output.
  static var name: String { get }
  /// A description of one line.
  static var summary: String { get }
  /// The formula, one or more lines; empty if the summary says it.
  static var formula: String { get }
  /// The source, such as a paper and its equation; empty for the obvious.
  static var reference: String { get }
  /// The keys of its specification, in the order of the canonical form.
  static var parameters: [any ParameterDeclaration] { get }
  /// The keys of its kind that it does not take.
  static var refusedParameters: [String] { get }
  /// Makes the component from checked values.
  ///
  /// - Throws: `SpecificationError` if the values are inconsistent, or what a file's reader throws.
  init(_ values: Parameters) throws
}

extension Component {
  public static var formula: String { "" }
  public static var reference: String { "" }
  public static var parameters: [any ParameterDeclaration] { [] }
  public static var refusedParameters: [String] { [] }
}

/// A component with the canonical specification that makes it.
public struct Chosen<Choice: Sendable>: Sendable {
  /// The canonical specification.
  public let specification: String
  /// The component.
  public let component: Choice

  /// Pairs a component with its specification.
  ///
  /// - Parameters:
  ///   - specification: the canonical text.
  ///   - component: the component.
  public init(specification: String, component: Choice) {
    self.specification = specification
    self.component = component
  }
}
