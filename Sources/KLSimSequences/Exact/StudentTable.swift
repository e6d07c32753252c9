// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// A student of sequences at one moment: `log q(v|c)` and `q(v|c)` of each of its histories.
package struct StudentTable: Sendable {
  /// How many arrays of one number a history and token it keeps.
  static let vectorCount = 3

  /// z, histories × V.
  package private(set) var logits: [Double]
  /// `log q(v|c)`, histories × V.
  package private(set) var logProbabilities: [Double]
  /// `q(v|c)`, histories × V.
  package private(set) var probabilities: [Double]
  /// The number of tokens, V.
  package let vocabularySize: Int
  /// The vector kernels to compute with.
  package let kernels: VectorKernels

  /// - Parameters:
  ///   - logits: z, histories × V.
  ///   - vocabularySize: V.
  ///   - kernels: the vector kernels to compute with.
  package init(_ logits: [Double], vocabularySize: Int, kernels: VectorKernels = .best) {
    (self.logits, logProbabilities, probabilities) = (logits, logits, logits)
    (self.vocabularySize, self.kernels) = (vocabularySize, kernels)
    find()
  }

  /// `q(·|c)` of a history.
  package func row(_ history: Int) -> ArraySlice<Double> {
    probabilities[history * vocabularySize..<(history + 1) * vocabularySize]
  }

  /// Moves the student.
  ///
  /// - Parameter fill: writes the new logits.
  package mutating func update(_ fill: (inout [Double]) -> Void) {
    fill(&logits)
    find()
  }

  private mutating func find() {
    kernels.softmax(
      rowsOf: vocabularySize, logits, logProbabilities: &logProbabilities,
      probabilities: &probabilities)
  }
}
