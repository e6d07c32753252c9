// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimNumerics

@testable import KLSimClaims
@testable import KLSimCore
@testable import KLSimSequences

/// Every sequence of a student without end token, and gradients written down term by term.
struct EnumeratedSequences {
  let space: JointSpace
  let student: StudentTable
  /// Tokens and states of every sequence with its probability.
  let all: [(probability: Double, steps: [(state: Int, token: Int)])]

  init(_ condition: Condition, seed: UInt64) throws {
    let point = try SequencePoint(
      try condition.sequenceSetup(signal: "seq-rkl"), seed: seed)
    let (space, student) = (point.space, point.student)
    var found: [(probability: Double, steps: [(state: Int, token: Int)])] = [(1, [])]
    for _ in 0..<space.length {
      found = found.flatMap { probability, steps in
        let state =
          steps.last.map {
            Int(space.successors[$0.state * space.vocabularySize + $0.token])
          } ?? 0
        return (0..<space.vocabularySize).map { token in
          let row = Int(space.studentRows[state]) * space.vocabularySize
          return (
            probability * student.probabilities[row + token], steps + [(state, token)]
          )
        }
      }
    }
    (self.space, self.student, all) = (space, student, found)
  }

  private func row(_ state: Int) -> Int { Int(space.studentRows[state]) * space.vocabularySize }

  /// `log q − log p`.
  func cost(_ state: Int, _ token: Int) -> Double {
    student.logProbabilities[row(state) + token]
      - space.logTeacher[state * space.vocabularySize + token]
  }

  /// `KL(q‖p)` at a state.
  func divergence(_ state: Int) -> Double {
    (0..<space.vocabularySize).reduce(0) {
      $0 + student.probabilities[row(state) + $1] * cost(state, $1)
    }
  }

  /// Adds `w (e_v − q)`.
  func addScore(_ weight: Double, _ state: Int, _ token: Int, to gradient: inout [Double]) {
    for other in 0..<space.vocabularySize {
      gradient[row(state) + other] -= weight * student.probabilities[row(state) + other]
    }
    gradient[row(state) + token] += weight
  }

  /// Adds `w Σ_v q_v h_v (e_v − q)`.
  func add(
    _ weight: Double, _ state: Int, _ costs: (_ token: Int) -> Double, to gradient: inout [Double]
  ) {
    for token in 0..<space.vocabularySize {
      let share = weight * student.probabilities[row(state) + token] * costs(token)
      addScore(share, state, token, to: &gradient)
    }
  }

  /// Expectation and total variance of a gradient of each sequence.
  func moments(
    _ gradient: (_ steps: [(state: Int, token: Int)], _ gradient: inout [Double]) -> Void
  ) -> (mean: [Double], variance: Double) {
    var mean = [Double](repeating: 0, count: student.logits.count)
    var square = 0.0
    for (probability, steps) in all {
      var own = [Double](repeating: 0, count: mean.count)
      gradient(steps, &own)
      for index in own.indices {
        mean[index] += probability * own[index]
        square += probability * own[index] * own[index]
      }
    }
    return (mean, square - mean.reduce(0) { $0 + $1 * $1 })
  }

  /// The mean of `Σ_t Σ_v q_v h(s_t, v) (e_v − q)`: what a cost of the token alone expects.
  func expected(_ costs: (_ state: Int, _ token: Int) -> Double) -> [Double] {
    moments { steps, gradient in
      for (state, _) in steps { add(1, state, { costs(state, $0) }, to: &gradient) }
    }.mean
  }

  /// The gradient of reverse KL of tokens at the student's prefixes, `q (log(q/p) − KL)`.
  var reverse: [Double] { expected(cost) }
  /// That of forward KL there, `q − p`.
  var forward: [Double] {
    expected { state, token in -VectorKernels.best.exponentials([-cost(state, token)])[0] }
  }

  /// The gradient of seq-rkl, by the policy gradient.
  var exact: [Double] { moments(policyGradient).mean }

  func policyGradient(_ steps: [(state: Int, token: Int)], _ gradient: inout [Double]) {
    for place in steps.indices {
      let toGo = steps[place...].reduce(0) { $0 + cost($1.state, $1.token) }
      addScore(toGo, steps[place].state, steps[place].token, to: &gradient)
    }
  }

  /// Exact at every step, and the costs of later steps: those of tokens, or of prefixes.
  func decomposed(
    _ steps: [(state: Int, token: Int)], _ gradient: inout [Double], isExact: Bool
  ) {
    for place in steps.indices {
      let state = steps[place].state
      add(1, state, { cost(state, $0) }, to: &gradient)
      let toGo = steps[(place + 1)...].reduce(0) {
        $0 + (isExact ? divergence($1.state) : cost($1.state, $1.token))
      }
      addScore(toGo, state, steps[place].token, to: &gradient)
    }
  }

  /// The variance of a sum over the steps.
  func variance(_ value: (_ state: Int, _ token: Int) -> Double) -> Double {
    var (mean, square) = (0.0, 0.0)
    for (probability, steps) in all {
      let sum = steps.reduce(0) { $0 + value($1.state, $1.token) }
      mean += probability * sum
      square += probability * sum * sum
    }
    return square - mean * mean
  }
}
