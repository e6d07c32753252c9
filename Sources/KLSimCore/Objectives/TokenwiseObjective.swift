// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// An objective that is a sum over tokens of terms in p and q there.
///
///     L = c + Σ weight · term          ∂L/∂z = r − q Σ r,   r = q ∂L/∂q
public protocol TokenwiseObjective: Objective, ObjectiveEvaluator {
  /// The terms.
  var terms: [WeightedTerm] { get }
  /// The constant c.
  var offset: Double { get }
}

extension TokenwiseObjective {
  public var offset: Double { 0 }

  public var views: [FitState.View] { [FitState.View(temperature: 1, term: terms[0])] }

  public var needsFullSupport: Bool { terms.contains { $0.term.needsFullSupport } }

  public var hasCorners: Bool { terms.contains { $0.term.hasCorners } }

  public func loss(at state: FitState, gradient: inout [Double]) -> Double {
    let terms = terms
    return offset + state.sum(of: terms[0], and: terms.dropFirst(), gradient: &gradient)
  }
}

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
