// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimCore
import Testing

@testable import KLSimSequences

/// A small teacher and student, with the formulas of the estimators written down once more.
struct SmallModel: CustomTestStringConvertible {
  let space: JointSpace
  let student: StudentTable
  let testDescription: String

  /// Teachers that see all, with and without end tokens, and students that see less.
  static let all: [SmallModel] = {
    do {
      return try [
        SmallCase(size: 2, length: 2, orders: (1, 1), seed: 1),
        SmallCase(size: 2, length: 3, orders: (2, 2), ends: (1, 1), seed: 2),
        SmallCase(size: 3, length: 2, orders: (1, 1), ends: (0, 0), seed: 3),
        SmallCase(size: 3, length: 3, orders: (2, 1), seed: 4),
        SmallCase(size: 3, length: 3, orders: (2, 0), ends: (2, 2), seed: 5),
        SmallCase(size: 3, length: 3, orders: (2, 1), ends: (2, 1), seed: 6),
        SmallCase(size: 2, length: 3, orders: (2, 2), ends: (0, nil), seed: 7),
      ].map { try SmallModel($0) }
    } catch {
      preconditionFailure("\(error)")
    }
  }()

  init(_ small: SmallCase) throws {
    (space, student, testDescription) = (
      try small.space(), try small.student(), small.description
    )
  }

  init(_ space: JointSpace, _ student: StudentTable) {
    (self.space, self.student, testDescription) = (space, student, "given")
  }

  var size: Int { space.vocabularySize }

  /// `p(·|s)` and `q(·|s)` of a joint state.
  func teacher(_ state: Int) -> [Double] {
    let first = Int(space.teacherRows[state]) * size
    return Array(space.world.probabilities[first..<first + size])
  }
  func ofStudent(_ state: Int) -> [Double] {
    let first = Int(space.studentRows[state]) * size
    return Array(student.probabilities[first..<first + size])
  }

  /// Every sequence of a writer, with its probability.
  func sequences(
    endingWith end: Int?, _ writer: (_ state: Int) -> [Double]
  ) -> [(tokens: [Int], probability: Double)] {
    everySequence(size: size, length: space.length, endingWith: end).map { tokens in
      (tokens, zip(tokens, space.states(of: tokens)).reduce(1) { $0 * writer($1.1)[$1.0] })
    }
  }

  /// `∇KL(q‖p)` or `∇KL(p‖q)` in the student's row of a joint state.
  func slope(_ state: Int, isReverse: Bool) -> [Double] {
    let (p, q) = (teacher(state), ofStudent(state))
    guard isReverse else { return zip(p, q).map { $1 - $0 } }
    let logs = zip(p, q).map { log($1 / $0) }
    let divergence = zip(q, logs).reduce(0) { $0 + $1.0 * $1.1 }
    return zip(q, logs).map { $0 * ($1 - divergence) }
  }

  /// Adds to the student's row of a joint state.
  func add(_ slope: [Double], at state: Int, times weight: Double, to gradient: inout [Double]) {
    let first = Int(space.studentRows[state]) * size
    for (token, value) in slope.enumerated() { gradient[first + token] += weight * value }
  }

  var zeros: [Double] { [Double](repeating: 0, count: student.logits.count) }

  /// The gradient of an exact loss.
  func gradient(of objective: String) throws -> [Double] {
    try exact(objective, in: space, at: student).gradient
  }

  /// The enumerated moments of a signal.
  func moments(of signal: String) throws -> SignalMoments {
    try space.moments(of: signal, at: student)
  }

  /// What a signal makes of given samples, one batch a writer.
  func gradient(of signal: String, for samples: [[[Int]]]) throws -> [Double] {
    let signal = try SequenceCatalog.estimator(signal).component
    var estimator = try signal.estimator(in: space)
    return try contribution(
      &estimator, samples, divergence: signal.divergence, in: space, at: student
    ).map { $0 / Double(samples[0].count) }
  }

  /// How far the mean of many samples is from the expectation, in standard errors.
  func deviation(
    of signal: String, samples: Int, steps: Int, from expected: [Double]
  ) throws -> Double {
    let moments = try SignalMoments(
      sampling: SequenceCatalog.estimator(signal).component, in: space, at: student,
      samples: samples, steps: steps, seed: 11)
    return distance(moments.mean, expected) / moments.standardError
  }
}
