// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// Forward KL to a mixture with a little of the teacher in it: bounded by −log α.
///
///     L = KL(p‖m),  m = α p + (1 − α) q          nats
///     ∂L/∂z = (1 − α) q ∘ (<q, p/m> − p/m)
///
/// α = 0 is forward KL.
package struct SkewForwardKL: TokenwiseObjective {
  package static let name = "skew-fkl"
  package static let summary = "skew forward KL, KL(p‖α p + (1-α) q)"
  package static let formula =
    "L = KL(p‖m),  m = α p + (1-α) q;  g = (1-α) q ∘ (<q, p/m> - p/m)"
  package static let reference = "Ko et al., DistiLLM, arXiv 2402.03898"

  static let alpha = Parameter(
    "alpha", default: 0.1, .range(0..<1), summary: "weight α of p in the mixture")
  package static let parameters: [any ParameterDeclaration] = [alpha]

  let alpha: Double

  package init(_ values: Parameters) {
    alpha = values[Self.alpha]
  }

  package var terms: [WeightedTerm] {
    guard alpha > 0 else { return [WeightedTerm(.blend(forward: 1, reverse: 0))] }
    return [
      WeightedTerm(
        .mixture(beta: alpha, .init(teacher: 1, teacherShare: -(1 - alpha) / alpha)))
    ]
  }
}
