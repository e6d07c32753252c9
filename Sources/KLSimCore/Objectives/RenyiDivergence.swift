// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// Rényi's divergence.
///
///     L = log(S)/(α − 1),  S = Σ p^α q^(1−α)          nats
///     ∂L/∂z = q − w,  w = p^α q^(1−α)/S
///
/// α = 1 is forward KL.
public struct RenyiDivergence: Objective {
  public static let name = "renyi"
  public static let summary = "Rényi divergence"
  public static let formula = "L = log(S)/(α-1),  S = Σ p^α q^(1-α);  g = q - p^α q^(1-α)/S"
  public static let reference = "Rényi, Proc. 4th Berkeley Symp., 1961"

  static let alpha = Parameter(
    "alpha", default: 0.5, .positive, summary: "the order α; 1 is fkl")
  public static let parameters: [any ParameterDeclaration] = [alpha]

  let alpha: Double

  public init(_ values: Parameters) {
    alpha = values[Self.alpha]
  }

  public func loss(at state: FitState, gradient: inout [Double]) -> Double {
    // S − 1 has digits left where S is close to 1, as α(α − 1) times the alpha divergence.
    let divergence = state.kernels.sum(
      of: [WeightedTerm(.alpha(alpha))], at: state.pair, gradient: &gradient)
    guard alpha != 1 else { return divergence }
    let excess = alpha * (alpha - 1) * divergence
    var logs = gradient
    state.kernels.combine(
      alpha, state.teacher.logProbabilities, 1 - alpha, state.logProbabilities, into: &logs)
    var logWeights = logs
    let logSum = state.kernels.softmax(
      logs, logProbabilities: &logWeights, probabilities: &gradient)
    state.kernels.combine(1, state.probabilities, -1, gradient, into: &gradient)
    return (abs(excess) < 0.5 ? logarithm(onePlus: excess) : logSum) / (alpha - 1)
  }
}
