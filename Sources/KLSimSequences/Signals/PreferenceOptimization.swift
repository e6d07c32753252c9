// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
package import KLSimNumerics

/// Preferences between two tokens of a bandit: `L = −log σ(β [f′(v_w) − f′(v_l)])`, `v = q/π₀`.
///
///     −β σ(−D) [v_w f″(v_w) S_w − v_l f″(v_l) S_l],   D the argument of σ
///
/// f and β are the bandit's. Which of two tokens is preferred follows Bradley and Terry,
/// `P(a ≻ b) = σ(r_a − r_b)`; the expected gradient of every pair is 0 at the bandit's optimum.
package struct PreferenceOptimization: Signal, SignalEstimator {
  package static let name = "f-dpo"
  package static let summary =
    "direct preference optimisation of a bandit, with the divergence of the bandit"
  package static let formula =
    "-log σ(beta [f'(v_w) - f'(v_l)]), v = q/π0, P(a ≻ b) = σ(r_a - r_b)"
  package static let reference =
    "Wang et al., arXiv 2309.16240 (f-DPO); rkl: Rafailov et al., arXiv 2305.18290"

  /// Who writes the pairs.
  enum Pairs: String, ParameterChoice {
    case reference, student
  }

  /// How a pair is judged.
  enum Labels: String, ParameterChoice {
    /// One of the two wins.
    case sampled
    /// Both outcomes, weighted by their probabilities.
    case expected
  }

  static let pairs = Parameter(
    "pairs", default: Pairs.reference, summary: "who writes the two tokens of a pair")
  static let labels = Parameter(
    "labels", default: Labels.sampled,
    summary: "whether one of the two wins, or both do by their probability")
  package static let parameters: [any ParameterDeclaration] = [pairs, labels]

  private let pairs: Pairs
  private let labels: Labels

  package func isPerSequence(in space: JointSpace) -> Bool { labels == .expected }

  package init(_ values: Parameters) {
    (pairs, labels) = (values[Self.pairs], values[Self.labels])
  }

  package var size: SignalSize { SignalSize(sequences: 2) }

  package func check(_ space: JointSpace) throws(SetupError) {
    guard space.world.bandit == nil else { return }
    throw SetupError(
      "\(Self.name) needs a teacher with rewards: take teacher bandit; dpkd compares sequences")
  }

  package func estimator(in space: JointSpace) throws -> any SignalEstimator {
    try check(space)
    return self
  }

  package func draws(at moment: SequenceMoment) -> [SequenceDraw] {
    let writer =
      pairs == .student
      ? moment.writer
      : Proposal(
        moment.student.kernels.exponentials(moment.bandit.logReference), endToken: nil)
    return [SequenceDraw([writer, writer])]
  }

  package func weigh(
    _ batches: [SequenceBatch], of draw: SequenceDraw, at moment: SequenceMoment,
    with stream: inout RandomStream, into terms: inout GradientTerms
  ) {
    let (bandit, kernels) = (moment.bandit, moment.student.kernels)
    let logRatios = zip(moment.student.logProbabilities, bandit.logReference).map { $0 - $1 }
    let slopes = logRatios.map { bandit.beta * bandit.divergence.slope($0, kernels: kernels) }
    let curvatures = logRatios.map {
      bandit.beta * bandit.divergence.curvature($0, kernels: kernels)
    }
    // A bandit has sequences of one token.
    let pairs = zip(batches[0].tokens, batches[1].tokens).map { (first: Int($0), second: Int($1)) }
    let preferences = kernels.sigmoids(
      pairs.map { bandit.rewards[$0.first] - bandit.rewards[$0.second] })
    let chances = kernels.sigmoids(pairs.map { slopes[$0.first] - slopes[$0.second] })
    for (place, (first, second)) in pairs.enumerated() {
      let preference = preferences[place]
      let wins = labels == .expected ? preference : stream.uniform() < preference ? 1 : 0
      // −∂L/∂D of both outcomes: P(a ≻ b) σ(−D) − P(b ≻ a) σ(D) = P(a ≻ b) − σ(D).
      let pull = wins - chances[place]
      terms.scores[first] -= pull * curvatures[first]
      terms.scores[second] += pull * curvatures[second]
    }
  }
}

extension SequenceMoment {
  /// The reward of the bandit that a signal's check has found.
  fileprivate var bandit: BanditReward {
    guard let bandit = space.world.bandit else { preconditionFailure("a bandit") }
    return bandit
  }
}
