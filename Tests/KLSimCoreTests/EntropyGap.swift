// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore

/// The squared difference of the entropies.
///
///     L = ½ (H(q) − H(p) − m)²          nats²
///     ∂L/∂z = −(H(q) − H(p) − m) q ∘ (log q + H(q))
///
/// Not a divergence: it is 0 for every student with the entropy that is asked for.
public struct EntropyGap: Objective, ObjectiveEvaluator {
  public static let name = "entropy-gap"
  public static let summary = "squared difference of the entropies"
  public static let formula = "L = ½ d²,  d = H(q) - H(p) - m;  g = -d q ∘ (log q + H(q))"
  public static let reference = "Pereyra et al., arXiv 1701.06548 (entropy as a penalty)"

  static let margin = Parameter(
    "margin", default: 0.0, summary: "m, by how much the student's entropy shall be larger")
  public static let parameters: [any ParameterDeclaration] = [margin]

  let margin: Double

  public init(_ values: Parameters) {
    margin = values[Self.margin]
  }

  public func loss(at state: FitState, gradient: inout [Double]) -> Double {
    let gap = state.entropy - state.teacher.entropy - margin
    for rank in gradient.indices {
      gradient[rank] =
        -gap * state.probabilities[rank] * (state.logProbabilities[rank] + state.entropy)
    }
    return gap * gap / 2
  }
}
