// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
package import KLSimNumerics

/// Reverse KL by MiniLLM's decomposition.
///
/// A single-step part, which is exact at every prefix, and a long-term part of sampled rewards:
///
///     paper:  Σ_t ∇KL(q(·|c_t)‖p(·|c_t)) − Σ_t R_{t+1} S_t
///     code:   Σ_t ∇KL(q(·|c_t)‖p(·|c_t)) − Σ_t R_t S_t
///     R_t = Σ_{u≥t} γ^{u−t} r_u,   r_t = log p(y_t|c_t) − log q(y_t|c_t)
///
/// with y ~ p̃ = α p + (1 − α) q, and the weights of `Weights`. The paper's form with exact weights and γ = 1
/// is unbiased for seq-rkl at every α. The code's form counts r_t twice: at α = 0 and γ = 1 its expectation
/// is the gradient of seq-rkl and once more its single-step part. All else (discount, whitening, scaling and
/// clipping of rewards, clipping of ratios, division by the number of rewards) is biased; `form=code` takes
/// the values of the published code and its scripts:
///
///                      paper               code
///     weights          exact               token, single-step part unweighted
///     gamma            1                   0.95
///     length-norm      false               true
///     whiten           false               true
///     reward-scale     1                   0.5
///     reward-clip      none                100
///     ratio-clip       none                0.2
///     reduction        seq-mean-token-sum  token-mean
///
/// The code makes several updates with the samples of one student; here every update has its own. Its
/// whitening counts the padding after short sequences as advantages of 0; here there are only tokens.
package struct MiniLLM: Signal, SignalEstimator {
  package static let name = "minillm"
  package static let summary =
    "MiniLLM's single-step and long-term parts, as in the paper (unbiased for seq-rkl) or in its code"
  package static let formula =
    "Σ_t ∇KL(q‖p)(c_t) - Σ_t R_{t+1} S_t (code: R_t), y ~ alpha p + (1 - alpha) q, weighted"
  package static let reference = "Gu et al., arXiv 2306.08543 (MiniLLM), and its published code"

  /// Which rewards the long-term part sums, and the defaults of the other keys.
  package enum Form: String, ParameterChoice {
    case paper, code
  }

  /// What makes up for writing with p̃ instead of q; with ρ_t = q(y_t|c_t)/p̃(y_t|c_t).
  package enum Weights: String, ParameterChoice {
    /// Π_{s<t} ρ_s of the single-step part at t, Π_{s≤u} ρ_s of every reward r_u: no bias.
    case exact
    /// Π_{s≤t} ρ_s of both parts at t, the paper's formula: rewards after t are those of p̃.
    case prefix
    /// ρ_t of both parts at t, the paper's approximation.
    case token
    /// None.
    case one
  }

  static let form = Parameter(
    "form", default: Form.paper, summary: "the paper's R_{t+1} or the code's R_t, and defaults")
  static let alpha = Parameter(
    "alpha", default: 0.2, .range(0...1), summary: "α, the teacher's share of every token's writer")
  static let weights = Parameter<Weights?>(
    "weights", default: .some(nil), summary: "the weights of samples; empty: exact, code: token")
  static let gamma = Parameter<Double?>(
    "gamma", default: .some(nil), .optional(.range(0...1)),
    summary: "γ, the discount of later rewards; empty: 1, code: 0.95")
  static let lengthNorm = Parameter<Bool?>(
    "length-norm", default: .some(nil),
    summary: "divide sums of rewards by how many they are; empty: false, code: true")
  static let whiten = Parameter<Bool?>(
    "whiten", default: .some(nil),
    summary: "shift and scale the step's advantages to mean 0, variance 1; empty: false, code: true"
  )
  static let rewardScale = Parameter<Double?>(
    "reward-scale", default: .some(nil), .optional(.positive),
    summary: "rewards are divided by this; empty: 1, code: 0.5")
  static let rewardClip = Parameter<Double?>(
    "reward-clip", default: .some(nil), .optional(.nonNegative),
    summary: "bound on the size of a scaled reward, 0 for none; empty: 0, code: 100")
  static let ratioClip = Parameter<Double?>(
    "ratio-clip", default: .some(nil), .optional(.nonNegative),
    summary: "PPO's bound on |weight - 1|, 0 for none; empty: 0, code: 0.2")
  static let reduction = Parameter<Reduction?>(
    Reduction.name, default: .some(nil),
    summary: Reduction.summary + "; empty: seq-mean-token-sum, code: token-mean")
  package static let parameters: [any ParameterDeclaration] = [
    form, alpha, weights, gamma, lengthNorm, whiten, rewardScale, rewardClip, ratioClip, reduction,
  ]

  package let divergence: Chosen<ObjectiveRecipe>?
  private let form: Form
  private let alpha: Double
  private let weights: Weights
  private let gamma: Double
  private let isNormalized: Bool
  private let isWhitened: Bool
  private let rewardScale: Double
  private let rewardClip: Double
  private let ratioClip: Double
  private let reduction: Reduction

  package init(_ values: Parameters) throws {
    divergence = try Catalog.objective("rkl", reader: values.reader, kernels: values.kernels)
    form = values[Self.form]
    let isCode = form == .code
    alpha = values[Self.alpha]
    weights = values[Self.weights] ?? (isCode ? .token : .exact)
    gamma = values[Self.gamma] ?? (isCode ? 0.95 : 1)
    isNormalized = values[Self.lengthNorm] ?? isCode
    isWhitened = values[Self.whiten] ?? isCode
    rewardScale = values[Self.rewardScale] ?? (isCode ? 0.5 : 1)
    let weighsTokens = weights != .exact
    guard weighsTokens || (values[Self.ratioClip] ?? 0) == 0 else {
      throw SpecificationError.inconsistent(
        component: Self.name,
        "ratio-clip bounds the weight of a token, and weights=exact weighs rewards;"
          + " take weights=token or prefix")
    }
    rewardClip = values[Self.rewardClip] ?? (isCode ? 100 : 0)
    ratioClip = weighsTokens ? values[Self.ratioClip] ?? (isCode ? 0.2 : 0) : 0
    reduction = values[Self.reduction] ?? (isCode ? .tokenMean : .sequenceSums)
  }

  package func dependence(hasOneLength: Bool) -> SampleDependence? {
    isWhitened ? .others : reduction.dependence(hasOneLength: hasOneLength)
  }

  /// Ratios and advantages.
  package var size: SignalSize { SignalSize(numbersPerToken: 2) }

  package func estimator(in space: JointSpace) -> any SignalEstimator { self }

  package func draws(at moment: SequenceMoment) -> [SequenceDraw] {
    let writer =
      alpha == 0
      ? moment.writer : Proposal(mixing: alpha, in: moment.space, student: moment.student)
    return [SequenceDraw([writer])]
  }

  package func weigh(
    _ batches: [SequenceBatch], of draw: SequenceDraw, at moment: SequenceMoment,
    with stream: inout RandomStream, into terms: inout GradientTerms
  ) {
    let batch = batches[0]
    let (size, rows) = (moment.space.vocabularySize, moment.space.studentRows)
    let ratios = ratios(of: batch, writtenBy: draw.proposals[0], at: moment)
    var advantages = advantages(of: batch, at: moment, weights: ratios)
    if isWhitened { whiten(&advantages, of: batch) }
    let factors = reduction.factors(of: batch)
    batch.forEachToken { place, sequence, state, token in
      let (factor, advantage) = (factors[sequence], advantages[place])
      let (ofStep, ofScore): (Double, Double) =
        switch weights {
        case .exact: (place < batch.count ? 1 : ratios[place - batch.count], 1)
        default: (ratios[place], isClipped(ratios[place], advantage) ? 0 : ratios[place])
        }
      terms.divergences[state] += factor * (form == .code ? 1 : ofStep)
      terms.scores[Int(rows[state]) * size + token] -=
        factor * ofScore * advantage
    }
  }

  /// ρ_t, or its product up to t, or 1, of each token, T × n.
  private func ratios(
    of batch: SequenceBatch, writtenBy proposal: Proposal, at moment: SequenceMoment
  ) -> [Double] {
    var ratios = [Double](repeating: 1, count: batch.tokens.count)
    guard weights != .one, proposal.side != .student else { return ratios }
    let (size, rows) = (moment.space.vocabularySize, moment.space.studentRows)
    batch.forEachToken { place, _, state, token in
      let row = Int(rows[state]) * size
      ratios[place] =
        moment.student.probabilities[row + token]
        / proposal.probability(of: token, at: state, size: size)
      if weights != .token, place >= batch.count { ratios[place] *= ratios[place - batch.count] }
    }
    return ratios
  }

  /// The sum of rewards that the score of each token is multiplied by, T × n.
  private func advantages(
    of batch: SequenceBatch, at moment: SequenceMoment, weights ratios: [Double]
  ) -> [Double] {
    let size = moment.space.vocabularySize
    var advantages = ratios
    var toGo = [Double](repeating: 0, count: batch.count)
    for step in stride(from: batch.length - 1, through: 0, by: -1) {
      for sequence in 0..<batch.count {
        let place = step * batch.count + sequence
        guard batch.tokens[place] >= 0 else { continue }
        let later = toGo[sequence]
        let reward = moment.logRatios[Int(batch.states[place]) * size + Int(batch.tokens[place])]
        let all = clipped(reward / rewardScale) * (weights == .exact ? ratios[place] : 1)
        toGo[sequence] = all + gamma * later
        let terms = Int(batch.lengths[sequence]) - step - (form == .code ? 0 : 1)
        advantages[place] =
          (form == .code ? toGo[sequence] : later) / (isNormalized ? Double(max(1, terms)) : 1)
      }
    }
    return advantages
  }

  private func clipped(_ reward: Double) -> Double {
    rewardClip > 0 ? min(max(reward, -rewardClip), rewardClip) : reward
  }

  /// Whether PPO's loss, `max(−A w, −A clip(w, 1 − ε, 1 + ε))`, is constant.
  private func isClipped(_ weight: Double, _ advantage: Double) -> Bool {
    guard ratioClip > 0 else { return false }
    return advantage > 0 ? weight > 1 + ratioClip : advantage < 0 && weight < 1 - ratioClip
  }

  /// Shifts and scales the advantages of all tokens of the step.
  private func whiten(_ advantages: inout [Double], of batch: SequenceBatch) {
    var (count, sum, squares) = (0.0, 0.0, 0.0)
    batch.forEachToken { place, _, _, _ in
      count += 1
      sum += advantages[place]
    }
    let mean = sum / count
    batch.forEachToken { place, _, _, _ in
      squares += (advantages[place] - mean) * (advantages[place] - mean)
    }
    // The published code's guard against a variance of 0.
    let deviation = (squares / count + 1e-8).squareRoot()
    batch.forEachToken { place, _, _, _ in
      advantages[place] = (advantages[place] - mean) / deviation
    }
  }
}

extension Domain {
  /// Nothing, or the values of a domain.
  static func optional<Given>(_ domain: Domain<Given>) -> Self where Value == Given? {
    Self(summary: domain.summary) { $0.map(domain.contains) ?? true }
  }
}
