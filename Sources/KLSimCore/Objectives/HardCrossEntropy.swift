// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// Cross entropy with one token as the target.
///
///     L = −log q_y          nats
///     ∂L/∂z = q − e_y
public struct HardCrossEntropy: TargetedObjective {
  public static let name = "ce"
  public static let summary = "hard cross entropy, -log q of one token"
  public static let formula = "L = -log q_y;  g = q - e_y"

  public static let parameters: [any ParameterDeclaration] = [Parameter<TargetToken>.target]

  let target: TargetToken

  public init(_ values: Parameters) {
    target = values[.target]
  }

  public func loss(at state: FitState, gradient: inout [Double]) -> Double {
    Self.loss(of: target.rank(under: state.teacher), at: state, gradient: &gradient)
  }

  /// The cross entropy of the token at a rank, and its gradient.
  static func loss(of rank: Int, at state: FitState, gradient: inout [Double]) -> Double {
    state.kernels.combine(
      0, state.probabilities, 0, state.probabilities, into: &gradient)
    gradient[rank] = -1
    state.kernels.centre(&gradient, q: state.probabilities, mean: -1)
    return -state.logProbabilities[rank]
  }
}
