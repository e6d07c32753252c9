// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// The teacher p, its tokens in rank order.
///
/// Rank order is descending probability, ties by ascending token index: every head is a prefix.
public struct TeacherDistribution: Equatable, Sendable {
  /// One reference, so that states of runs are cheap to pass on.
  private let storage: Storage

  /// The token index at each rank.
  public var tokens: [Int] { storage.tokens }
  /// The rank of each token.
  var ranks: [Int] { storage.ranks }
  /// p by rank.
  public var probabilities: [Double] { storage.probabilities }
  /// `log p` by rank: exact where p underflows; −∞ only where the teacher is truly 0.
  public var logProbabilities: [Double] { storage.logProbabilities }
  /// `p₀ + … + p_r` by rank, summed in that order.
  public var cumulative: [Double] { storage.cumulative }
  /// `H(p) = −Σ p log p`, nats.
  public var entropy: Double { storage.entropy }
  /// What the weights summed to; 1 for logits.
  var weightSum: Double { storage.weightSum }
  /// Whether the tokens are in rank order as they are.
  private var isRanked: Bool { storage.isRanked }
  /// The same as the fused kernel reads it.
  var blendTeacher: BlendTeacher { storage.blendTeacher }

  /// Vocabulary size, V.
  public var size: Int { storage.tokens.count }

  /// The token of the highest rank that the teacher gives no mass at all, nil if there is none.
  public var firstZeroToken: Int? { storage.firstZeroToken }

  /// Normalises and sorts weights.
  ///
  /// - Parameters:
  ///   - weights: one a token, at least one; linear ones finite and not negative, not all zero;
  ///     logarithmic ones below +∞, not all −∞.
  ///   - kernels: the kernels to use.
  /// - Throws: `DistributionError` for weights that are no distribution.
  public init(
    _ weights: TeacherWeights, kernels: VectorKernels = .best
  ) throws(DistributionError) {
    let values: [Double]
    let probabilities: [Double]
    let logProbabilities: [Double]
    let weightSum: Double
    switch weights {
    case .linear(let linear):
      values = linear
      let sum = try Self.check(weights)
      weightSum = sum
      probabilities = values.map { $0 / sum }
      var logs = kernels.logarithms(probabilities)
      // A subnormal quotient has lost digits that its logarithm still has.
      let small = values.indices.filter { probabilities[$0] < .leastNormalMagnitude }
      let exact = kernels.logarithms(small.map { values[$0] } + [sum])
      for (place, token) in small.enumerated() { logs[token] = exact[place] - exact[small.count] }
      logProbabilities = logs
    case .logarithmic(let logarithms):
      values = logarithms
      weightSum = try Self.check(weights)
      (logProbabilities, probabilities) = kernels.softmax(values)
    }
    // Where p underflows, log p still tells tokens apart.
    guard !Self.isRanked(probabilities, logProbabilities) else {
      self.init(
        tokens: Array(probabilities.indices), isRanked: true, probabilities: probabilities,
        logProbabilities: logProbabilities, weightSum: weightSum)
      return
    }
    let tokens = rankOrder(probabilities, logProbabilities)
    self.init(
      tokens: tokens, isRanked: false, probabilities: tokens.map { probabilities[$0] },
      logProbabilities: tokens.map { logProbabilities[$0] }, weightSum: weightSum)
  }

  /// What is known of a distribution.
  private final class Storage: Sendable {
    let tokens: [Int]
    let ranks: [Int]
    let probabilities: [Double]
    let logProbabilities: [Double]
    let cumulative: [Double]
    let entropy: Double
    let weightSum: Double
    let isRanked: Bool
    let blendTeacher: BlendTeacher
    let firstZeroToken: Int?

    init(
      tokens: [Int], isRanked: Bool, probabilities: [Double], logProbabilities: [Double],
      weightSum: Double
    ) {
      self.isRanked = isRanked
      self.tokens = tokens
      var ranks = tokens
      for (rank, token) in tokens.enumerated() { ranks[token] = rank }
      self.ranks = ranks
      self.probabilities = probabilities
      self.logProbabilities = logProbabilities
      self.weightSum = weightSum
      var mass = 0.0
      cumulative = probabilities.map {
        mass += $0
        return mass
      }
      entropy = -zip(probabilities, logProbabilities).reduce(0) { sum, term in
        term.0 > 0 ? sum + term.0 * term.1 : sum
      }
      firstZeroToken = logProbabilities.firstIndex(of: -.infinity).map { tokens[$0] }
      blendTeacher = BlendTeacher(probabilities: probabilities, logProbabilities: logProbabilities)
    }
  }

