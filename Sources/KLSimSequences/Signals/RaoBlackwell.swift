// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
package import KLSimNumerics

/// Reverse KL with the exact divergence of tokens at every sampled prefix.
///
///     y ~ q
///     g = Σ_t [∇KL_{c_t} + (Σ_{u>t} γ^{u−t−1} KL_{c_u}) S_t],   KL_c = KL(q(·|c)‖p(·|c))
///
/// γ = 1 is unbiased for seq-rkl, with mostly less variance than the policy gradient and never more than
/// MiniLLM's decomposition. Note that γ = 0 keeps the divergence of the next step.
package struct RaoBlackwell: Signal, SignalEstimator {
  package static let name = "rao-blackwell"
  package static let summary =
    "reverse KL of tokens, exact at the student's prefixes, with its future; gamma=1 is unbiased for seq-rkl"
  package static let formula = "Σ_t [∇KL_{c_t} + (Σ_{u>t} gamma^(u-t-1) KL_{c_u}) S_t], y ~ q"
  package static let reference = "Amini et al., arXiv 2504.10637"

  static let gamma = Parameter(
    "gamma", default: 1.0, .range(0...1), summary: "γ, the discount of later divergences")
  package static let parameters: [any ParameterDeclaration] = [gamma]

  private let gamma: Double
  package let divergence: Chosen<ObjectiveRecipe>?

  package init(_ values: Parameters) throws {
    gamma = values[Self.gamma]
    divergence = try Catalog.objective("rkl", reader: values.reader, kernels: values.kernels)
  }

  package func estimator(in space: JointSpace) -> any SignalEstimator { self }

  package func draws(at moment: SequenceMoment) -> [SequenceDraw] {
    [SequenceDraw([moment.writer])]
  }

  package func weigh(
    _ batches: [SequenceBatch], of draw: SequenceDraw, at moment: SequenceMoment,
    with stream: inout RandomStream, into terms: inout GradientTerms
  ) {
    let batch = batches[0]
    let divergences = moment.tokenReverseKL
    for place in batch.tokens.indices where batch.tokens[place] >= 0 {
      terms.divergences[Int(batch.states[place])] += 1
    }
    terms.addCostsToGo(of: batch, in: moment.space, discount: gamma) { place, _ in
      let next = place + batch.count
      guard next < batch.tokens.count, batch.tokens[next] >= 0 else { return 0 }
      return divergences[Int(batch.states[next])]
    }
  }
}
