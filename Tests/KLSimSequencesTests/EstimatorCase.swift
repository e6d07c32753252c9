// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimNumerics
import Testing

@testable import KLSimSequences

/// A random teacher and student, small enough to enumerate.
struct EstimatorCase: CustomTestStringConvertible {
  let size: Int
  let length: Int
  /// How far the student looks back.
  let order: Int
  let eos: Int?
  let studentEOS: Int?
  let seed: UInt64

  static let all = [
    Self(size: 2, length: 2, order: 1, eos: nil, studentEOS: nil, seed: 1),
    Self(size: 3, length: 3, order: 2, eos: nil, studentEOS: nil, seed: 2),
    Self(size: 3, length: 3, order: 1, eos: nil, studentEOS: nil, seed: 3),
    Self(size: 3, length: 3, order: 2, eos: 0, studentEOS: 0, seed: 4),
    Self(size: 2, length: 3, order: 0, eos: 1, studentEOS: 1, seed: 5),
    Self(size: 3, length: 2, order: 1, eos: 0, studentEOS: 2, seed: 6),
  ]

  var testDescription: String {
    "V=\(size) T=\(length) order=\(order) eos=\(eos.parameterText)/\(studentEOS.parameterText)"
  }

  func space() throws -> JointSpace {
    let prefixes = try Histories(vocabularySize: size, order: length - 1)
    var stream = RandomStream(seed: seed, purpose: "world")
    let world = World(
      histories: prefixes, length: length,
      logWeights: stream.normals(prefixes.count * size, sigma: 1), endToken: eos)
    return try JointSpace(
      world, studentHistories: Histories(vocabularySize: size, order: order),
      studentEndToken: studentEOS)
  }

  func student(_ purpose: String = "student") throws -> StudentTable {
    var stream = RandomStream(seed: seed, purpose: purpose)
    let rows = try Histories(vocabularySize: size, order: order).count
    return StudentTable(stream.normals(rows * size, sigma: 1), vocabularySize: size)
  }
}

/// One sequence, as `expectation` gives it to the weights of its scores.
struct Sampled {
  let tokens: [Int]
  /// The joint state before each token.
  let states: [Int]
  /// `log p − log q` of each token.
  let rewards: [Double]
}

extension JointSpace {
  /// `E Σ_t w_t S_t`, by brute force.
  ///
  /// - Parameters:
  ///   - student: the student, whose scores they are.
  ///   - writer: the student that writes the sequences, if it is another one.
  ///   - weight: w of the token t = 0, 1, … of a sequence.
  /// - Returns: the expectation, histories of the student × V.
  /// - Throws: `SetupError` if there are too many sequences.
  func expectation(
    at student: StudentTable, writer: StudentTable? = nil, weight: (Sampled, Int) -> Double
  ) throws -> [Double] {
    let writer = writer ?? student
    var sums = [Double](repeating: 0, count: student.logits.count)
    try SequenceTree(self, endingWith: studentEndToken).visit { tokens, states in
      let rows = states.map { Int(studentRows[$0]) * vocabularySize }
      let rewards = tokens.indices.map {
        logTeacher[states[$0] * vocabularySize + tokens[$0]]
          - student.logProbabilities[rows[$0] + tokens[$0]]
      }
      let probability = tokens.indices.reduce(1) {
        $0 * writer.probabilities[rows[$1] + tokens[$1]]
      }
      let sample = Sampled(tokens: tokens, states: states, rewards: rewards)
      for step in tokens.indices {
        let weight = probability * weight(sample, step)
        for token in 0..<vocabularySize {
          sums[rows[step] + token] -= weight * student.probabilities[rows[step] + token]
        }
        sums[rows[step] + tokens[step]] += weight
      }
    }
    return sums
  }

  /// The exact gradient of a loss of sequences.
  func gradient(of objective: String, at student: StudentTable) throws -> [Double] {
    var evaluator = try SequenceCatalog.objective(objective).component.evaluator(in: self)
    var gradient = [Double](repeating: .nan, count: student.logits.count)
    _ = evaluator.loss(at: student, gradient: &gradient)
    return gradient
  }

  /// The enumerated moments of a signal.
  func moments(
    of signal: String, at student: StudentTable, after students: [StudentTable] = []
  ) throws -> SignalMoments {
    let signal = try SequenceCatalog.estimator(signal).component
    try signal.check(self)
    return try SignalMoments(enumerating: signal, in: self, at: student, after: students)
  }
}

/// The largest difference of two gradients.
func largestGap(_ left: [Double], _ right: [Double]) -> Double {
  zip(left, right).map { ($0 - $1).magnitude }.max() ?? 0
}
