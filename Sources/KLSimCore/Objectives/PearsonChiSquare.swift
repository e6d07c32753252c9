// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// χ² with the student as the expected distribution: twice the alpha divergence of α = 2.
///
///     L = Σ (p − q)²/q
///     ∂L/∂q = −(p/q)²
///
/// +∞ where that exceeds a double.
public struct PearsonChiSquare: TokenwiseObjective {
  public static let name = "chi2-pearson"
  public static let summary = "Pearson χ² divergence"
  public static let formula = "L = Σ (p - q)²/q;  h = -(p/q)²,  g = q ∘ (h - <q,h>)"
  public static let reference = "Pearson, Phil. Mag. 50, 1900"

  public init(_ values: Parameters) {}

  public var terms: [WeightedTerm] { [WeightedTerm(.alpha(2), weight: 2)] }
}
