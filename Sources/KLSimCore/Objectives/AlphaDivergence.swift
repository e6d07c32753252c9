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

  package init(_ values: Parameters) { alpha = values[Self.alpha] }

  package var terms: [WeightedTerm] { [WeightedTerm(.alpha(alpha))] }
}

/// The squared Hellinger distance, in [0, 1]: a quarter of the alpha divergence of α = ½.
///
///     L = ½ Σ (√p − √q)² = 1 − Σ √(pq)
///     ∂L/∂q = −½ √(p/q)
package struct Hellinger: TokenwiseObjective {
  package static let name = "hellinger"
  package static let summary = "squared Hellinger distance"
  package static let formula = "L = ½ Σ (√p - √q)² = 1 - Σ √(pq);  g = ½ (q Σ √(pq) - √(pq))"
  package static let reference = "Hellinger, J. reine angew. Math. 136, 1909"

  package init(_ values: Parameters) {}

  package var terms: [WeightedTerm] { [WeightedTerm(.alpha(0.5), weight: 0.25)] }
}

/// χ² with the student as the expected distribution: twice the alpha divergence of α = 2.
///
///     L = Σ (p − q)²/q
///     ∂L/∂q = −(p/q)²
///
/// +∞ where that exceeds a double.
package struct PearsonChiSquare: TokenwiseObjective {
  package static let name = "chi2-pearson"
  package static let summary = "Pearson χ² divergence"
  package static let formula = "L = Σ (p - q)²/q;  h = -(p/q)²,  g = q ∘ (h - <q,h>)"
  package static let reference = "Pearson, Phil. Mag. 50, 1900"

  package init(_ values: Parameters) {}

  package var terms: [WeightedTerm] { [WeightedTerm(.alpha(2), weight: 2)] }
}

/// χ² with the teacher as the expected distribution: twice the alpha divergence of α = −1.
///
///     L = Σ (p − q)²/p
///     ∂L/∂q = 2 q/p
///
/// Infinite where the teacher has no mass; +∞ where it exceeds a double.
package struct NeymanChiSquare: TokenwiseObjective {
  package static let name = "chi2-neyman"
  package static let summary = "Neyman χ² divergence"
  package static let formula = "L = Σ (p - q)²/p;  h = 2 q/p,  g = q ∘ (h - <q,h>)"
  package static let reference = "Neyman, Proc. Berkeley Symp. 1949"

  package init(_ values: Parameters) {}

  package var terms: [WeightedTerm] { [WeightedTerm(.alpha(-1), weight: 2)] }
}
