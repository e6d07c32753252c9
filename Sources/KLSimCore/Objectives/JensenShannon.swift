// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// The generalised Jensen–Shannon divergence between p, q and their mixture.
///
///     m = β p + (1 − β) q                                        nats
///     gkd:      L = β KL(p‖m) + (1 − β) KL(q‖m)
///               ∂L/∂z = (1 − β) q ∘ (log(q/m) − KL(q‖m))
///     crossed:  L = (1 − β) KL(p‖m) + β KL(q‖m)
///               ∂L/∂q = −(1 − β)² p/m + β (log(q/m) − (1 − β) q/m)
///
/// β = 0 is forward KL and β = 1 reverse KL by definition. For `crossed` these are the limits; for
/// `gkd` the formula itself tends to 0 at both ends, `L/β → FKL` and `L/(1 − β) → RKL`: there a β
/// near an end scales the step more than it selects a direction.
package struct GeneralizedJensenShannon: TokenwiseObjective {
  package static let name = "gjsd"
  package static let summary = "generalised Jensen-Shannon divergence"
  package static let formula = """
    m = β p + (1-β) q;  β = 0 is fkl, β = 1 is rkl
    gkd:      L = β KL(p‖m) + (1-β) KL(q‖m);  g = (1-β) q ∘ (log(q/m) - KL(q‖m))
    crossed:  L = (1-β) KL(p‖m) + β KL(q‖m)
              h = -(1-β)² p/m + β (log(q/m) - (1-β) q/m),  g = q ∘ (h - <q,h>)
    """
  package static let reference =
    "Agarwal et al., GKD, arXiv 2306.13649, eq. 1; Huszár, arXiv 1511.05101"

  /// Which of the two KLs has the weight β.
  package enum Weighting: String, ParameterChoice {
    /// That of the teacher, as in GKD.
    case gkd
    /// That of the student: continuous at both ends.
    case crossed
  }

  static let beta = Parameter("beta", default: 0.5, .range(0...1), summary: "weight β of p in m")
  static let weighting = Parameter(
    "weighting", default: Weighting.gkd,
    summary: "whether KL(p‖m) has the weight β (gkd) or 1-β (crossed)")
  package static let parameters: [any ParameterDeclaration] = [beta, weighting]

  let beta: Double
  let weighting: Weighting

  package init(_ values: Parameters) {
    beta = values[Self.beta]
    weighting = values[Self.weighting]
  }

  package var terms: [WeightedTerm] { [WeightedTerm(Self.term(beta: beta, weighting))] }

  static func term(beta: Double, _ weighting: Weighting) -> TokenTerm {
    let rest = 1 - beta
    switch (beta, rest) {
    case (0, _): return .blend(forward: 1, reverse: 0)
    case (_, 0): return .blend(forward: 0, reverse: 1)
    default: break
    }
    return switch weighting {
    case .gkd:
      .mixture(beta: beta, teacher: beta, student: rest, logRatio: rest)
    case .crossed:
      .mixture(
        beta: beta, teacher: rest, student: beta, logRatio: beta,
        teacherShare: -rest * rest / beta, studentShare: -beta)
    }
  }
}

/// The Jensen–Shannon divergence, in [0, log 2]: `gjsd` of β = ½.
///
///     L = ½ KL(p‖m) + ½ KL(q‖m),  m = (p + q)/2          nats
///     ∂L/∂z = ½ q ∘ (log(q/m) − KL(q‖m))
package struct JensenShannon: TokenwiseObjective {
  package static let name = "js"
  package static let summary = "Jensen-Shannon divergence"
  package static let formula =
    "L = ½ KL(p‖m) + ½ KL(q‖m),  m = (p + q)/2;  g = ½ q ∘ (log(q/m) - KL(q‖m))"
  package static let reference = "Lin, IEEE Trans. Inf. Theory 37, 1991"

  package init(_ values: Parameters) {}

  package var terms: [WeightedTerm] {
    [WeightedTerm(GeneralizedJensenShannon.term(beta: 0.5, .gkd))]
  }
}
