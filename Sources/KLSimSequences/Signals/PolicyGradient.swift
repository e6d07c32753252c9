// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
package import KLSimNumerics

/// Reverse KL by the policy gradient: `−Σ_t (Σ_{u≥t} γ^{u−t} r_u − b) S_t`, y ~ q, with the reward
/// `r_t = log p(y_t|c_t) − log q(y_t|c_t)`.
///
/// γ = 1 is unbiased for seq-rkl; γ = 0 has the expectation of reverse KL of tokens at the student's
/// prefixes, which trainers call on-policy distillation.
///
/// TRL's MiniLLM discounts from the start of the sequence, `Σ_{u≥t} γ^u r_u` with t = 0, 1, …, and takes r_t
/// alone at γ = 0. The length norm divides by `Σ_{u≥t} γ^{u−t}`, or by that of the γ^u, which gives the
/// same mean of rewards; it is no gradient of seq-rkl.
package struct PolicyGradient: Signal, SignalEstimator {
  package static let name = "policy-gradient"
  package static let summary =
    "REINFORCE of the reward log p - log q, discounted; gamma=1 is unbiased for seq-rkl"
  package static let formula = "-Σ_t (Σ_{u≥t} gamma^(u-t) r_u - b) S_t, y ~ q"
  package static let reference = "Williams, Machine Learning 8, 1992; Gu et al., arXiv 2306.08543"

  /// What is subtracted from the reward to go.
  package enum Baseline: String, ParameterChoice {
    case none
    /// The mean over the batch at the same step.
    case mean
    /// The mean over the other sequences at the same step.
    case leaveOneOut = "leave-one-out"
    /// `−KL(q(·|c)‖p(·|c))`, the mean of r_t.
    case tokenKL = "token-kl"
    /// `−G(c)`, the mean of the reward to go.
    case value
    /// `E[R ‖S‖²]/E[‖S‖²]` at the prefix, which has the least variance.
    case optimal

    /// Whether it is a mean over the samples of the step.
    package var isOfStep: Bool { self == .mean || self == .leaveOneOut }

    /// `E[R ‖S‖²]/E[‖S‖²]` with `‖S‖² = ‖e_v − q‖² = 1 + Σ q² − 2 q_v`.
    ///
    /// - Parameters:
    ///   - rewards: the expected reward to go after each token.
    ///   - q: the student's probabilities.
    /// - Returns: b; 0 of a student that is certain of a token.
    package static func optimum(_ rewards: [Double], _ q: ArraySlice<Double>) -> Double {
      let norm = 1 + q.reduce(0) { $0 + $1 * $1 }
      var (weighted, total) = (0.0, 0.0)
      for (reward, q) in zip(rewards, q) {
        let square = norm - 2 * q
        weighted += q * (reward * square)
        total += q * square
      }
      return total > 0 ? weighted / total : 0
    }

    /// The scale and the shift that make advantages less b where that is a mean over the batch.
    ///
    /// - Parameters:
    ///   - values: what it is subtracted from, 0 after the end of a sequence.
    ///   - tokens: the tokens of the step, negative after the end.
    /// - Returns: s and b of the advantages `s·x − b`.
    fileprivate func mean(
      of values: borrowing MutableSpan<Double>, over tokens: Span<Int32>
    ) -> (scale: Double, shift: Double) {
      guard isOfStep else { return (1, 0) }
      var (total, count) = (0.0, 0)
      for place in tokens.indices where tokens[place] >= 0 {
        total += values[place]
        count += 1
      }
      guard self == .leaveOneOut else { return (1, total / Double(count)) }
      // x − (total − x)/(n − 1); a sequence that alone has not ended has no others.
      guard count > 1 else { return (1, 0) }
      return (Double(count) / Double(count - 1), total / Double(count - 1))
    }
  }

  /// From where the powers of γ count.
  package enum Discount: String, ParameterChoice {
    case token
    /// From the start of the sequence, as in TRL.
    case start
  }

  static let gamma = Parameter(
    "gamma", default: 1.0, .range(0...1), summary: "γ, the discount of later rewards")
  static let discount = Parameter(
    "discount", default: Discount.token,
    summary: "whether the powers of γ count from the token or from the start (TRL)")
  static let lengthNorm = Parameter(
    "length-norm", default: false,
    summary: "whether the reward to go is divided by the sum of its discounts")
  static let baseline = Parameter(
    "baseline", default: Baseline.none, summary: "what is subtracted from the reward to go")
  package static let parameters: [any ParameterDeclaration] = [
    gamma, discount, lengthNorm, baseline,
  ]

  private let gamma: Double
  private let isFromStart: Bool
  private let lengthNorm: Bool
  private let baseline: Baseline

  package func dependence(hasOneLength: Bool) -> SampleDependence? {
    baseline.isOfStep ? .others : nil
  }

  /// Sums of rewards, advantages and sums of discounts.
  package var size: SignalSize { SignalSize(numbersPerSample: 3) }

  package init(_ values: Parameters) throws(SpecificationError) {
    (gamma, baseline) = (values[Self.gamma], values[Self.baseline])
    lengthNorm = values[Self.lengthNorm]
    isFromStart = values[Self.discount] == .start && gamma > 0 && !lengthNorm
    guard !lengthNorm || baseline != .value && baseline != .optimal else {
      throw .inconsistent(
        component: Self.name,
        "baseline=\(baseline.rawValue) is that of a sum of rewards, and length-norm=true makes it a mean;"
          + " take none, mean, leave-one-out or token-kl")
    }
  }

  /// By dynamic programming; nil where rewards are normalised or shared, or that would take long.
  package func moments(in space: JointSpace, at student: StudentTable) -> SignalMoments? {
    let work = space.length * space.count * space.vocabularySize * student.logits.count
    guard !baseline.isOfStep, !isFromStart, !lengthNorm, work <= Self.maximumWork else {
      return nil
    }
    let moments = PolicyGradientMoments(
      in: space, at: student, discount: gamma, baseline: baseline)
    return SignalMoments(mean: moments.mean, variance: moments.variance)
  }

  /// Some seconds of additions.
  private static let maximumWork = 1 << 32

  package func check(samples: Int) throws(SetupError) {
    guard baseline.isOfStep, samples < 2 else { return }
    throw SetupError(
      "\(Self.name): baseline=\(baseline.rawValue) is a mean over the samples of a step, which needs at least two;"
        + " take --samples 2 or more, or another baseline")
  }

  package func estimator(in space: JointSpace) -> any SignalEstimator { self }

  package func draws(at moment: SequenceMoment) -> [SequenceDraw] {
    [SequenceDraw([moment.writer])]
  }

  package func weigh(
    _ batches: [SequenceBatch], of draw: SequenceDraw, at moment: SequenceMoment,
    with stream: inout RandomStream, into terms: inout GradientTerms
  ) {
    let (batch, space) = (batches[0], moment.space)
    let (size, studentRows) = (space.vocabularySize, space.studentRows)
    let baselines = baselines(at: moment)
    var sums = [Double](repeating: 0, count: batch.count)
    var (values, norms) = (sums, sums)
    let scales = (0..<batch.length).reduce(into: [1.0]) { scales, _ in
      scales.append(isFromStart ? scales[scales.count - 1] * gamma : 1)
    }
    var toGo = sums.mutableSpan
    var advantages = values.mutableSpan
    var scores = terms.scores.mutableSpan
    let (tokens, states) = (batch.tokens.span, batch.states.span)
    let (ratios, rows) = (moment.logRatios.span, studentRows.span)
    for step in stride(from: batch.length - 1, through: 0, by: -1) {
      let first = step * batch.count
      for place in 0..<batch.count where tokens[first &+ place] >= 0 {
        let (state, token) = (Int(states[first &+ place]), Int(tokens[first &+ place]))
        let reward = ratios[state &* size &+ token] + toGo[place].discounted(by: gamma)
        toGo[place] = reward
        advantages[place] = reward
      }
      if lengthNorm {
        for place in 0..<batch.count where tokens[first + place] >= 0 {
          norms[place] = 1 + gamma * norms[place]
          advantages[place] /= norms[place]
        }
      }
      let (scale, shift) = baseline.mean(
        of: advantages, over: tokens.extracting(first..<first + batch.count))
      let (factor, firstState) = (scales[step], space.states(after: step).lowerBound)
      for place in 0..<batch.count where tokens[first &+ place] >= 0 {
        let (state, token) = (Int(states[first &+ place]), Int(tokens[first &+ place]))
        var advantage = scale * advantages[place] - shift
        if !baselines.isEmpty { advantage -= baselines[step][state - firstState] }
        scores[Int(rows[state]) &* size &+ token] -= factor * advantage
      }
    }
  }

  /// b of every step and joint state of it; nothing where it is a mean over the batch.
  private func baselines(at moment: SequenceMoment) -> [[Double]] {
    let (space, student) = (moment.space, moment.student)
    switch baseline {
    case .none, .mean, .leaveOneOut: return []
    case .tokenKL:
      let divergences = moment.tokenReverseKL
      return (0..<space.length).map { step in space.states(after: step).map { -divergences[$0] } }
    case .value:
      return CostToGo(space: space).values(at: student, discount: gamma).map { $0.map { -$0 } }
    case .optimal:
      let costs = CostToGo(space: space).values(at: student, discount: gamma)
      return (0..<space.length).map { step in
        let next = space.states(after: step + 1).lowerBound
        return space.states(after: step).map { state in
          let rewards = (0..<space.vocabularySize).map { token in
            let place = state * space.vocabularySize + token
            guard token != space.studentEndToken, step + 1 < space.length else {
              return moment.logRatios[place]
            }
            let cost = costs[step + 1][Int(space.successors[place]) - next]
            return moment.logRatios[place] - cost.discounted(by: gamma)
          }
          return Baseline.optimum(rewards, student.row(Int(space.studentRows[state])))
        }
      }
    }
  }
}
