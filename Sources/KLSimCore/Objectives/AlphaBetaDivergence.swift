// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// The AB divergence.
///
///     L = −(1/αβ) Σ [ p^α q^β − α/(α+β) p^(α+β) − β/(α+β) q^(α+β) ]
///     ∂L/∂q = q^(β−1) (q^α − p^α)/α
///
/// and its limits where α, β or α + β is 0:
///
///     β = 0:        L = (1/α²) Σ [ p^α log(p^α/q^α) − p^α + q^α ]
///     α = 0:        L = (1/β²) Σ [ q^β log(q^β/p^β) − q^β + p^β ]
///     α = −β:       L = (1/α²) Σ [ log(q^α/p^α) + p^α/q^α − 1 ]
///     α = β = 0:    L = ½ Σ (log p − log q)²
///
/// (1, 0) is forward KL, (0, 1) reverse KL, (1, 1) half of `brier`, α + β = 1 `alpha`. Infinite where
/// the teacher has no mass unless α > 0 and α + β > 0.
package struct AlphaBetaDivergence: TokenwiseObjective {
  package static let name = "alpha-beta"
  package static let summary = "AB divergence"
  package static let formula = """
    L = -(1/αβ) Σ [p^α q^β - α/(α+β) p^(α+β) - β/(α+β) q^(α+β)], and limits at α, β, α+β = 0
    h = q^(β-1) (q^α - p^α)/α,  g = q ∘ (h - <q,h>)
    """
  package static let reference =
    "Cichocki, Cruces, Amari, Entropy 13, 2011; Wang et al., ABKD, arXiv 2505.04560"

  /// The values where α, β or α + β is 0.
  package enum Limits: String, ParameterChoice {
    /// The limits of the formula.
    case derived
    /// Those of ABKD's code, with 1/α, 1/β, 1/α for 1/α², 1/β², 1/α²: discontinuous there.
    case abkdCode = "abkd-code"
  }

  static let alpha = Parameter("alpha", default: 0.2, summary: "the exponent α of p")
  static let beta = Parameter("beta", default: 0.7, summary: "the exponent β of q")
  static let limits = Parameter(
    "limits", default: Limits.derived, summary: "the values where α, β or α+β is 0")
  package static let parameters: [any ParameterDeclaration] = [alpha, beta, limits]

  let alpha: Double
  let beta: Double
  let limits: Limits

  package init(_ values: Parameters) {
    alpha = values[Self.alpha]
    beta = values[Self.beta]
    limits = values[Self.limits]
  }

  package var terms: [WeightedTerm] {
    [WeightedTerm(.alphaBeta(alpha, beta), weight: limits == .derived ? 1 : codeWeight)]
  }

  private var codeWeight: Double {
    switch (alpha, beta) {
    case (0, 0): 1
    case (0, _): beta
    case (_, 0): alpha
    default: alpha + beta == 0 ? alpha : 1
    }
  }
}
