// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// A specification that names something unknown or gives a value that cannot be.
public enum SpecificationError: CategorizedError, Equatable {
  /// The text does not have the form of a specification.
  case malformed(String, String)
  /// The text is not what an option takes.
  case unreadable(String, expected: String)
  /// No component of the kind has the name.
  case unknownName(kind: String, name: String, known: [String])
  /// What is added has the name of something that is there.
  case nameTaken(String)
  /// The component has no such parameter.
  case unknownKey(component: String, key: String, known: [String])
  /// The value does not parse or is out of range.
  case badValue(component: String, key: String, value: String, expected: String)
  /// A parameter without a default was not given.
  case missing(component: String, key: String, expected: String)
  /// The parameters are fine one by one but not together.
  case inconsistent(component: String, String)

  public var category: ErrorCategory { .usage }

  public var description: String {
    switch self {
    case .malformed(let text, let reason):
      "'\(text)': \(reason); write name, or name:key=value:key=value, and a comma between two"
    case .unreadable(let text, let expected):
      "'\(text)' is not \(expected)"
    case .unknownName(let kind, let name, let known):
      "unknown \(kind) '\(name)'; known: \(known.joined(separator: ", "))"
    case .nameTaken(let name):
      "the name '\(name)' is taken; choose another for what you add"
    case .unknownKey(let component, let key, let known):
      known.isEmpty
        ? "\(component) has no parameter '\(key)'; it takes none"
        : "\(component) has no parameter '\(key)'; known: \(known.joined(separator: ", "))"
    case .badValue(let component, let key, let value, let expected):
      "\(component): \(key)=\(value) is not \(expected)"
    case .missing(let component, let key, let expected):
      "\(component) needs \(key)=…, \(expected)"
    case .inconsistent(let component, let reason):
      "\(component): \(reason)"
    }
  }
}
