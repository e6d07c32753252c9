// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

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
