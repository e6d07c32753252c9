// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// The transport distance of order 1 between distributions on a line of tokens.
///
///     L = Σ_{k<V−1} d_k |F_q(k) − F_p(k)|,   d_k = x_{k+1} − x_k, F cumulative by token
///     ∂L/∂qᵢ = Σ_{k≥i} d_k sign(F_q(k) − F_p(k)),  sign 0 = 0
///
/// Positions are 0…V−1, or the ascending numbers of the file that `positions` names.
/// `normalize-cost` divides by the range of the positions. The gradient does not vanish near the
/// optimum.
package struct Wasserstein: Objective, ObjectiveEvaluator {
  package static let name = "w1"
  package static let summary = "transport distance on the line of tokens"
  package static let formula = """
    L = Σ_{k<V-1} d_k |F_q(k) - F_p(k)|,  F cumulative by token, d_k gaps of the positions
    h_i = Σ_{k>=i} d_k sign(F_q(k) - F_p(k)),  g = q ∘ (h - <q,h>)
    """
  package static let reference = "Vallender, Theory Probab. Appl. 18, 1974"

  static let normalizeCost = Parameter(
    "normalize-cost", default: true, summary: "whether distances are divided by their range")
  package static let parameters: [any ParameterDeclaration] = [
    normalizeCost, TokenPositions.parameter,
  ]

  let normalizeCost: Bool
  let positions: TokenPositions

  package init(_ values: Parameters) throws {
    normalizeCost = values[Self.normalizeCost]
    positions = try TokenPositions(values)
    guard positions.areAscending else {
      throw SpecificationError.inconsistent(
        component: values.component, "the positions must ascend from token to token")
    }
  }

  package var hasCorners: Bool { true }

  package func check(_ teacher: TeacherDistribution) throws(BindingError) {
    try positions.check(teacher)
  }

  package func loss(at state: FitState, gradient: inout [Double]) -> Double {
    let range = normalizeCost ? positions.range(of: gradient.count) : 1
    let (p, q) = (state.teacher.probabilities, state.probabilities)
    var (sum, loss, slope, mean) = (0.0, 0.0, 0.0, 0.0)
    let gaps = positions.gaps
    var width = 1.0
    for (token, rank) in state.teacher.ranks.enumerated() {
      // Without the sum over all k, which all tokens have in common: centring cancels it.
      gradient[rank] = q[rank] * slope
      mean += gradient[rank]
      guard token < gradient.count - 1 else { break }
      sum += q[rank] - p[rank]
      if let gaps { width = gaps[token] }
      loss += width * abs(sum)
      slope -= sum > 0 ? width : sum < 0 ? -width : 0
    }
    state.kernels.centre(&gradient, q: state.probabilities, mean: mean, scale: 1 / range)
    return loss / range
  }
}
