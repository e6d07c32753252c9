// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// Token-wise distillation: each token blends forward and reverse KL by its own ratio.
///
///     a = sigmoid(β (log p − log q))          held constant for the gradient
///     L = Σ a p (log p − log q) + (1 − a) q (log q − log p)          nats
///     ∂L/∂q = −a p/q + (1 − a)(log q − log p + 1)
///
/// At β = 1 the value is that of `jeffreys`, at β = 0 half of it; the gradient is not that of the
/// value. Infinite where the teacher has no mass.
package struct ToDi: TokenwiseObjective {
  package static let name = "todi"
  package static let summary = "token-wise distillation: FKL and RKL weighted token by token"
  package static let formula = """
    L = Σ a p (log p - log q) + (1-a) q (log q - log p),  a = sg[sigmoid(β (log p - log q))]
    h = -a p/q + (1-a)(log q - log p + 1),  g = q ∘ (h - <q,h>)
    """
  package static let reference = "Jung et al., ToDi, arXiv 2505.16297"

  static let beta = Parameter(
    "beta", default: 1, .nonNegative, summary: "sharpness β of the weights")
  package static let parameters: [any ParameterDeclaration] = [beta]

  let beta: Double

  package init(_ values: Parameters) { beta = values[Self.beta] }

  package var holdsPartsConstant: Bool { true }

  package var terms: [WeightedTerm] { [WeightedTerm(.sigmoidBlend(beta: beta))] }
}
