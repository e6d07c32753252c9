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
    let kernels = state.kernels
    let (divergence, mean) = kernels.sumAndSlopes(
      of: [WeightedTerm(.alpha(alpha))], at: state.pair, slopes: &gradient)
    // S − 1, which has digits left where S is close to 1.
    let excess = alpha * (alpha - 1) * divergence
    if abs(excess) < 0.5 {
      kernels.centre(
        &gradient, q: state.probabilities, mean: mean, scale: alpha / (1 + excess))
      return alpha == 1 ? divergence : logarithm(onePlus: excess) / (alpha - 1)
    }
    guard alpha != 1 else {
      kernels.centre(&gradient, q: state.probabilities, mean: mean)
      return divergence
    }
    // S far from 1, even beyond a double: w in logarithms.
    return state.scratch.lend(gradient.count) { powers in
      state.scratch.lend(gradient.count) { logs in
        kernels.combine(
          alpha, state.teacher.logProbabilities, 1 - alpha, state.logProbabilities,
          into: &powers)
        let logSum = kernels.softmax(powers, logProbabilities: &logs, probabilities: &gradient)
        kernels.combine(-1, gradient, 0, gradient, into: &powers)
        swap(&powers, &gradient)
        kernels.centre(&gradient, q: state.probabilities, mean: -1)
        return logSum / (alpha - 1)
      }
    }
  }
}
