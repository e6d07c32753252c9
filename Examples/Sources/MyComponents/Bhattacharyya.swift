// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimNumerics

/// The Bhattacharyya distance: half of Rényi's divergence of order ½.
///
///     L = −log S,  S = Σ √(p q)          nats
///     ∂L/∂z = ½ (q − w),  w = √(p q)/S
public struct Bhattacharyya: Objective, ObjectiveEvaluator {
  public static let name = "bhattacharyya"
  public static let summary = "Bhattacharyya distance"
  public static let formula = "L = -log S,  S = Σ √(p q);  g = ½ (q - √(p q)/S)"
  public static let reference = "Bhattacharyya, Bull. Calcutta Math. Soc. 35, 1943"

  public init(_ values: Parameters) {}

  public func loss(at state: FitState, gradient: inout [Double]) -> Double {
    // In logarithms, so that nothing underflows.
    let logs = zip(state.teacher.logProbabilities, state.logProbabilities).map { ($0 + $1) / 2 }
    let logSum = state.kernels.logSumExp(logs)
    let weights = state.kernels.exponentials(logs.map { $0 - logSum })
    for rank in gradient.indices {
      gradient[rank] = (state.probabilities[rank] - weights[rank]) / 2
    }
    return -logSum
  }
}
