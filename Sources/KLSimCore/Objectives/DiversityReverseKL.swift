// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// Diversity-aware reverse KL: the non-target part has a weight of its own instead of 1 − q_y.
///
///     L = q_y log(q_y/p_y) + (1−q_y) log((1−q_y)/(1−p_y)) + γ N,   N = KL(q̂‖p̂)          nats
///     ℓ = log(q_y/p_y) − log((1−q_y)/(1−p_y))
///     ∂L/∂z_y = ℓ q_y (1−q_y)
///     ∂L/∂z_k = −ℓ q_y q_k + γ q̂_k (log(q̂_k/p̂_k) − N)          k ≠ y
///
/// p̂, q̂ without y. Infinite where the teacher has no mass.
public struct DiversityReverseKL: TargetedObjective {
  public static let name = "drkl"
  public static let summary = "diversity-aware reverse KL"
  public static let formula = """
    L = q_y log(q_y/p_y) + (1-q_y) log((1-q_y)/(1-p_y)) + γ N,  N = KL(q̂‖p̂),  p̂, q̂ without y
    l = log(q_y/p_y) - log((1-q_y)/(1-p_y))
    g_y = l q_y (1-q_y);  g_k = -l q_y q_k + γ q̂_k (log(q̂_k/p̂_k) - N)
    """
  public static let reference = "Luong, Tran, Chen, arXiv 2604.00223, eq. 9"

  static let gamma = Parameter(
    "gamma", default: 0.5, .positive, summary: "weight γ of the non-target part")
  public static let parameters: [any ParameterDeclaration] = [
    gamma, Parameter<TargetToken>.target,
  ]

  let gamma: Double
  let target: TargetToken

  public init(_ values: Parameters) {
    gamma = values[Self.gamma]
    target = values[.target]
  }

  public var needsFullSupport: Bool { true }

  public func loss(at state: FitState, gradient: inout [Double]) -> Double {
    guard state.teacher.firstZeroToken == nil else { return .infinity }
    let (size, scratch) = (gradient.count, state.scratch)
    return scratch.lend(size) { logP in
      scratch.lend(size) { p in
        scratch.lend(size) { logQ in
          scratch.lend(size) { q in
            loss(at: state, &logP, &p, &logQ, &q, gradient: &gradient)
          }
        }
      }
    }
  }

  private func loss(
    at state: FitState, _ logP: inout [Double], _ p: inout [Double], _ logQ: inout [Double],
    _ q: inout [Double], gradient: inout [Double]
  ) -> Double {
    let (teacher, kernels) = (state.teacher, state.kernels)
    let rank = target.rank(under: teacher)
    let restP = NonTarget(
      without: rank, of: teacher.probabilities, teacher.logProbabilities, kernels: kernels,
      logs: &logP, values: &p)
    let restQ = NonTarget(
      without: rank, of: state.probabilities, state.logProbabilities, kernels: kernels,
      logs: &logQ, values: &q)
    guard restQ.logMass != -.infinity else {
      gradient[rank] = 0
      return 0
    }
    let others = DistributionPair(p: p, logP: logP, q: q, logQ: logQ)
    let reverse = kernels.sum(
      of: [WeightedTerm(.blend(forward: 0, reverse: 1))], at: others, scale: gamma,
      gradient: &gradient)
    let targetQ = state.probabilities[rank]
    let targetRatio = state.logProbabilities[rank] - teacher.logProbabilities[rank]
    let restRatio = restQ.logMass - restP.logMass
    let slope = (targetRatio - restRatio) * targetQ * restQ.mass
    kernels.add(-slope, q, to: &gradient)
    gradient[rank] = slope
    return targetQ * targetRatio + restQ.mass * restRatio + gamma * reverse
  }
}
