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

  package init(_ values: Parameters) { alpha = values[Self.alpha] }

  package var terms: [WeightedTerm] {
    guard alpha > 0 else { return [.forwardKL] }
    return [
      WeightedTerm(
        .mixture(beta: alpha, teacher: 1, teacherShare: -(1 - alpha) / alpha))
    ]
  }
}

/// Reverse KL to a mixture with a little of the student in it: bounded by −log α.
///
///     L = KL(q‖m),  m = (1 − α) p + α q          nats
///     ∂L/∂q = log(q/m) − α q/m
///
/// With `detach-mixture` the q inside m is held constant, `h = log(q/m)`: not the gradient of the
/// value. α = 0 is reverse KL, infinite where the teacher has no mass.
package struct SkewReverseKL: TokenwiseObjective {
  package static let name = "skew-rkl"
  package static let summary = "skew reverse KL, KL(q‖(1-α) p + α q)"
  package static let formula = """
    L = KL(q‖m),  m = (1-α) p + α q
    h = log(q/m) - α q/m, or log(q/m) with detach-mixture,  g = q ∘ (h - <q,h>)
    """
  package static let reference =
    "Ko et al., DistiLLM, arXiv 2402.03898; detached in the code of arXiv 2503.07067"

  static let alpha = Parameter(
    "alpha", default: 0.1, .range(0..<1), summary: "weight α of q in the mixture")
  static let detachMixture = Parameter(
    "detach-mixture", default: false, summary: "whether the gradient holds the mixture constant")
  package static let parameters: [any ParameterDeclaration] = [alpha, detachMixture]

  let alpha: Double
  let detachMixture: Bool

  package init(_ values: Parameters) {
    alpha = values[Self.alpha]
    detachMixture = values[Self.detachMixture]
  }

  package var holdsPartsConstant: Bool { detachMixture }

  package var terms: [WeightedTerm] {
    guard alpha > 0 else { return [.reverseKL] }
    return [
      WeightedTerm(
        .mixture(
          beta: 1 - alpha, student: 1, logRatio: 1, studentShare: detachMixture ? 0 : -1))
    ]
  }
}
