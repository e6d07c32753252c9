// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimCore
import KLSimNumerics
import Testing

@testable import KLSimSequences

/// A random world and student small enough for every sequence to be looked at, with the formulas of the
/// estimators written down once more.
struct SmallModel: CustomTestStringConvertible {
  let space: JointSpace
  let student: StudentTable
  let testDescription: String

  /// Worlds of two and three tokens, with and without end tokens, and students that see less.
  static let all: [SmallModel] = {
    do {
      return try [
        SmallModel(seed: 1, size: 2, length: 2),
        SmallModel(seed: 2, size: 2, length: 3, end: 1),
        SmallModel(seed: 3, size: 3, length: 2, end: 0),
        SmallModel(seed: 4, size: 3, length: 3, order: 1),
        SmallModel(seed: 5, size: 3, length: 3, order: 0, end: 2, studentEnd: 2),
        SmallModel(seed: 6, size: 3, length: 3, order: 1, end: 2, studentEnd: 1),
        SmallModel(seed: 7, size: 2, length: 3, end: 0, studentEnd: .some(nil)),
      ]
    } catch {
      preconditionFailure("\(error)")
    }
  }()

  /// The student sees all if its order is nil, and has the teacher's end token if `studentEnd` is nil.
  init(
    seed: UInt64, size: Int, length: Int, order: Int? = nil, end: Int? = nil,
    studentEnd: Int?? = nil
  ) throws {
    var stream = RandomStream(seed: seed, purpose: "small model")
    let histories = try Histories(vocabularySize: size, order: length - 1)
    func normals(_ count: Int) -> [Double] { (0..<count).map { _ in stream.normal(sigma: 1) } }
    let world = World(
      histories: histories, length: length, logWeights: normals(histories.count * size),
      endToken: end)
    let own = try Histories(vocabularySize: size, order: order ?? length - 1)
    space = try JointSpace(world, studentHistories: own, studentEndToken: studentEnd ?? end)
    student = StudentTable(normals(own.count * size), vocabularySize: size)
    testDescription =
      "V=\(size) T=\(length) order=\(order.map(String.init) ?? "all") end=\(end.map(String.init) ?? "none")"
      + " student's=\(space.studentEndToken.map(String.init) ?? "none")"
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

  /// The joint states before the tokens of a sequence.
  func states(_ tokens: [Int]) -> [Int] {
    var states = [0]
    for token in tokens.dropLast() {
      states.append(Int(space.successors[states[states.count - 1] * size + token]))
    }
    return states
  }

  /// Every sequence of a writer, with its probability.
  func sequences(
    endingWith end: Int?, _ writer: (_ state: Int) -> [Double]
  ) -> [(tokens: [Int], probability: Double)] {
    var open: [(tokens: [Int], probability: Double)] = [([], 1)]
    var done = open
    done.removeAll()
    for step in 1...space.length {
      let longer = open.flatMap { sequence in
        (0..<size).map { token in
          let tokens = sequence.tokens + [token]
          return (tokens, sequence.probability * writer(states(tokens).last ?? 0)[token])
        }
      }
      let isDone = { (sequence: (tokens: [Int], probability: Double)) in
        step == space.length || sequence.tokens.last == end
      }
      done += longer.filter(isDone)
      open = longer.filter { !isDone($0) }
    }
    return done
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
    var evaluator = try SequenceCatalog.objective(objective).component.evaluator(in: space)
    var gradient = zeros
    _ = evaluator.loss(at: student, gradient: &gradient)
    return gradient
  }

  /// The enumerated moments of a signal.
  func moments(of signal: String) throws -> SignalMoments {
    try SignalMoments(
      enumerating: SequenceCatalog.estimator(signal).component, in: space, at: student)
  }

  /// What a signal makes of given samples, one batch a writer.
  func gradient(
    of signal: String, for samples: [[[Int]]], draw place: Int = 0
  ) throws -> [Double] {
    let signal = try SequenceCatalog.estimator(signal).component
    var estimator = try signal.estimator(in: space)
    let moment = SequenceMoment(space, student)
    let draw = estimator.draws(at: moment)[place]
    var terms = GradientTerms(space)
    var stream = RandomStream(seed: 0)
    let batches = samples.map { SequenceBatch($0, in: space) }
    estimator.weigh(batches, of: draw, at: moment, with: &stream, into: &terms)
    var gradient = terms.scores
    student.centreRows(&gradient)
    if let divergence = signal.divergence {
      var losses = try TokenLosses(divergence, in: space, kernels: .best)
      for state in 0..<space.count {
        _ = losses.loss(
          of: state, at: student, weight: terms.divergences[state], addingTo: &gradient)
      }
    }
    return gradient.map { $0 / Double(samples[0].count) }
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

/// `‖a − b‖`.
func distance(_ a: [Double], _ b: [Double]) -> Double {
  zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
}
