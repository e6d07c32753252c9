// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// Diversity-aware reverse KL: the non-target part has a weight of its own instead of 1 − q_y.
///
///     L = q_y log(q_y/p_y) + (1−q_y) log((1−q_y)/(1−p_y)) + γ N,   N = KL(q̂‖p̂)          nats
///     ℓ = log(q_y/p_y) − log((1−q_y)/(1−p_y))
///     ∂L/∂z_y = ℓ q_y (1−q_y)
///     ∂L/∂z_k = −ℓ q_y q_k + γ q̂_k (log(q̂_k/p̂_k) − N)          k ≠ y
///
/// p̂, q̂ without y. Infinite where the teacher has no mass.
package struct DiversityReverseKL: TargetedObjective {
  package static let name = "drkl"
  package static let summary = "diversity-aware reverse KL"
  package static let formula = """
    L = q_y log(q_y/p_y) + (1-q_y) log((1-q_y)/(1-p_y)) + γ N,  N = KL(q̂‖p̂),  p̂, q̂ without y
    l = log(q_y/p_y) - log((1-q_y)/(1-p_y))
    g_y = l q_y (1-q_y);  g_k = -l q_y q_k + γ q̂_k (log(q̂_k/p̂_k) - N)
    """
  package static let reference = "Luong, Tran, Chen, arXiv 2604.00223, eq. 9"

  static let gamma = Parameter(
    "gamma", default: 0.5, .positive, summary: "weight γ of the non-target part")
  package static let parameters: [any ParameterDeclaration] = [
    gamma, Parameter<TargetToken>.target,
  ]

  let gamma: Double
  let target: TargetToken

  package init(_ values: Parameters) {
    gamma = values[Self.gamma]
    target = values[.target]
  }

  package var needsFullSupport: Bool { true }

  /// Teacher and student without the target.
  package func workingSize(vocabularySize size: Int, contexts: Int) -> Int {
    NonTarget.vectorCount * contexts * size
  }

  package func evaluator(
    for teacher: TeacherDistribution, kernels: VectorKernels
  ) -> any ObjectiveEvaluator {
    Evaluator(gamma: gamma, others: NonTarget(without: target, of: teacher, kernels: kernels))
  }

  private struct Evaluator: ObjectiveEvaluator {
    let gamma: Double
    var others: NonTarget

    mutating func loss(at state: FitState, gradient: inout [Double]) -> Double {
      guard state.teacher.firstZeroToken == nil else { return .infinity }
      let rank = others.rank
      let (restQ, pair) = others.student(at: state)
      guard restQ.logMass != -.infinity else {
        gradient[rank] = 0
        return 0
      }
      let targetQ = state.probabilities[rank]
      let targetRatio = state.logProbabilities[rank] - state.teacher.logProbabilities[rank]
      let restRatio = restQ.logMass - others.teacher.logMass
      let slope = (targetRatio - restRatio) * targetQ * restQ.mass
      let reverse = WeightedTerm(.blend(forward: 0, reverse: 1), weight: gamma)
      let (loss, mean) = state.kernels.sumAndSlopes(of: [reverse], at: pair, slopes: &gradient)
      state.kernels.centre(&gradient, q: pair.q, mean: mean + slope, sum: -slope)
      gradient[rank] = slope
      return targetQ * targetRatio + restQ.mass * restRatio + loss
    }
  }
}
