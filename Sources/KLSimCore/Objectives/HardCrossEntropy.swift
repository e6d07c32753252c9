// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// Cross entropy with one token as the target.
///
///     L = −log q_y          nats
///     ∂L/∂z = q − e_y
package struct HardCrossEntropy: TargetedObjective, ObjectiveEvaluator {
  package static let name = "ce"
  package static let summary = "hard cross entropy, -log q of one token"
  package static let formula = "L = -log q_y;  g = q - e_y"

  package static let parameters: [any ParameterDeclaration] = [Parameter<TargetToken>.target]

  let target: TargetToken

  package init(_ values: Parameters) { target = values[.target] }

  package func loss(at state: FitState, gradient: inout [Double]) -> Double {
    let rank = target.rank(under: state.teacher)
    state.kernels.combine(1, state.probabilities, 0, state.probabilities, into: &gradient)
    gradient[rank] = Self.slope(of: rank, at: state)
    return -state.logProbabilities[rank]
  }

  /// `q_y − 1`, from the other tokens where q_y is near 1.
  static func slope(of rank: Int, at state: FitState) -> Double {
    let q = state.probabilities
    guard q[rank] > 0.5 else { return q[rank] - 1 }
    return -state.kernels.total(of: q, over: 0..<rank)
      - state.kernels.total(of: q, over: rank + 1..<q.count)
  }
}
