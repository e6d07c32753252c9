// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

/// What sampled sequences contribute to a gradient in the student's logits.
///
///     g = Σ w (e_v − q(·|c))  +  Σ u ∂D(c)/∂z[c, ·]
///
/// with the weights w of tokens and u of joint states that a signal gives; D is its divergence of tokens.
package struct GradientTerms: Sendable {
  /// w of the score of each token, histories of the student × V.
  package var scores: [Double]
  /// u of the divergence of each joint state.
  package var divergences: [Double]
  /// Whether a signal that draws variates of its own gives their expectation instead, given the sequences.
  package let areExpected: Bool
  /// The sum of the variances of all elements of g, given the sequences, that such an expectation hides.
  package var hiddenVariance = 0.0

  package init(_ space: JointSpace, areExpected: Bool = false) {
    self.areExpected = areExpected
    scores = [Double](
      repeating: 0, count: space.studentHistories.count * space.vocabularySize)
    divergences = [Double](repeating: 0, count: space.count)
  }

  /// Forgets everything.
  package mutating func reset() {
    for index in scores.indices { scores[index] = 0 }
    for index in divergences.indices { divergences[index] = 0 }
    hiddenVariance = 0
  }

  /// Adds the divergence at every prefix of sequences.
  ///
  /// - Parameters:
  ///   - batch: the sequences.
  ///   - weights: u of the prefixes of each sequence.
  package mutating func addDivergences(along batch: SequenceBatch, weights: [Double]) {
    batch.forEachToken { _, sequence, state, _ in divergences[state] += weights[sequence] }
  }
  /// Computes g.
  ///
  /// - Parameters:
  ///   - factor: multiplies it.
  ///   - student: the student.
  ///   - space: teacher and student.
  ///   - losses: D; nil if the signal has none.
  ///   - gradient: receives histories of the student × V values.
  package func addUp(
    _ factor: Double, at student: StudentTable, in space: JointSpace, _ losses: inout TokenLosses?,
    gradient: inout [Double]
  ) {
    for index in gradient.indices { gradient[index] = factor * scores[index] }
    student.centreRows(&gradient)
    guard losses != nil else { return }
    for state in 0..<space.count where divergences[state] != 0 {
      _ = losses?.loss(
        of: state, at: student, weight: factor * divergences[state], addingTo: &gradient)
    }
  }
}
