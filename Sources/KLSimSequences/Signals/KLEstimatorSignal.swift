// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
internal import KLSimNumerics

/// An estimate k of reverse KL per token, y ~ q, as a loss or as a reward −k.
///
/// A loss is differentiated with the sample held fixed, a reward is held constant:
///
///     loss:    g = Σ_t ∇k_t                                 reward:  g = Σ_t (Σ_{u≥t} γ^{u−t} k_u) S_t
///
/// At γ = 0 and without clamp the expectations at a prefix, with `TR = ∇KL(q‖p)` and `TF = ∇KL(p‖q)`, are
///
///           loss    reward
///     k1    0       TR
///     k2    TR      ½ E_q[l² S], no KL's gradient
///     k3    TF      TR − TF
///
/// With γ = 1, k1 gives the gradient of seq-rkl, and k3 that minus `Σ_c Q(c) TF_c`. A clamp `k ≤ m` takes the
/// gradient of the loss where `k > m`. Where `e^l` exceeds a double, k3 and with it the gradient is infinite.
///
/// Stale samples are those of the student of `lag` updates ago (or of the first, before). Their weights
/// are none (biased), the token's own `ρ_t = q/q_old` times the bracket (biased), or `Π_{s≤u} ρ_s` of
/// every k_u (unbiased).
package struct KLEstimatorSignal: Signal {
  package static let name = "kl-estimator"
  package static let summary =
    "k1, k2 or k3 of the student's tokens, as a loss or as a reward; which KL it descends depends on that"
  package static let formula = """
    k1 = -l, k2 = l²/2, k3 = exp(l) - 1 - l, l = log p - log q, y ~ q
    loss: Σ_t ∇k_t;  reward: Σ_t (Σ_{u≥t} gamma^(u-t) k_u) S_t
    """
  package static let reference = "Schulman, Approximating KL divergence, 2020"

  /// Where k stands.
  package enum Place: String, ParameterChoice {
    case loss, reward
  }

  /// How stale samples are weighted.
  package enum Weights: String, ParameterChoice {
    case none, token, prefix
  }

  static let estimator = Parameter("k", default: KLEstimator.k3, summary: "which estimate")
  static let place = Parameter(
    "place", default: Place.loss,
    summary: "whether k is differentiated or held constant as a (negative) reward")
  static let gamma = Parameter(
    "gamma", default: 0.0, .range(0...1),
    summary: "γ, the discount of later rewards; 0: those of the token alone")
  static let clamp = Parameter(
    "clamp", default: 0.0, .nonNegative, summary: "m, above which k is cut off; 0: never")
  static let lag = Parameter(
    "lag", default: 0, .range(0...1000),
    summary: "how many updates ago the student was that writes the samples")
  static let weights = Parameter(
    "weights", default: Weights.none,
    summary: "of stale samples: none, q/q_old of the token, or its product over the prefix")
  package static let parameters: [any ParameterDeclaration] = [
    estimator, place, gamma, clamp, lag, weights,
  ]

  fileprivate let estimator: KLEstimator
  fileprivate let place: Place
  fileprivate let gamma: Double
  fileprivate let clamp: Double
  fileprivate let lag: Int
  fileprivate let weights: Weights

  package func isPerSequence(in space: JointSpace) -> Bool { lag == 0 }

  package init(_ values: Parameters) throws(SpecificationError) {
    (estimator, place) = (values[Self.estimator], values[Self.place])
    (gamma, clamp) = (values[Self.gamma], values[Self.clamp])
    (lag, weights) = (values[Self.lag], values[Self.weights])
    guard place == .reward || gamma == 0 else {
      throw .inconsistent(
        component: Self.name, "a loss is not summed to go; leave out gamma=…, or take place=reward")
    }
    guard lag > 0 || weights == .none else {
      throw .inconsistent(
        component: Self.name, "samples of lag=0 have no weights; leave out weights=…")
    }
  }

  /// The students since the one that wrote the samples, and the ratios of their tokens.
  package var size: SignalSize {
    SignalSize(numbersPerToken: weights == .none ? 0 : 1, students: lag > 0 ? lag + 1 : 0)
  }

  package func check(updates: Int) throws(SetupError) {
    guard lag > 0, updates == 0 else { return }
    throw SetupError(
      "\(Self.name): before the first update there is no earlier student, and lag=\(lag) is lag=0; give --epochs,"
        + " after which the student of a run is looked at, or leave out lag and weights")
  }

  package func estimator(in space: JointSpace) -> any SignalEstimator { Estimator(signal: self) }

  /// w of the score of each token if it stood alone, joint states × V.
  fileprivate func costs(at moment: SequenceMoment) -> [Double] {
    let kernels = moment.student.kernels
    func values() -> [Double] { estimator.values(moment.logRatios, kernels: kernels) }
    switch place {
    case .loss:
      let slopes = estimator.slopes(moment.logRatios, kernels: kernels)
      return clamp == 0 ? slopes : zip(slopes, values()).map { $1 > clamp ? 0 : $0 }
    case .reward: return clamp == 0 ? values() : values().map { min($0, clamp) }
    }
  }

  private struct Estimator: SignalEstimator {
    let signal: KLEstimatorSignal
    /// The students of the last `lag` updates and this one, oldest first; none if the lag is 0.
    private var students: [StudentTable] = []

    init(signal: KLEstimatorSignal) { self.signal = signal }

    mutating func draws(at moment: SequenceMoment) -> [SequenceDraw] {
      guard signal.lag > 0 else { return [SequenceDraw([moment.writer])] }
      if students.count > signal.lag { students.removeFirst() }
      students.append(moment.student)
      let space = moment.space
      let stale = Proposal(
        students[0].probabilities, rows: space.studentRows, endToken: space.studentEndToken)
      return [SequenceDraw([stale])]
    }

    func weigh(
      _ batches: [SequenceBatch], of draw: SequenceDraw, at moment: SequenceMoment,
      with stream: inout RandomStream, into terms: inout GradientTerms
    ) {
      let costs = signal.costs(at: moment)
      let ratios = ratios(of: batches[0], at: moment)
      let (isToken, isPrefix) = (signal.weights == .token, signal.weights == .prefix)
      terms.addCostsToGo(
        of: batches[0], in: moment.space, discount: signal.gamma,
        weight: { isToken ? ratios[$0] : 1 },
        cost: { isPrefix ? ratios[$0] * costs[$1] : costs[$1] })
    }

    /// `q/q_old` of each sampled token, or its product over the prefix.
    private func ratios(of batch: SequenceBatch, at moment: SequenceMoment) -> [Double] {
      guard signal.weights != .none else { return [] }
      let (rows, size) = (moment.space.studentRows, moment.space.vocabularySize)
      let table = moment.student.kernels.exponentials(
        zip(moment.student.logProbabilities, students[0].logProbabilities).map { $0 - $1 })
      var ratios = [Double](repeating: 1, count: batch.tokens.count)
      for place in ratios.indices where batch.tokens[place] >= 0 {
        ratios[place] =
          table[Int(rows[Int(batch.states[place])]) * size + Int(batch.tokens[place])]
        if signal.weights == .prefix, place >= batch.count {
          ratios[place] *= ratios[place - batch.count]
        }
      }
      return ratios
    }
  }
}
