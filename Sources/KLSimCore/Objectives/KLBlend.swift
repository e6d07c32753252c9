// SPDX-License-Identifier: GPL-3.0-or-later

/// An objective that is a weighted sum of forward and reverse KL.
///
///     L = a·FKL + b·RKL + c
///     ∂L/∂z = a (q − p) + b q ∘ ((log q − log p) − RKL)       a, b held constant
public protocol KLBlend: Objective {
  /// The weights a and b in a state.
  func weights(at state: FitState) -> BlendWeights

  /// The constant c, which has no gradient.
  func offset(for teacher: TeacherDistribution) -> Double
}

/// The weights of forward and of reverse KL in a blend.
public struct BlendWeights: Equatable, Sendable {
  public let forward: Double
  public let reverse: Double
}

extension KLBlend {
  public func offset(for teacher: TeacherDistribution) -> Double { 0 }

  public func loss(at state: FitState, gradient: inout [Double]) -> Double {
    let weights = weights(at: state)
    let teacher = state.teacher
    var value = offset(for: teacher)
    // A term of weight 0 is left out, for it may be infinite.
    if weights.forward != 0 { value += weights.forward * state.forwardKL }
    if weights.reverse != 0 { value += weights.reverse * state.reverseKL }
    for rank in gradient.indices {
      let q = state.probabilities[rank]
      var slope = 0.0
      if weights.forward != 0 { slope = weights.forward * (q - teacher.probabilities[rank]) }
      if weights.reverse != 0 {
        let logRatio = state.logProbabilities[rank] - teacher.logProbabilities[rank]
        slope += weights.reverse * q * (logRatio - state.reverseKL)
      }
      gradient[rank] = slope
    }
    return value
  }
}
