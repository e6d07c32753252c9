// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// The triangular discrimination, in [0, 2].
///
///     L = Σ (p − q)²/(p + q)
///     ∂L/∂q = (q − p)(q + 3p)/(p + q)²
///
/// `2 TVD² ≤ L ≤ 2 TVD`.
package struct TriangularDiscrimination: TokenwiseObjective {
  package static let name = "triangular"
  package static let summary = "triangular discrimination"
  package static let formula =
    "L = Σ (p - q)²/(p + q);  h = (q - p)(q + 3p)/(p + q)²,  g = q ∘ (h - <q,h>)"
  package static let reference = "Topsøe, IEEE Trans. Inf. Theory 46, 2000"

  package init(_ values: Parameters) {}

  package var terms: [WeightedTerm] { [WeightedTerm(.triangular)] }
}
