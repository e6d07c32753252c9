// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// Amari's alpha divergence.
///
///     L = (Σ p^α q^(1−α) − 1)/(α(α − 1))
///     ∂L/∂q = −(p/q)^α/α
///
/// α = 1 is forward KL, α = 0 reverse KL, and near them it is continuous to the last digits. α = ½ is
/// 4 `hellinger`, α = 2 half of `chi2-pearson`, α = −1 half of `chi2-neyman`. Infinite for α ≤ 0 where
/// the teacher has no mass; +∞ where it exceeds a double.
public struct AlphaDivergence: TokenwiseObjective {
  public static let name = "alpha"
  public static let summary = "Amari alpha divergence"
  public static let formula =
    "L = (Σ p^α q^(1-α) - 1)/(α(α-1));  h = -(p/q)^α/α,  g = q ∘ (h - <q,h>);  α = 1: fkl, 0: rkl"
  public static let reference = "Amari, Differential-Geometrical Methods in Statistics, 1985"

  static let alpha = Parameter("alpha", default: 0.5, summary: "the exponent α of p")
  public static let parameters: [any ParameterDeclaration] = [alpha]

  let alpha: Double

  public init(_ values: Parameters) {
    alpha = values[Self.alpha]
  }

  public var terms: [WeightedTerm] { [WeightedTerm(.alpha(alpha))] }
}
