// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// Decoupled knowledge distillation: the target's share and the rest, weighted separately.
///
///     L = T² [ α ( p_y log(p_y/q_y) + (1−p_y) log((1−p_y)/(1−q_y)) ) + β KL(p̂‖q̂) ]      nats
///     ∂L/∂z_y = T α (q_y − p_y)
///     ∂L/∂z_k = T [ −α (q_y − p_y) q̂_k + β (q̂_k − p̂_k) ]          k ≠ y
///
/// p and q at temperature T; p̂, q̂ without y. α = 1, β = 1 − p_y is forward KL. Where all of the
/// teacher's mass is on y there is no p̂, and that term is left out.
package struct DecoupledDistillation: TargetedObjective {
  package static let name = "dkd"
  package static let summary = "decoupled distillation: target and non-target FKL"
  package static let formula = """
    L = T² [α (p_y log(p_y/q_y) + (1-p_y) log((1-p_y)/(1-q_y))) + β KL(p̂‖q̂)],  at T; p̂, q̂ without y
    g_y = T α (q_y - p_y);  g_k = T [-α (q_y - p_y) q̂_k + β (q̂_k - p̂_k)]
    """
  package static let reference = "Zhao et al., DKD, arXiv 2203.08679"

  static let alpha = Parameter(
    "alpha", default: 1, .nonNegative, summary: "weight α of the target's part")
  static let beta = Parameter(
    "beta", default: 8, .nonNegative, summary: "weight β of the non-target part")
  static let temperature = Parameter(
    "temperature", default: 4, .positive, summary: "T of softmax(t/T) and softmax(z/T)")
  package static let parameters: [any ParameterDeclaration] = [
    alpha, beta, Parameter<TargetToken>.target, temperature,
  ]

  package static var softening: Parameter<Double>? { temperature }

  let alpha: Double
  let beta: Double
  let target: TargetToken

  package init(_ values: Parameters) {
    alpha = values[Self.alpha]
    beta = values[Self.beta]
    target = values[.target]
  }

  /// Teacher and student without the target.
  package func workingSize(vocabularySize size: Int, contexts: Int) -> Int {
    NonTarget.vectorCount * contexts * size
  }

  package func evaluator(
    for teacher: TeacherDistribution, kernels: VectorKernels
  ) -> any ObjectiveEvaluator {
    Evaluator(
      alpha: alpha, beta: beta,
      others: NonTarget(without: target, of: teacher, kernels: kernels))
  }

  private struct Evaluator: ObjectiveEvaluator {
    let alpha: Double
    let beta: Double
    var others: NonTarget

    mutating func loss(at state: FitState, gradient: inout [Double]) -> Double {
      let (teacher, kernels, rank) = (state.teacher, state.kernels, others.rank)
      let (targetP, targetQ) = (teacher.probabilities[rank], state.probabilities[rank])
      let restP = others.teacher
      let (restQ, pair) = others.student(at: state)
      guard restQ.logMass != -.infinity else {
        gradient[rank] = 0
        return 0
      }
      // The difference of two masses near 1 has lost digits; that of the other masses has not.
      let gap = targetQ > 0.5 ? restP.mass - restQ.mass : targetQ - targetP
      var binary = 0.0
      if targetP > 0 {
        binary += targetP * (teacher.logProbabilities[rank] - state.logProbabilities[rank])
      }
      if restP.logMass > -.infinity {
        binary += restP.mass * (restP.logMass - restQ.logMass)
      }
      // There is no p̂ without mass.
      let weight = restP.logMass > -.infinity ? beta : 0
      let forward = WeightedTerm(.blend(forward: 1, reverse: 0), weight: weight)
      let (loss, _) = kernels.sumAndSlopes(of: [forward], at: pair, slopes: &gradient)
      kernels.centre(&gradient, q: pair.q, mean: alpha * gap - weight, sum: -alpha * gap)
      gradient[rank] = alpha * gap
      return alpha * binary + loss
    }
  }
}
