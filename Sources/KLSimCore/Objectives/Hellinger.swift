// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

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
