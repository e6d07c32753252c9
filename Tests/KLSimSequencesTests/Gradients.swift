// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimNumerics

@testable import KLSimSequences

/// The value and the gradient of an exact loss.
func exact(
  _ text: String, in space: JointSpace, at student: StudentTable
) throws -> (value: Double, gradient: [Double]) {
  var gradient = [Double](repeating: .nan, count: student.logits.count)
  var evaluator = try SequenceCatalog.objective(text).component.evaluator(in: space)
  let value = evaluator.loss(at: student, gradient: &gradient)
  return (value, gradient)
}

/// What given samples contribute to a signal's gradient, their sum; one batch a writer.
func contribution(
  _ estimator: inout any SignalEstimator, _ batches: [[[Int]]],
  divergence: Chosen<ObjectiveRecipe>? = nil, in space: JointSpace, at student: StudentTable
) throws -> [Double] {
  var terms = GradientTerms(space)
  var stream = RandomStream(seed: 1)
  let moment = SequenceMoment(space, student)
  let draw = estimator.draws(at: moment)[0]
  estimator.weigh(
    batches.map { SequenceBatch($0, in: space) }, of: draw, at: moment, with: &stream,
    into: &terms)
  var losses = try divergence.map { try TokenLosses($0, in: space, kernels: .best) }
  var gradient = student.logits
  terms.addUp(1, at: student, in: space, &losses, gradient: &gradient)
  return gradient
}

extension JointSpace {
  /// The joint states before the tokens of a sequence.
  func states(of tokens: [Int]) -> [Int] {
    tokens.dropLast().reduce(into: [0]) { states, token in
      states.append(Int(successors[states[states.count - 1] * vocabularySize + token]))
    }
  }

  /// `E Σ_t w_t S_t`, over every sequence.
  ///
  /// - Parameters:
  ///   - student: the student, whose scores they are.
  ///   - writer: the student that writes the sequences, if it is another one.
  ///   - weight: w of the token t = 0, 1, … of a sequence.
  /// - Returns: the expectation, histories of the student × V.
  func expectation(
    at student: StudentTable, writer: StudentTable? = nil, weight: (Written, Int) -> Double
  ) -> [Double] {
    let writer = writer ?? student
    var sums = student.logits.map { _ in 0.0 }
    for written in Written.all(in: self, at: student, endingWith: studentEndToken) {
      let log = zip(written.rows, written.tokens).reduce(0) {
        $0 + writer.logProbabilities[$1.0 * vocabularySize + $1.1]
      }
      let weights = written.tokens.indices.map { exponential(log) * weight(written, $0) }
      written.addScores(weights, at: student, to: &sums)
    }
    return sums
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

extension SignalMoments {
  /// The moments of a signal from samples.
  init(
    sampling signal: any Signal, in space: JointSpace, at student: StudentTable, samples: Int,
    steps: Int, seed: UInt64
  ) throws {
    self.init(
      sampling: try SampledSource(signal, in: space, samples: samples), at: student,
      samples: samples, steps: steps, seed: seed)
  }
}
