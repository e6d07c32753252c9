// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics
internal import Synchronization

/// The teacher p, its tokens in rank order.
///
/// Rank order is descending probability, ties by ascending token index: every head is a prefix.
public final class TeacherDistribution: Equatable, Sendable {
  /// The token index at each rank.
  public let tokens: [Int]
  /// The rank of each token.
  var ranks: [Int] {
    lazyRanks.known {
      var ranks = tokens
      for (rank, token) in tokens.enumerated() { ranks[token] = rank }
      return ranks
    }
  }
  /// p by rank.
  public let probabilities: [Double]
  /// `log p` by rank: exact where p underflows; −∞ only where the teacher is truly 0.
  public let logProbabilities: [Double]
  /// `p₀ + … + p_r` by rank, summed in that order.
  public var cumulative: [Double] {
    lazyCumulative.known {
      var mass = 0.0
      return probabilities.map {
        mass += $0
        return mass
      }
    }
  }
  /// `H(p) = −Σ p log p`, nats.
  public let entropy: Double
  /// The token of the highest rank among those of probability 0, nil if there is none.
  public let firstZeroToken: Int?
  /// The distribution without noise from which this one was drawn, nil if it is the truth itself.
  private let origin: TeacherDistribution?
  /// Whether the tokens already were in rank order.
  let isRanked: Bool
  /// The same as the fused kernel reads it.
  var blendTeacher: BlendTeacher {
    lazyBlendTeacher.known {
      BlendTeacher(probabilities: probabilities, logProbabilities: logProbabilities)
    }
  }
  private let lazyRanks = Mutex<[Int]?>(nil)
  private let lazyCumulative = Mutex<[Double]?>(nil)
  private let lazyBlendTeacher = Mutex<BlendTeacher?>(nil)

  /// Vocabulary size, V.
  public var size: Int { tokens.count }

  /// How many arrays of one number a token it keeps.
  ///
  /// They are tokens, p and log p, and what may be found later: the ranks and the cumulative mass. What the kernel
  /// copies is in `BlendTeacher.vectorCount`.
  static let vectorCount = 5
  /// As many while it is made: weights, p and log p by token and by rank, tokens, and the keys they are sorted by.
  static let makingCount = 8

  /// Normalises and sorts weights.
  ///
  /// - Parameters:
  ///   - weights: one per token, at least one; linear ones finite and not negative, not all zero;
  ///     logarithmic ones below +∞, not all −∞.
  ///   - kernels: the vector kernels to compute with.
  /// - Throws: `DistributionError` for weights that make no distribution.
  public convenience init(
    _ weights: TeacherWeights, kernels: VectorKernels = .best
  ) throws(DistributionError) {
    let sum = try Self.check(weights)
    let probabilities: [Double]
    let logProbabilities: [Double]
    switch weights {
    case .linear(let values):
      probabilities = values.map { $0 / sum }
      var logs = kernels.logarithms(probabilities)
      // A subnormal quotient has lost digits that its logarithm still has.
      let small = values.indices.filter { probabilities[$0] < .leastNormalMagnitude }
      let exact = kernels.logarithms(small.map { values[$0] } + [sum])
      for (place, token) in small.enumerated() { logs[token] = exact[place] - exact[small.count] }
      logProbabilities = logs
    case .logarithmic(let values):
      (logProbabilities, probabilities) = kernels.softmax(values)
    }
    // Where p underflows, log p still distinguishes tokens.
    let isRanked = probabilities.indices.dropFirst().allSatisfy {
      (probabilities[$0 - 1], logProbabilities[$0 - 1]) >= (probabilities[$0], logProbabilities[$0])
    }
    let tokens =
      isRanked ? Array(probabilities.indices) : rankOrder(probabilities, logProbabilities)
    self.init(
      tokens: tokens, isRanked: isRanked,
      probabilities: isRanked ? probabilities : tokens.map { probabilities[$0] },
      logProbabilities: isRanked ? logProbabilities : tokens.map { logProbabilities[$0] })
  }

  /// A distribution whose rank order is known.
  init(
    tokens: [Int], isRanked: Bool, probabilities: [Double], logProbabilities: [Double],
    drawnFrom origin: TeacherDistribution? = nil
  ) {
    self.origin = origin
    self.isRanked = isRanked
    self.tokens = tokens
    self.probabilities = probabilities
    self.logProbabilities = logProbabilities
    entropy = -zip(probabilities, logProbabilities).reduce(0) { sum, term in
      term.0 > 0 ? sum + term.0 * term.1 : sum
    }
    firstZeroToken = logProbabilities.firstIndex(of: -.infinity).map { tokens[$0] }
  }

  /// What a student of this teacher is measured against: the distribution itself, or, if this is that of
  /// noisy labels or of a finite sample, the one from which they were drawn.
  public var truth: TeacherDistribution { origin ?? self }

  /// Whether `truth` is another distribution.
  var isSample: Bool { origin != nil }

  /// The same as noisy labels or a finite sample of another distribution.
  ///
  /// - Parameter truth: the distribution from which they were drawn, over the same tokens.
  /// - Returns: this distribution, whose `truth` is that.
  func drawn(from truth: TeacherDistribution) -> TeacherDistribution {
    TeacherDistribution(
      tokens: tokens, isRanked: isRanked, probabilities: probabilities,
      logProbabilities: logProbabilities, drawnFrom: truth)
  }

