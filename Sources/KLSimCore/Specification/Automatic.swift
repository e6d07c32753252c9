// SPDX-License-Identifier: GPL-3.0-or-later

/// A number, or `auto` where the teacher decides it.
package enum Automatic: ParameterValue {
  case auto
  case number(Double)

  package static var expectation: String { "auto, or a number" }

  package init?(parameterText text: String) {
    if text == "auto" {
      self = .auto
    } else if let number = Double(parameterText: text) {
      self = .number(number)
    } else {
      return nil
    }
  }

  package var parameterText: String {
    switch self {
    case .auto: "auto"
    case .number(let number): number.parameterText
    }
  }

  /// The number, or what the teacher decides.
  func value(_ automatic: Double) -> Double {
    switch self {
    case .auto: automatic
    case .number(let number): number
    }
  }
}

/// Numbers with a slash between them, or `auto` where the teacher decides them.
package enum AutomaticList: ParameterValue {
  case auto
  case numbers([Double])

  package static var expectation: String { "auto, or numbers with / between them" }

  package init?(parameterText text: String) {
    if text == "auto" {
      self = .auto
    } else if let numbers = [Double](parameterText: text) {
      self = .numbers(numbers)
    } else {
      return nil
    }
  }

  package var parameterText: String {
    switch self {
    case .auto: "auto"
    case .numbers(let numbers): numbers.parameterText
    }
  }
}

extension Domain where Value == Automatic {
  static let positive = Self(summary: "auto, or a number above 0") { $0.value(1) > 0 }
}

extension Domain where Value == AutomaticList {
  static let positive = Self(summary: "auto, or numbers above 0 with / between them") {
    if case .numbers(let numbers) = $0 { numbers.allSatisfy { $0 > 0 } } else { true }
  }
}
