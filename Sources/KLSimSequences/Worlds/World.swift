// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
package import KLSimNumerics

/// A teacher of sequences: `p(y) = Π p(y_t | c_t)`, where c_t are the last k tokens before y_t.
///
/// A sequence ends with its `eos` token, if there is one, or after T tokens.
package struct World: Sendable {
  /// How many arrays of one number a history and token it keeps or is made of: weights, log p and p.
  static let vectorCount = 3

  /// The histories c on which p depends.
  package let histories: Histories
  /// The maximum number of tokens of a sequence, T ≥ 1.
  package let length: Int
  /// `log p(v|c)`, histories × V; −∞ where p is 0.
  package let logProbabilities: [Double]
  /// `p(v|c)`, histories × V.
  package let probabilities: [Double]
  /// The token that ends the teacher's sequences, nil if there is none.
  package var endToken: Int?
  /// The number of tokens after which a token counts as repeated: the length of the trap's phrase, or 1.
  package var period = 1
  /// What a bandit's policy is rewarded for, nil of other worlds.
  package var bandit: BanditReward?

  /// The number of tokens, V.
  package var vocabularySize: Int { histories.vocabularySize }

  /// Makes a world of weights.
  ///
  /// - Parameters:
  ///   - histories: the histories on which p depends.
  ///   - length: T, at least 1.
  ///   - weights: `log p(v|c)` up to a constant of each history, histories × V.
  ///   - endToken: the token that ends sequences.
  ///   - kernels: the vector kernels for its arithmetic.
  package init(
    histories: Histories, length: Int, logWeights weights: [Double], endToken: Int? = nil,
    kernels: VectorKernels = .best
  ) {
    precondition(weights.count == histories.count * histories.vocabularySize, "a row a history")
    self.histories = histories
    self.length = length
    self.endToken = endToken
    var (logs, values) = (weights, weights)
    kernels.softmax(
      rowsOf: histories.vocabularySize, weights, logProbabilities: &logs, probabilities: &values)
    (logProbabilities, probabilities) = (logs, values)
  }

  /// The same mixed with the uniform distribution at every history: `(1 − ε) p + ε/V`.
  package func smoothed(by share: Double) -> World {
    let floor = share / Double(vocabularySize)
    var world = World(
      histories: histories, length: length,
      logWeights: VectorKernels.best.logarithms(probabilities.map { (1 - share) * $0 + floor }))
    (world.endToken, world.period, world.bandit) = (endToken, period, bandit)
    return world
  }

  /// Refuses a teacher that gives a token no mass, under which the reward of a student's token is −∞.
  ///
  /// - Parameter user: what needs the mass, for the error.
  /// - Throws: `SetupError`.
  package func checkSupport(for user: String) throws(SetupError) {
    guard let place = logProbabilities.firstIndex(of: -.infinity) else { return }
    let (history, token) = place.quotientAndRemainder(dividingBy: vocabularySize)
    throw SetupError(
      "\(user) is infinite: token \(token) has probability 0 under the teacher after the tokens"
        + " \(histories.tokens(of: history)); smooth the teacher, e.g. smooth=1e-6, or take what is finite"
        + " there, such as \(SequenceForwardKL.name) or \(SequenceKD.name)", category: .badData)
  }

  /// The number of sequences of full length, V^T; nil where it exceeds `maximumSequences`.
  package var sequenceCount: Int? {
    var count = 1
    for _ in 0..<length {
      count *= vocabularySize
      if count > Self.maximumSequences { return nil }
    }
    return count
  }

  /// The most sequences that are enumerated.
  package static let maximumSequences = 100_000
}

/// What a bandit's policy is rewarded for.
package struct BanditReward: Sendable {
  /// `log π₀`, by token.
  package let logReference: [Double]
  /// r, by token.
  package let rewards: [Double]
  /// The weight of the divergence from the reference, β > 0.
  package let beta: Double
  /// The divergence from the reference.
  package let divergence: PolicyDivergence
}
