// SPDX-License-Identifier: GPL-3.0-or-later

/// The target of an objective: a token, also called the label.
package enum TargetToken: ParameterValue {
  /// The teacher's most probable token.
  case argmax
  /// A token by its index.
  case token(Int)

  package static var expectation: String { "argmax or a token's index, from 0 on" }

  package init?(parameterText text: String) {
    if text == "argmax" {
      self = .argmax
    } else if let token = Int(text), token >= 0 {
      self = .token(token)
    } else {
      return nil
    }
  }

  package var parameterText: String {
    switch self {
    case .argmax: "argmax"
    case .token(let token): "\(token)"
    }
  }

  /// Its rank under a teacher that has it.
  func rank(under teacher: TeacherDistribution) -> Int {
    switch self {
    case .argmax: 0
    case .token(let token): teacher.ranks[token]
    }
  }

  /// Refuses a teacher that does not have it.
  func check(_ teacher: TeacherDistribution) throws(BindingError) {
    guard case .token(let token) = self, token >= teacher.size else { return }
    throw .unsuitable(
      reason: "target=\(token) is not a token; the teacher has \(teacher.size), counted from 0")
  }
}

/// An objective with a target token y.
protocol TargetedObjective: Objective {
  /// The token y.
  var target: TargetToken { get }
}

extension TargetedObjective {
  package func check(_ teacher: TeacherDistribution) throws(BindingError) {
    try target.check(teacher)
    try checkSupport(of: teacher)
  }
}

extension Parameter<TargetToken> {
  /// The `target` of an objective.
  static let target = Parameter(
    "target", default: .argmax, summary: "the token y; argmax is the teacher's most probable one")
}
