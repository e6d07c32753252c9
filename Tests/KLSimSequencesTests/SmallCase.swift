// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimNumerics
import KLSimTestSupport

@testable import KLSimSequences

/// A random teacher and student of sequences, small enough for every sequence to be looked at.
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

  /// Those that are sampled: students of order 0 and 1, with and without end tokens.
  static let sampled = [few[2], few[4], few[5]]

  /// Both see all, and their sequences end with one token.
  static let ended = SmallCase(size: 3, length: 3, ends: (0, 0), seed: 7)

  /// The few, and cases in which all is seen or end tokens differ.
  static let several =
    few + [ended, SmallCase(size: 3, length: 2, orders: (1, 1), ends: (0, 2), seed: 8)]

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

  /// The student; other salts give others.
  func student(_ salt: UInt64 = 2) throws -> StudentTable {
    StudentTable(logits(try histories(orders.student), salt), vocabularySize: size)
  }
}

/// Every sequence that ends with a token or after `length` tokens.
func everySequence(size: Int, length: Int, endingWith end: Int?) -> [[Int]] {
  var (open, done): ([[Int]], [[Int]]) = ([[]], [])
  for step in 1...length {
    let longer = open.flatMap { tokens in (0..<size).map { tokens + [$0] } }
    done += longer.filter { $0.last == end || step == length }
    open = longer.filter { $0.last != end }
  }
  return done
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
  /// `log p − log q` of each token.
  var rewards: [Double] { logs.map { $0.p - $0.q } }

  /// Every sequence that ends with a token or after T tokens.
  static func all(
    in space: JointSpace, at student: StudentTable, endingWith end: Int?
  ) -> [Written] {
    let size = space.vocabularySize
    func row(_ tokens: some Sequence<Int>, _ histories: Histories) -> Int {
      histories.history(of: Array(tokens).suffix(histories.order))
    }
    return everySequence(size: size, length: space.length, endingWith: end).map { tokens in
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

/// `‖a − b‖`.
func distance(_ a: [Double], _ b: [Double]) -> Double {
  zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
}

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
