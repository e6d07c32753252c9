// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// The checked values of a component's parameters.
public struct Parameters: Sendable {
  /// The component's name.
  public let component: String
  /// The reader of the files that values name.
  public let reader: any NumberReader
  /// The vector kernels for the component's arithmetic.
  public let kernels: VectorKernels
  private let declared: [any ParameterDeclaration]
  private let texts: [String: String]

  /// Checks a specification against what a component declares.
  ///
  /// - Parameters:
  ///   - specification: what the user wrote.
  ///   - declared: the component's parameters, in the order of its canonical form.
  ///   - reader: reads the files that values name.
  ///   - kernels: the vector kernels for the component's arithmetic.
  /// - Throws: `SpecificationError` for an unknown key, an illegal value or a missing parameter.
  package init(
    _ specification: Specification, declared: [any ParameterDeclaration],
    reader: any NumberReader, kernels: VectorKernels = .best
  ) throws(SpecificationError) {
    component = specification.name
    self.reader = reader
    self.kernels = kernels
    self.declared = declared
    var texts: [String: String] = [:]
    for setting in specification.settings {
      guard let parameter = declared.first(where: { $0.name == setting.key }) else {
        throw .unknownKey(
          component: component, key: setting.key, known: declared.map(\.name),
          meant: specification.quotingNested(declared)?.text)
      }
      guard let text = parameter.canonicalText(of: setting.value) else {
        throw .badValue(
          component: component, key: setting.key, value: setting.value,
          expected: parameter.domainSummary + parameter.names.suggestion(for: setting.value))
      }
      texts[setting.key] = text
    }
    for parameter in declared where texts[parameter.name] == nil && parameter.defaultText == nil {
      throw .missing(
        component: component, key: parameter.name, expected: parameter.domainSummary)
    }
    self.texts = texts
  }

  /// The value given, or else the default.
  public subscript<Value>(parameter: Parameter<Value>) -> Value {
    let given = texts[parameter.name].flatMap { parameter.value(of: $0) }
    guard let value = given ?? parameter.defaultValue else {
      preconditionFailure("\(component) did not declare the parameter \(parameter.name)")
    }
    return value
  }

  /// Whether the value of a key differs from its default.
  package func isChanged(_ key: String) -> Bool {
    canonical.settings.contains { $0.key == key }
  }

  /// The name and the values that differ from their defaults, in declared order.
  package var canonical: Specification {
    Specification(
      name: component,
      settings: declared.compactMap { parameter in
        guard let text = texts[parameter.name], text != parameter.defaultText else { return nil }
        return (parameter.name, text)
      })
  }
}
