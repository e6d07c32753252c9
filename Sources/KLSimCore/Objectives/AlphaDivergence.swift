// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// Amari's alpha divergence.
///
///     L = (Σ p^α q^(1−α) − 1)/(α(α − 1))
///     ∂L/∂q = −(p/q)^α/α
///
/// α = 1 is forward KL, α = 0 reverse KL, and near them it is continuous to the last digits. α = ½ is
/// 4 `hellinger`, α = 2 half of `chi2-pearson`, α = −1 half of `chi2-neyman`. Infinite for α ≤ 0 where
/// the teacher has no mass; +∞ where it exceeds a double.
package struct AlphaDivergence: TokenwiseObjective {
  package static let name = "alpha"
  package static let summary = "Amari alpha divergence"
  package static let formula =
    "L = (Σ p^α q^(1-α) - 1)/(α(α-1));  h = -(p/q)^α/α,  g = q ∘ (h - <q,h>);  α = 1: fkl, 0: rkl"
  package static let reference = "Amari, Differential-Geometrical Methods in Statistics, 1985"

  static let alpha = Parameter("alpha", default: 0.5, summary: "the exponent α of p")
  package static let parameters: [any ParameterDeclaration] = [alpha]

  let alpha: Double

  package init(_ values: Parameters) {
    alpha = values[Self.alpha]
  }

  package var terms: [WeightedTerm] { [WeightedTerm(.alpha(alpha))] }
}
