// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// Half the L1 distance, in [0, 1].
///
///     L = ½ Σ |p − q|
///     ∂L/∂q = ½ sign(q − p),  sign 0 = 0
///
/// The gradient does not vanish near the optimum: with a constant step Adam ends in a small
/// oscillation. `L² ≤ ½ FKL`; `H² ≤ L ≤ √(2 H²)` with H² the `hellinger` objective.
package struct TotalVariation: TokenwiseObjective {
  package static let name = "tvd"
  package static let summary = "total variation distance"
  package static let formula = "L = ½ Σ |p - q|;  h = ½ sign(q - p),  g = q ∘ (h - <q,h>)"
  package static let reference = "Wen et al., f-distill, arXiv 2307.15190 (of sequences)"

  package init(_ values: Parameters) {}

  package var terms: [WeightedTerm] { [WeightedTerm(.totalVariation)] }
}
