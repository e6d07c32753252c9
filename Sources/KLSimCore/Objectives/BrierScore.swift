// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// The squared Euclidean distance of the two distributions, in [0, 2].
///
///     L = Σ (p − q)²
///     ∂L/∂q = 2 (q − p)
public struct BrierScore: TokenwiseObjective {
  public static let name = "brier"
  public static let summary = "squared difference of probabilities"
  public static let formula = "L = Σ (p - q)²;  h = 2 (q - p),  g = q ∘ (h - <q,h>)"
  public static let reference = "Brier, Mon. Weather Rev. 78, 1950"

  public init(_ values: Parameters) {}

  public var terms: [WeightedTerm] { [WeightedTerm(.squaredDifference)] }
}
