// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// χ² with the teacher as the expected distribution: twice the alpha divergence of α = −1.
///
///     L = Σ (p − q)²/p
///     ∂L/∂q = 2 q/p
///
/// Infinite where the teacher has no mass; +∞ where it exceeds a double.
public struct NeymanChiSquare: TokenwiseObjective {
  public static let name = "chi2-neyman"
  public static let summary = "Neyman χ² divergence"
  public static let formula = "L = Σ (p - q)²/p;  h = 2 q/p,  g = q ∘ (h - <q,h>)"
  public static let reference = "Neyman, Proc. Berkeley Symp. 1949"

  public init(_ values: Parameters) {}

  public var terms: [WeightedTerm] { [WeightedTerm(.alpha(-1), weight: 2)] }
}
