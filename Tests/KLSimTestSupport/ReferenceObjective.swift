// SPDX-License-Identifier: GPL-3.0-or-later

/// An objective straight from its formula, slow and plain.
public struct ReferenceObjective: Sendable {
  /// What an objective is at one point.
  public struct Value: Sendable {
    public let loss: Double
    /// `∂L/∂z` by token, weights that depend on the student held constant.
    public let gradient: [Double]
    /// How far one rounding of log p and of log q, at the size of the numbers they come from,
    /// moves a component: more than the last bits where it is a difference of almost equals.
    public let rounding: Double
  }

  private let name: String
  private let settings: [String: String]

  /// The names for which there is a formula.
  public static let names = ["fkl", "rkl", "soft-ce", "mix", "jeffreys", "akl"]

  /// The objective of a specification, nil if there is no formula for its name.
  public init?(_ specification: String) {
    let items = specification.split(separator: ":").map(String.init)
    guard let first = items.first, Self.names.contains(first) else { return nil }
    name = first
    settings = items.dropFirst().reduce(into: [:]) { settings, item in
      let pair = item.split(separator: "=").map(String.init)
      settings[pair[0]] = pair[1]
    }
  }

  /// The weights of forward and reverse KL.
  public func weights(at state: ReferenceState) -> (forward: Wide, reverse: Wide) {
    switch name {
    case "fkl", "soft-ce":
      return (1, 0)
    case "rkl":
      return (0, 1)
    case "jeffreys":
      return (1, 1)
    case "mix":
      let lambda = Wide(number("lambda") ?? 0.5)
      return (1 - lambda, lambda)
    default:
      let head = state.head(
        mu: number("mu") ?? 0.5, inclusive: settings["head-rule"] == "inclusive")
      let headError = state.error(over: head)
      let tailError = state.error(over: state.tokens.subtracting(head))
      let total = headError + tailError
      return total == 0 ? (0.5, 0.5) : (headError / total, tailError / total)
    }
  }

  /// What `reduction` multiplies loss and gradient by.
  public func scale(size: Int) -> Wide {
    settings["reduction"] == "mean" ? 1 / Wide(size) : 1
  }

  private func number(_ key: String) -> Double? { settings[key].flatMap { Double($0) } }

  /// The value in a state.
  ///
  /// - Parameters:
  ///   - state: teacher and student.
  ///   - reach: the size of the largest logit and of the largest log weight.
  /// - Returns: loss, gradient and rounding, after the reduction.
  public func value(at state: ReferenceState, reach: Double) -> Value {
    let (a, b) = weights(at: state)
    let forward = state.forwardKL
    let reverse = state.reverseKL
    let scale = scale(size: state.p.count)
    var loss = name == "soft-ce" ? state.teacherEntropy : 0
    if a != 0 { loss += a * forward }
    if b != 0 { loss += b * reverse }
    var gradient: [Double] = []
    var sensitivity: Wide = 0
    for token in state.p.indices {
      let (p, q) = (state.p[token], state.q[token])
      var slope: Wide = 0
      if a != 0 {
        slope += a * (q - p)
        sensitivity = max(sensitivity, a * (q + p))
      }
      if b != 0 {
        let logRatio = state.logQ[token] - state.logP[token]
        slope += b * q * (logRatio - reverse)
        sensitivity = max(sensitivity, b * q * (1 + abs(logRatio) + reverse))
      }
      gradient.append(Double(scale * slope))
    }
    let rounding = Double(scale * sensitivity) * (1 + reach) * 0x1p-53
    return Value(loss: Double(scale * loss), gradient: gradient, rounding: rounding)
  }
}
