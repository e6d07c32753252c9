// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// The squared Hellinger distance, in [0, 1]: a quarter of the alpha divergence of α = ½.
///
///     L = ½ Σ (√p − √q)² = 1 − Σ √(pq)
///     ∂L/∂q = −½ √(p/q)
public struct Hellinger: TokenwiseObjective {
  public static let name = "hellinger"
  public static let summary = "squared Hellinger distance"
  public static let formula = "L = ½ Σ (√p - √q)² = 1 - Σ √(pq);  g = ½ (q Σ √(pq) - √(pq))"
  public static let reference = "Hellinger, J. reine angew. Math. 136, 1909"

  public init(_ values: Parameters) {}

  public var terms: [WeightedTerm] { [WeightedTerm(.alpha(0.5), weight: 0.25)] }
}
