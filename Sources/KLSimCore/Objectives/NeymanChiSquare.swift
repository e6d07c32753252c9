// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

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
