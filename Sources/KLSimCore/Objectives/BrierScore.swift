// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// The squared Euclidean distance of the two distributions, in [0, 2].
///
///     L = Σ (p − q)²
///     ∂L/∂q = 2 (q − p)
package struct BrierScore: TokenwiseObjective {
  package static let name = "brier"
  package static let summary = "squared difference of probabilities"
  package static let formula = "L = Σ (p - q)²;  h = 2 (q - p),  g = q ∘ (h - <q,h>)"
  package static let reference = "Brier, Mon. Weather Rev. 78, 1950"

  package init(_ values: Parameters) {}

  package var terms: [WeightedTerm] { [WeightedTerm(.squaredDifference)] }
}
