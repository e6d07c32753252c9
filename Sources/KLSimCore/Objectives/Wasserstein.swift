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
public struct Wasserstein: Objective {
  public static let name = "w1"
  public static let summary = "transport distance on the line of tokens"
  public static let formula = """
    L = Σ_{k<V-1} d_k |F_q(k) - F_p(k)|,  F cumulative by token, d_k gaps of the positions
    h_i = Σ_{k>=i} d_k sign(F_q(k) - F_p(k)),  g = q ∘ (h - <q,h>)
    """
  public static let reference = "Vallender, Theory Probab. Appl. 18, 1974"

  static let normalizeCost = Parameter(
    "normalize-cost", default: true, summary: "whether distances are divided by their range")
  public static let parameters: [any ParameterDeclaration] = [
    normalizeCost, TokenPositions.parameter,
  ]

  let normalizeCost: Bool
  let positions: TokenPositions

  public init(_ values: Parameters) throws {
    normalizeCost = values[Self.normalizeCost]
    positions = try TokenPositions(values)
    guard positions.areAscending else {
      throw SpecificationError.inconsistent(
        component: values.component, "the positions must ascend from token to token")
    }
  }

  public func refusal(of teacher: TeacherDistribution) -> String? {
    positions.refusal(of: teacher)
  }

  public func loss(at state: FitState, gradient: inout [Double]) -> Double {
    let size = gradient.count
    let tokens = state.teacher.tokens
    let range = normalizeCost ? positions.range(of: size) : 1
    // By token, in which the differences become distribution functions, and these slopes.
    var byToken = gradient
    for rank in gradient.indices {
      byToken[tokens[rank]] = state.probabilities[rank] - state.teacher.probabilities[rank]
    }
    var sum = 0.0
    var loss = 0.0
    for token in 0..<size - 1 {
      sum += byToken[token]
      let width = positions.gap(after: token)
      loss += width * abs(sum)
      byToken[token] = sum > 0 ? width : sum < 0 ? -width : 0
    }
    var slope = 0.0
    byToken[size - 1] = 0
    for token in stride(from: size - 2, through: 0, by: -1) {
      slope += byToken[token]
      byToken[token] = slope
    }
    var mean = 0.0
    for rank in gradient.indices {
      gradient[rank] = state.probabilities[rank] * byToken[tokens[rank]]
      mean += gradient[rank]
    }
    state.kernels.centre(&gradient, q: state.probabilities, mean: mean, scale: 1 / range)
    return loss / range
  }
}