  /// The distribution `p ∝ p^(1/T)`, its tokens in the same rank order.
  func softened(by temperature: Double, kernels: VectorKernels) -> TeacherDistribution {
    let (logs, values) = kernels.softmax(temperedLogits(by: temperature))
    return TeacherDistribution(
      tokens: tokens, isRanked: isRanked, probabilities: values, logProbabilities: logs)
  }

  /// Logits of `p ∝ p^(1/T)` by rank.
  func temperedLogits(by temperature: Double) -> [Double] {
    tempered(logProbabilities, by: temperature, top: logProbabilities[0])
  }

  public static func == (first: TeacherDistribution, second: TeacherDistribution) -> Bool {
    first.tokens == second.tokens && first.probabilities == second.probabilities
      && first.logProbabilities == second.logProbabilities
  }

  /// Checks that weights make a distribution.
  ///
  /// - Parameter weights: one per token.
  /// - Returns: their sum; 1 for logarithmic ones.
  /// - Throws: `DistributionError` if they make none.
  static func check(_ weights: TeacherWeights) throws(DistributionError) -> Double {
    switch weights {
    case .linear(let values):
      guard !values.isEmpty else { throw .empty }
      for (token, value) in values.enumerated() {
        guard value.isFinite else { throw .notFinite(token: token, value: value) }
        guard value >= 0 else { throw .negative(token: token, value: value) }
      }
      let sum = values.reduce(0, +)
      guard sum > 0 else { throw .allZero }
      guard sum.isFinite else { throw .overflow }
      return sum
    case .logarithmic(let values):
      guard !values.isEmpty else { throw .empty }
      if let token = values.firstIndex(where: { $0.isNaN || $0 == .infinity }) {
        throw .notFinite(token: token, value: values[token])
      }
      guard values.contains(where: { $0 > -.infinity }) else { throw .allZero }
      return 1
    }
  }

  /// Values by token, given by rank.
  public func byToken(_ ranked: [Double]) -> [Double] { ranks.map { ranked[$0] } }

  /// Values by rank, given by token.
  public func byRank(_ values: [Double]) -> [Double] {
    isRanked ? values : tokens.map { values[$0] }
  }
}

extension Mutex {
  /// A value that is computed when it is first asked for.
  ///
  /// - Parameter compute: gives it, always the same.
  /// - Returns: what `compute` gave the first time.
  fileprivate func known<Known: Sendable>(_ compute: () -> Known) -> Known where Value == Known? {
    withLock { known in
      if let known { return known }
      let value = compute()
      known = value
      return value
    }
  }
}

/// The reason why weights make no distribution.
public enum DistributionError: CategorizedError, Equatable {
  case empty
  case notFinite(token: Int, value: Double)
  case negative(token: Int, value: Double)
  /// A file of probabilities has a number below 0.
  case negativeProbability(token: Int, value: Double)
  case allZero
  case overflow
  case notNormalised(sum: Double)
  /// The same for logarithms of probabilities.
  case logprobsNotNormalised(sum: Double)
  /// The logarithm of a probability is above 0.
  case positiveLogprob(token: Int, value: Double)
  /// The probabilities of some tokens sum to more than 1.
  case listedExcess(sum: Double)
  /// A listed token is none of the vocabulary.
  case beyondVocabulary(token: Int, size: Int)
  case contextWeights(count: Int, contexts: Int)
  /// Teachers to be averaged have different numbers of tokens.
  case sizes(String, Int, String, Int)
  /// A text is too short, or lacks a history.
  case text(String)

  public var category: ErrorCategory { .badData }

  public var description: String {
    switch self {
    case .empty: "there are no numbers; a teacher needs at least one token"
    case .notFinite(let token, let value):
      "token \(token) has \(value.isNaN ? "nan" : "\(value)"), not a finite number"
    case .negative(let token, let value): "token \(token) has \(value), which is below 0"
    case .negativeProbability(let token, let value):
      "token \(token) has \(value), which is below 0 and so no probability; are these logits? Then set"
        + " values=logits, or values=logprobs for logarithms of probabilities"
    case .allZero: "every token has 0; a teacher needs mass on at least one token"
    case .overflow: "the numbers add up to more than a double can hold; scale them down"
    case .contextWeights(let count, let contexts):
      "\(count) numbers cannot be the weights of \(contexts) contexts; give one finite number of at"
        + " least 0 per context, one of them above 0"
    case .sizes(let first, let firstSize, let second, let secondSize):
      "\(first) has \(firstSize) tokens and \(second) \(secondSize); teachers to be averaged must have"
        + " the same number"
    case .text(let reason): reason
    case .notNormalised(let sum):
      "the probabilities sum to \(sum), not to 1 within 1e-6; values=counts normalises them"
    case .logprobsNotNormalised(let sum):
      "the exponentials of the logprobs sum to \(sum), not to 1 within 1e-3; set values=logits if they"
        + " are to be normalised, or tail=… if tokens are left out"
    case .positiveLogprob(let token, let value):
      "token \(token) has the logprob \(value), which is above 0 and so no logarithm of a probability; are"
        + " these logits? Then set values=logits"
    case .listedExcess(let sum):
      "the probabilities of the listed tokens sum to \(sum), more than 1; set tail=drop if they are to"
        + " be normalised"
    case .beyondVocabulary(let token, let size):
      "token \(token) is listed, and a vocabulary of \(size) ends at \(size - 1); set a larger"
        + " vocabulary=…"
    }
  }
}
