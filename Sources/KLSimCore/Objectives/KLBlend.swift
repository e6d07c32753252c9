// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// An objective that is a weighted sum of forward and reverse KL.
///
///     L = a·FKL + b·RKL + c
///     ∂L/∂z = a (q − p) + b q ∘ ((log q − log p) − RKL)       a, b held constant
public protocol KLBlend: Objective, ObjectiveEvaluator {
  /// How the weights a and b come about.
  var rule: BlendRule { get }

  /// The constant c, which has no gradient.
  func offset(for teacher: TeacherDistribution) -> Double
}

/// How the weights of forward and of reverse KL in a blend come about.
public enum BlendRule: Sendable {
  /// The same in every state.
  case fixed(forward: Double, reverse: Double)
  /// `a = s_head / (s_head + s_tail)`, `b = 1 − a`, with s = Σ |p − q|; ½ each where both are 0.
  case adaptive(MassHead)

  /// The weights in a state.
  fileprivate func weights(at state: FitState) -> (forward: Double, reverse: Double) {
    switch self {
    case .fixed(let forward, let reverse):
      return (forward, reverse)
    case .adaptive(let head):
      let error = state.headTailErrors(headCounts: [head.headCount(of: state.teacher)])[0]
      return (error.headWeight, 1 - error.headWeight)
    }
  }

  /// The loss of known divergences; a term of weight 0 is left out, for it may be infinite.
  static func loss(
    forward: Double, reverse: Double, forwardKL: Double, reverseKL: Double
  ) -> Double {
    (forward == 0 ? 0 : forward * forwardKL) + (reverse == 0 ? 0 : reverse * reverseKL)
  }
}

extension KLBlend {
  public func offset(for teacher: TeacherDistribution) -> Double { 0 }

  /// The weights a and b in a state.
  public func weights(at state: FitState) -> (forward: Double, reverse: Double) {
    rule.weights(at: state)
  }

  public var views: [FitState.View] {
    guard case .fixed(let forward, let reverse) = rule else { return [] }
    let blend = TokenTerm.blend(forward: forward, reverse: reverse)
    return [FitState.View(temperature: 1, term: WeightedTerm(blend))]
  }

  public func loss(at state: FitState, gradient: inout [Double]) -> Double {
    let weights = weights(at: state)
    let blend = TokenTerm.blend(forward: weights.forward, reverse: weights.reverse)
    _ = state.sum(of: [WeightedTerm(blend)], gradient: &gradient)
    return offset(for: state.teacher)
      + BlendRule.loss(
        forward: weights.forward, reverse: weights.reverse, forwardKL: state.forwardKL,
        reverseKL: state.reverseKL)
  }
}
