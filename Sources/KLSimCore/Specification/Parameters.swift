// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// A parameter whatever its type: what listing, checking and canonical forms need of it.
public protocol ParameterDeclaration: Sendable {
  var name: String { get }
  var summary: String { get }
  /// The legal values in words.
  var domainSummary: String { get }
  /// The default as a user would type it, nil if the parameter must be given.
  var defaultText: String? { get }
  /// The canonical text of a value, nil if it is not legal.
  func canonicalText(of text: String) -> String?
}

extension Parameter: ParameterDeclaration {
  public var domainSummary: String { domain.summary }
  public var defaultText: String? { defaultValue?.parameterText }
  public func canonicalText(of text: String) -> String? { value(of: text)?.parameterText }

  func value(of text: String) -> Value? {
    guard let value = Value(parameterText: text), domain.contains(value) else { return nil }
    return value
  }
}

/// The checked values of a component's parameters.
public struct Parameters: Sendable {
  /// The component's name.
  public let component: String
  /// Reads the files that values name.
  public let reader: any NumberReader
  /// The kernels for what is made of the values.
  public let kernels: VectorKernels
  private let declared: [any ParameterDeclaration]
  private let texts: [String: String]

  /// Checks a specification against what a component declares.
  ///
  /// - Parameters:
  ///   - specification: what the user wrote.
  ///   - declared: the component's parameters, in the order of its canonical form.
  ///   - reader: reads the files that values name.
  ///   - kernels: the kernels for what is made of the values.
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
          component: component, key: setting.key, known: declared.map(\.name))
      }
      guard let text = parameter.canonicalText(of: setting.value) else {
        throw .badValue(
          component: component, key: setting.key, value: setting.value,
          expected: parameter.domainSummary)
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

  /// Whether a key has another value than its default.
  func isChanged(_ key: String) -> Bool {
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