  private init(
    tokens: [Int], isRanked: Bool, probabilities: [Double], logProbabilities: [Double],
    weightSum: Double
  ) {
    storage = Storage(
      tokens: tokens, isRanked: isRanked, probabilities: probabilities,
      logProbabilities: logProbabilities, weightSum: weightSum)
  }

  /// The distribution `p ∝ p^(1/T)`, its tokens in the same rank order.
  ///
  /// - Parameters:
  ///   - temperature: T, above 0.
  ///   - kernels: the kernels to use.
  /// - Returns: the softened distribution.
  func softened(by temperature: Double, kernels: VectorKernels) -> TeacherDistribution {
    let (logs, values) = kernels.softmax(temperedLogits(by: temperature))
    return TeacherDistribution(
      tokens: tokens, isRanked: isRanked, probabilities: values, logProbabilities: logs,
      weightSum: 1)
  }

  /// Logits of `p ∝ p^(1/T)` by rank.
  func temperedLogits(by temperature: Double) -> [Double] {
    tempered(logProbabilities, by: temperature, top: logProbabilities[0])
  }

  public static func == (first: Self, second: Self) -> Bool {
    first.tokens == second.tokens && first.probabilities == second.probabilities
      && first.logProbabilities == second.logProbabilities
  }

  /// Checks that weights make a distribution.
  ///
  /// - Parameter weights: one a token.
  /// - Returns: what they sum to; 1 for logarithmic ones.
  /// - Throws: `DistributionError` if they make none.
  static func check(_ weights: TeacherWeights) throws(DistributionError) -> Double {
    switch weights {
    case .linear(let values):
      return try checkedSum(values)
    case .logarithmic(let values):
      guard !values.isEmpty else { throw .empty }
      if let token = values.firstIndex(where: { $0.isNaN || $0 == .infinity }) {
        throw .notFinite(token: token, value: values[token])
      }
      guard values.contains(where: { $0 > -.infinity }) else { throw .allZero }
      return 1
    }
  }

  private static func checkedSum(_ values: [Double]) throws(DistributionError) -> Double {
    guard !values.isEmpty else { throw .empty }
    for (token, value) in values.enumerated() {
      guard value.isFinite else { throw .notFinite(token: token, value: value) }
      guard value >= 0 else { throw .negative(token: token, value: value) }
    }
    let sum = values.reduce(0, +)
    guard sum > 0 else { throw .allZero }
    guard sum.isFinite else { throw .overflow }
    return sum
  }

  private static func isRanked(_ p: [Double], _ logP: [Double]) -> Bool {
    p.indices.dropFirst().allSatisfy { (p[$0 - 1], logP[$0 - 1]) >= (p[$0], logP[$0]) }
  }

  /// Values by token, given by rank.
  public func byToken(_ ranked: [Double]) -> [Double] {
    var values = ranked
    for (rank, token) in tokens.enumerated() { values[token] = ranked[rank] }
    return values
  }

  /// Values by rank, given by token.
  public func byRank(_ values: [Double]) -> [Double] {
    isRanked ? values : tokens.map { values[$0] }
  }
}

/// Weights that do not make a distribution.
public enum DistributionError: CategorizedError, Equatable {
  case empty
  case notFinite(token: Int, value: Double)
  case negative(token: Int, value: Double)
  case allZero
  case overflow
  case notNormalised(sum: Double)
  case contextWeights(count: Int, contexts: Int)
  /// Teachers that are to be averaged have different numbers of tokens.
  case sizes(String, Int, String, Int)
  /// A text that does not give what is asked of it.
  case text(String)

  public var category: ErrorCategory { .badData }

  public var description: String {
    switch self {
    case .empty: "there are no numbers; a teacher needs at least one token"
    case .notFinite(let token, let value):
      "token \(token) has \(value.isNaN ? "nan" : "\(value)"), not a finite number"
    case .negative(let token, let value): "token \(token) has \(value), which is below 0"
    case .allZero: "every token has 0; a teacher needs mass somewhere"
    case .overflow: "the numbers add up to more than a double can hold; scale them down"
    case .contextWeights(let count, let contexts):
      "\(count) numbers are no weights of \(contexts) contexts; give each one finite number of at"
        + " least 0, one of them above"
    case .sizes(let first, let firstSize, let second, let secondSize):
      "\(first) has \(firstSize) tokens and \(second) \(secondSize); only teachers of as many tokens"
        + " can be averaged"
    case .text(let reason): reason
    case .notNormalised(let sum):
      "the probabilities sum to \(sum), not to 1 within 1e-6; set values=counts if they are to be"
        + " normalised"
    }
  }
}
