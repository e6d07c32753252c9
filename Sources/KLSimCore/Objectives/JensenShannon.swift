// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// The Jensen–Shannon divergence, in [0, log 2]: `gjsd` of β = ½.
///
///     L = ½ KL(p‖m) + ½ KL(q‖m),  m = (p + q)/2          nats
///     ∂L/∂z = ½ q ∘ (log(q/m) − KL(q‖m))
public struct JensenShannon: TokenwiseObjective {
  public static let name = "js"
  public static let summary = "Jensen-Shannon divergence"
  public static let formula =
    "L = ½ KL(p‖m) + ½ KL(q‖m),  m = (p + q)/2;  g = ½ q ∘ (log(q/m) - KL(q‖m))"
  public static let reference = "Lin, IEEE Trans. Inf. Theory 37, 1991"

  public init(_ values: Parameters) {}

  public var terms: [WeightedTerm] {
    [WeightedTerm(GeneralizedJensenShannon.term(beta: 0.5, .gkd))]
  }
}
