// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

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
