// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// A token that an objective singles out: the label.
public enum TargetToken: ParameterValue {
  /// The teacher's most probable token.
  case argmax
  /// A token by its index.
  case token(Int)

  public static var expectation: String { "argmax or a token's index, from 0 on" }

  public init?(parameterText text: String) {
    if text == "argmax" {
      self = .argmax
    } else if let token = Int(text), token >= 0 {
      self = .token(token)
    } else {
      return nil
    }
  }

  public var parameterText: String {
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

  /// Why a teacher does not have it, nil if it does.
  func refusal(of teacher: TeacherDistribution) -> String? {
    guard case .token(let token) = self, token >= teacher.size else { return nil }
    return "target=\(token) is not a token; the teacher has \(teacher.size), counted from 0"
  }
}

/// An objective that singles out a token y.
protocol TargetedObjective: Objective {
  /// The token y.
  var target: TargetToken { get }
}

extension TargetedObjective {
  public func refusal(of teacher: TeacherDistribution) -> String? {
    target.refusal(of: teacher)
  }
}

extension Parameter<TargetToken> {
  /// The `target` of an objective.
  static let target = Parameter(
    "target", default: .argmax, summary: "the token y; argmax is the teacher's most probable one")
}

/// What is left of a distribution without one token y.
struct NonTarget {
  /// `log(1 − p_y)`, exact however small it is; −∞ where no other token has mass.
  let logMass: Double
  /// `1 − p_y`.
  let mass: Double

  /// Finds the distribution of the others.
  ///
  /// - Parameters:
  ///   - rank: where y is.
  ///   - p: the distribution.
  ///   - logP: its logarithms.
  ///   - kernels: who does the arithmetic.
  ///   - logs: receives `log p̂`, −∞ at y.
  ///   - values: receives `p̂ = p/(1 − p_y)`, 0 at y; all 0 where no other token has mass.
  init(
    without rank: Int, of p: [Double], _ logP: [Double], kernels: VectorKernels,
    logs: inout [Double], values: inout [Double]
  ) {
    kernels.combine(1, p, 0, p, into: &values)
    values[rank] = 0
    let sum = kernels.total(of: values)
    // So far down, what is summed has lost digits or is gone, and only the logarithms know.
    if sum > 1e-280 {
      // Relative to the largest: where that is nearly all, its logarithm keeps its digits.
      let most = max(
        kernels.maximum(of: logP, over: 0..<rank),
        kernels.maximum(of: logP, over: rank + 1..<logP.count))
      let excess = logarithms([sum / kernels.maximum(of: values, over: values.indices)])[0]
      mass = sum
      logMass = most + excess
      kernels.scale(&values, by: 1 / sum)
      kernels.shift(logP, by: -most, into: &logs)
      kernels.shift(&logs, by: -excess)
      logs[rank] = -.infinity
      return
    }
    var others = logP
    others[rank] = -.infinity
    if others.contains(where: { $0 != -.infinity }) {
      logMass = kernels.softmax(others, logProbabilities: &logs, probabilities: &values)
    } else {
      logMass = -.infinity
      logs = others
    }
    mass = exponentials([logMass])[0]
  }
}
