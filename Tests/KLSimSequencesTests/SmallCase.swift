// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimNumerics
import KLSimTestSupport

@testable import KLSimSequences

/// A small random teacher and student of sequences.
struct SmallCase: Sendable, CustomStringConvertible {
  var size = 2
  var length = 3
  /// The tokens on which teacher and student look back.
  var orders = (teacher: 2, student: 2)
  /// The tokens that end their sequences.
  var ends: (teacher: Int?, student: Int?) = (nil, nil)
  var seed: UInt64 = 1

  var description: String {
    "V = \(size), T = \(length), orders \(orders), ends \(ends), seed \(seed)"
  }

  /// Teachers of order 0…2 with students of every order, with and without end tokens.
  static let all: [SmallCase] = (0...2).flatMap { teacher in
    (0...2).flatMap { student in
      [(nil, nil), (0, 0), (1, 0), (nil, 1), (2, nil)].map { ends in
        SmallCase(
          size: 3, length: 4, orders: (teacher, student), ends: ends,
          seed: UInt64(teacher * 3 + student))
      }
    }
  }

  /// Cases whose pairs of sequences are few.
  static let few: [SmallCase] = [
    SmallCase(), SmallCase(orders: (1, 2), seed: 2), SmallCase(orders: (2, 0), seed: 3),
    SmallCase(size: 3, length: 2, orders: (1, 1), seed: 4),
    SmallCase(orders: (1, 1), ends: (0, 0), seed: 5),
    SmallCase(size: 3, length: 3, orders: (2, 1), ends: (2, 2), seed: 6),
  ]

  private func logits(_ histories: Histories, _ salt: UInt64) -> [Double] {
    var generator = SplitMix64(seed: seed &* 100 &+ salt)
    return (0..<histories.count * size).map { _ in .random(in: -1.5...1.5, using: &generator) }
  }

  func histories(_ order: Int) throws -> Histories {
    try Histories(vocabularySize: size, order: order)
  }

  func space() throws -> JointSpace {
    let teacher = try histories(orders.teacher)
    let world = World(
      histories: teacher, length: length, logWeights: logits(teacher, 1), endToken: ends.teacher)
    return try JointSpace(
      world, studentHistories: try histories(orders.student), studentEndToken: ends.student)
  }

  func student() throws -> StudentTable {
    StudentTable(logits(try histories(orders.student), 2), vocabularySize: size)
  }
}

/// A sequence with what teacher and student make of it, found without joint states.
struct Written {
  let tokens: [Int]
  /// The row of the student before each token.
  let rows: [Int]
  /// `log p` and `log q` of each token.
  let logs: [(p: Double, q: Double)]

  var logP: Double { logs.reduce(0) { $0 + $1.p } }
  var logQ: Double { logs.reduce(0) { $0 + $1.q } }

  /// Every sequence that ends with a token or after T tokens.
  static func all(
    in space: JointSpace, at student: StudentTable, endingWith end: Int?
  ) -> [Written] {
    let size = space.vocabularySize
    var (open, done): ([[Int]], [[Int]]) = ([[]], [])
    for length in 1...space.length {
      let longer = open.flatMap { tokens in (0..<size).map { tokens + [$0] } }
      done += longer.filter { $0.last == end || length == space.length }
      open = longer.filter { $0.last != end }
    }
    func row(_ tokens: some Sequence<Int>, _ histories: Histories) -> Int {
      histories.history(of: Array(tokens).suffix(histories.order))
    }
    return done.map { tokens in
      let rows = tokens.indices.map { row(tokens[..<$0], space.studentHistories) }
      return Written(
        tokens: tokens, rows: rows,
        logs: tokens.indices.map { step in
          let own = row(tokens[..<step], space.world.histories)
          return (
            space.world.logProbabilities[own * size + tokens[step]],
            student.logProbabilities[rows[step] * size + tokens[step]]
          )
        })
    }
  }

  /// Adds `Σ_t w_t S_t` to a gradient.
  func addScores(
    _ weights: [Double], at student: StudentTable, to gradient: inout [Double]
  ) {
    let size = student.vocabularySize
    for (step, row) in rows.enumerated() {
      gradient[row * size + tokens[step]] += weights[step]
      for token in 0..<size {
        gradient[row * size + token] -= weights[step] * student.probabilities[row * size + token]
      }
    }
  }
}

/// The probability of a logarithm.
func exponential(_ log: Double) -> Double { VectorKernels.best.exponentials([log])[0] }

/// Central differences in the logits of a student.
func centralDifferences(
  at student: StudentTable, step: Double = 1e-5, of loss: (StudentTable) throws -> Double
) rethrows -> [Double] {
  try student.logits.indices.map { index in
    let sides = try [step, -step].map { shift in
      var logits = student.logits
      logits[index] += shift
      return try loss(StudentTable(logits, vocabularySize: student.vocabularySize))
    }
    return (sides[0] - sides[1]) / (2 * step)
  }
}

/// The value and the gradient of an exact loss.
func exact(
  _ text: String, in space: JointSpace, at student: StudentTable
) throws -> (value: Double, gradient: [Double]) {
  var gradient = [Double](repeating: .nan, count: student.logits.count)
  var evaluator = try SequenceCatalog.objective(text).component.evaluator(in: space)
  let value = evaluator.loss(at: student, gradient: &gradient)
  return (value, gradient)
}

/// The expectation of a signal's gradient and its variance.
func expectation(
  _ text: String, in space: JointSpace, at student: StudentTable
) throws -> SignalMoments {
  try SignalMoments(
    enumerating: try SequenceCatalog.estimator(text).component, in: space, at: student)
}

/// What given samples contribute to a signal's gradient, their sum.
func contribution(
  _ estimator: inout any SignalEstimator, _ batches: [[[Int]]], in space: JointSpace,
  at student: StudentTable
) -> [Double] {
  var terms = GradientTerms(space)
  var stream = RandomStream(seed: 1)
  let moment = SequenceMoment(space, student)
  let draw = estimator.draws(at: moment)[0]
  estimator.weigh(
    batches.map { SequenceBatch($0, in: space) }, of: draw, at: moment, with: &stream,
    into: &terms)
  var gradient = terms.scores
  student.centreRows(&gradient)
  return gradient
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
