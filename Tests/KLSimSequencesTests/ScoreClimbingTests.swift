// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimNumerics
import KLSimTestSupport
import Testing

@testable import KLSimSequences

/// Forward KL from the student's sequences: a Markov chain, and self-normalised weights.
@Suite struct ScoreClimbingTests {
  @Test func workedKernel() {
    let kernel = Self.kernel(
      teacher: [0.5, 0.3, 0.2], student: [1, 1, 1].map { $0 / 3 }, candidates: 2)
    let expected = [
      [0.7797619048, 0.1250000000, 0.0952380952], [0.2083333333, 0.6583333333, 0.1333333333],
      [0.2380952381, 0.2000000000, 0.5619047619],
    ]
    for (row, values) in zip(kernel, expected) { #expect(worstGap(row, values) < 1e-10) }
  }

  @Test(arguments: 1...5, 1...5 as ClosedRange<UInt64>)
  func theTeacherIsInvariant(_ candidates: Int, _ seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    func distribution() -> [Double] {
      let weights = (0..<4).map { _ in Double.random(in: 0.01...1, using: &generator) }
      return weights.map { $0 / weights.reduce(0, +) }
    }
    let (p, q) = (distribution(), distribution())
    let kernel = Self.kernel(teacher: p, student: q, candidates: candidates)
    for row in kernel { #expect(abs(row.reduce(0, +) - 1) < 1e-13) }
    let after = p.indices.map { state in p.indices.reduce(0) { $0 + p[$1] * kernel[$1][state] } }
    #expect(worstGap(after, p) < 1e-13)
    // A factor of p does not matter, and a state stays if there are no others.
    let scaled = Self.kernel(
      teacher: p.map { 7 * $0 }, student: q, candidates: candidates)
    for (row, other) in zip(kernel, scaled) { #expect(worstGap(row, other) < 1e-13) }
    if candidates == 1 { for state in p.indices { #expect(kernel[state][state] == 1) } }
  }

  /// The probability of each state after each.
  ///
  ///     K[y, y'] = E[Σ_s 1(y_s = y') w(y_s) / Σ_s w(y_s)],   w = p/q,   y_1 = y,   y_2…y_S ~ q
  ///
  /// It leaves p invariant: `p K = p`.
  ///
  /// - Parameters:
  ///   - teacher: p by outcome, up to a factor.
  ///   - student: q by outcome, above 0; outcomes^(S − 1) draws are enumerated.
  ///   - candidates: S.
  /// - Returns: K, a row a state.
  private static func kernel(
    teacher: [Double], student: [Double], candidates: Int
  ) -> [[Double]] {
    let weights = zip(teacher, student).map { $0 / $1 }
    return teacher.indices.map { state in
      var row = [Double](repeating: 0, count: teacher.count)
      func descend(_ written: [Int], _ probability: Double) {
        guard written.count < candidates else {
          let total = written.reduce(0) { $0 + weights[$1] }
          for outcome in written {
            row[outcome] += probability * weights[outcome] / total
          }
          return
        }
        for outcome in student.indices {
          descend(written + [outcome], probability * student[outcome])
        }
      }
      descend([state], 1)
      return row
    }
  }

  /// p, q and the scores of the student's sequences.
  private static func sequences(
    _ small: SmallCase
  ) throws -> (p: [Double], q: [Double], scores: [[Double]]) {
    let (space, student) = (try small.space(), try small.student())
    let all = Written.all(in: space, at: student, endingWith: small.ends.student)
    let scores = all.map { written in
      var score = [Double](repeating: 0, count: student.logits.count)
      written.addScores(written.tokens.map { _ in 1 }, at: student, to: &score)
      return score
    }
    return (all.map { exponential($0.logP) }, all.map { exponential($0.logQ) }, scores)
  }

  /// `−Σ_y weight(y) ∇log q(y)`.
  private static func gradient(_ weights: [Double], _ scores: [[Double]]) -> [Double] {
    scores[0].indices.map { index in
      -weights.indices.reduce(0) { $0 + weights[$1] * scores[$1][index] }
    }
  }

  @Test(arguments: SmallCase.few, 2...3)
  func stationaryExpectationIsForwardKL(_ small: SmallCase, _ candidates: Int) throws {
    let (space, student) = (try small.space(), try small.student())
    let (p, q, scores) = try Self.sequences(small)
    let kernel = Self.kernel(teacher: p, student: q, candidates: candidates)
    let next = p.indices.map { state in p.indices.reduce(0) { $0 + p[$1] * kernel[$1][state] } }
    let forward = try exact("seq-fkl", in: space, at: student).gradient
    #expect(worstGap(Self.gradient(next, scores), forward) < 1e-12)
  }

  /// 10,000 chains from sequences of the student: step t has the mean of q Kᵗ⁺¹, within 4 standard errors.
  @Test(arguments: SmallCase.sampled, 1...3)
  func chainsFollowTheKernel(_ small: SmallCase, _ candidates: Int) throws {
    let (space, student) = (try small.space(), try small.student())
    let (p, q, scores) = try Self.sequences(small)
    let kernel = Self.kernel(teacher: p, student: q, candidates: candidates)
    let signal = try SequenceCatalog.estimator("score-climbing:candidates=\(candidates)").component
    let count = 10_000
    var source = try SampledSource(signal, in: space, samples: count)
    var (states, gradient) = (q, student.logits)
    for step in 0..<4 {
      states = p.indices.map { state in
        p.indices.reduce(0) { $0 + states[$1] * kernel[$1][state] }
      }
      source.evaluate(at: student, seed: 5, step: step, gradient: &gradient)
      let mean = Self.gradient(states, scores)
      let square = zip(states, scores).reduce(0.0) { sum, entry in
        sum + entry.0 * entry.1.reduce(0) { $0 + $1 * $1 }
      }
      let variance = square - mean.reduce(0) { $0 + $1 * $1 }
      let distance = zip(gradient, mean).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      #expect(distance.squareRoot() < 4 * (variance / Double(count)).squareRoot())
    }
  }

  /// `‖E g − ∇seq-fkl‖` of self-normalised weights.
  private static func bias(
    _ candidates: Int, in space: JointSpace, at student: StudentTable
  ) throws -> Double {
    let mean = try space.moments(of: "snis:candidates=\(candidates)", at: student).mean
    let forward = try exact("seq-fkl", in: space, at: student).gradient
    return zip(mean, forward).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
  }

  @Test(arguments: SmallCase.few)
  func selfNormalizedWeights(_ small: SmallCase) throws {
    let (space, student) = (try small.space(), try small.student())
    let (p, q, scores) = try Self.sequences(small)
    #expect(largest(try space.moments(of: "snis:candidates=1", at: student).mean) < 1e-14)
    var weights = q.map { _ in 0.0 }
    for first in q.indices {
      for second in q.indices {
        let (own, other) = (p[first] / q[first], p[second] / q[second])
        weights[first] += q[first] * q[second] * own / (own + other)
        weights[second] += q[first] * q[second] * other / (own + other)
      }
    }
    let pair = try space.moments(of: "snis", at: student).mean
    #expect(worstGap(pair, Self.gradient(weights, scores)) < 1e-12)
    let biases = try (1...3).map { try Self.bias($0, in: space, at: student) }
    #expect(biases[2] > 1e-3 && biases[2] < biases[1] && biases[1] < biases[0])
  }

  /// S times the bias tends to `E_q[w² (S_v − E_p S_v)]`, w = p/q: on two tokens with q uniform and z₀ the only
  /// difference, that is `2 (p₀² (1 − p₀) − p₁² p₀) = 2 p₀ p₁ (p₀ − p₁)` in the first logit.
  @Test func biasOfSelfNormalizedWeightsIsOfOrderOneOverTheirNumber() throws {
    let histories = try Histories(vocabularySize: 2, order: 0)
    let world = World(histories: histories, length: 1, logWeights: [0.3, 0])
    let space = try JointSpace(world, studentHistories: histories, studentEndToken: nil)
    let student = StudentTable([0, 0], vocabularySize: 2)
    let p = world.probabilities
    let limit = 2 * p[0] * p[1] * (p[0] - p[1])
    let forward = try exact("seq-fkl", in: space, at: student).gradient
    let gaps = try [3, 6, 12].map { candidates in
      let mean = try space.moments(of: "snis:candidates=\(candidates)", at: student).mean
      return abs(Double(candidates) * (mean[0] - forward[0]) / limit - 1)
    }
    #expect(gaps[0] > gaps[1] && gaps[1] > gaps[2] && gaps[2] < 0.05, "\(gaps)")
  }

  @Test(arguments: ["score-climbing", "snis"])
  func differentEndsAreRefused(_ text: String) throws {
    let space = try SmallCase(ends: (0, nil)).space()
    let signal = try SequenceCatalog.estimator(text).component
    #expect(throws: SetupError.self) { try signal.check(space) }
  }
}
