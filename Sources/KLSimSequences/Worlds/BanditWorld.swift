// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
package import KLSimNumerics

/// Sequences of one token: the teacher is the optimum of a reward under a divergence from a reference.
package struct BanditWorld: SequenceTeacher {
  package static let name = "bandit"
  package static let summary =
    "one token a sequence: the policy of the greatest reward less a divergence from a reference"
  package static let formula = """
    p = argmax_π <π, r> - beta Σ π0 f(π/π0);  rkl: p ∝ π0 exp(r/beta)
    rewards = sigma · n, π0 = softmax(sigma · n) unless given
    """
  package static let reference = "Wang et al., arXiv 2309.16240 (f-DPO)"

  static let size = Parameter(
    "size", default: 4, .range(2...(1 << 16)),
    summary: "number of tokens, V; not needed with rewards=… or reference=…")
  static let beta = Parameter(
    "beta", default: 1.0, .positive, summary: "β, the weight of the divergence")
  static let rewards = Parameter<[Double]?>(
    "rewards", default: .some(nil), summary: "r by token, with / between them; random if empty")
  static let policyReference = Parameter<[Double]?>(
    "reference", default: .some(nil),
    Domain(summary: "numbers above 0 with / between them") { $0?.allSatisfy { $0 > 0 } ?? true },
    summary: "π0 by token up to a factor, with / between them; random if empty")
  static let sigma = Parameter(
    "sigma", default: 1.0, .nonNegative,
    summary: "standard deviation of random rewards and of the logits of a random reference")
  package static let parameters: [any ParameterDeclaration] = [
    size, beta, PolicyDivergence.name, PolicyDivergence.alpha, rewards, policyReference, sigma,
  ]
  package static var refusedParameters: [String] { WorldRecipe.parameters.map(\.name) }

  package let histories: Histories
  package var length: Int { 1 }
  private let beta: Double
  private let divergence: PolicyDivergence
  private let rewards: [Double]?
  private let logReference: [Double]?
  private let sigma: Double
  private let kernels: VectorKernels

  package var isRandom: Bool { sigma > 0 && (rewards == nil || logReference == nil) }

  package init(_ values: Parameters) throws {
    (beta, sigma, kernels) = (values[Self.beta], values[Self.sigma], values.kernels)
    divergence = try PolicyDivergence(values)
    rewards = values[Self.rewards]
    let given = values[Self.policyReference]
    logReference = given.map { [kernels] in kernels.logarithms($0) }
    let sizes = [rewards?.count, given?.count].compactMap { $0 }
    let size = sizes.first ?? values[Self.size]
    let isSizeGiven = values.isChanged(Self.size.name)
    guard sizes.allSatisfy({ $0 == size }), !isSizeGiven || values[Self.size] == size, size >= 2
    else {
      throw SpecificationError.inconsistent(
        component: Self.name,
        "rewards=…, reference=… and size=… need the same number of tokens, at least 2")
    }
    guard sizes.count < 2 || !values.isChanged(Self.sigma.name) else {
      throw SpecificationError.inconsistent(
        component: Self.name, "sigma=… goes with random rewards or a random reference only")
    }
    histories = try Histories(vocabularySize: size, order: 0)
  }

  package func world(drawnWith stream: inout RandomStream) throws -> World {
    let size = histories.vocabularySize
    let rewards = try self.rewards ?? stream.normals(size, sigma: sigma)
    var (logs, values) = (try logReference ?? stream.normals(size, sigma: sigma), rewards)
    kernels.softmax(rowsOf: size, logs, logProbabilities: &logs, probabilities: &values)
    let reward = BanditReward(
      logReference: logs, rewards: rewards, beta: beta, divergence: divergence)
    var world = World(
      histories: histories, length: 1,
      logWeights: try divergence.optimum(of: reward, kernels: kernels), kernels: kernels)
    world.bandit = reward
    return world
  }
}
