// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore

/// `KL(q‖p)` of sequences.
///
///     G(c) = Σ_v q(v|c) [log(q(v|c)/p(v|c)) + G(cv)],   G = 0 at the end,   L = G(∅)
///     ∂L/∂z[c, v] = Q(c) q(v|c) [log(q(v|c)/p(v|c)) + G(cv) − G(c)]
package struct SequenceReverseKL: SequenceObjective {
  package static let name = "seq-rkl"
  package static let summary = "reverse KL of sequences, by dynamic programming"
  package static let formula = "Σ_y q(y) log(q(y)/p(y)) = Σ_c Q(c) KL(q(·|c)‖p(·|c))"
  package static let reference = "Gu et al., arXiv 2306.08543 (MiniLLM)"

  package init(_ values: Parameters) {}

  package func check(_ space: JointSpace) throws(SetupError) {
    try space.world.checkSupport(for: Self.name)
  }

  package func evaluator(in space: JointSpace) -> any SequenceEvaluator {
    CostToGo(space: space)
  }
}

/// The cost to go of reverse KL.
package struct CostToGo: SequenceEvaluator {
  package let space: JointSpace

  package init(space: JointSpace) { self.space = space }

  /// The cost to go `G(c) = Σ_v q(v|c) [log(q(v|c)/p(v|c)) + γ G(cv)]` of each step t < T and each joint
  /// state of it.
  ///
  /// - Parameters:
  ///   - student: the student.
  ///   - discount: γ, in 0…1.
  /// - Returns: for each t, G of the states of `JointSpace.states(after: t)`.
  package func values(at student: StudentTable, discount: Double = 1) -> [[Double]] {
    let size = space.vocabularySize
    var values: [[Double]] = []
    var next: [Double] = []
    for length in stride(from: space.length - 1, through: 0, by: -1) {
      let (states, first) = (
        space.states(after: length), space.states(after: length + 1).lowerBound
      )
      let own = states.map { state in
        let row = Int(space.studentRows[state]) * size
        var sum = 0.0
        for token in 0..<size {
          let q = student.probabilities[row + token]
          guard q > 0 else { continue }
          sum += q * cost(state, token, row: row, student, next: next, first: first)
        }
        return sum
      }
      values.append(own)
      next = discount == 1 ? own : own.map { $0.discounted(by: discount) }
    }
    return values.reversed()
  }

  /// `log(q/p) + G` after a token.
  @inline(__always)
  private func cost(
    _ state: Int, _ token: Int, row: Int, _ student: StudentTable, next: [Double], first: Int
  ) -> Double {
    let size = space.vocabularySize
    let own = student.logProbabilities[row + token] - space.logTeacher[state * size + token]
    guard !next.isEmpty, token != space.studentEndToken else { return own }
    return own + next[Int(space.successors[state * size + token]) - first]
  }

  package mutating func loss(at student: StudentTable, gradient: inout [Double]) -> Double {
    let size = space.vocabularySize
    for index in gradient.indices { gradient[index] = 0 }
    let values = values(at: student)
    let occupancy = Occupancy(of: .student, in: space, student: student)
    for length in 0..<space.length {
      let (states, first) = (
        space.states(after: length), space.states(after: length + 1).lowerBound
      )
      let next = length + 1 < space.length ? values[length + 1] : []
      for (place, state) in states.enumerated() {
        let weight = occupancy.steps[length][place]
        guard weight > 0 else { continue }
        let row = Int(space.studentRows[state]) * size
        for token in 0..<size {
          let q = student.probabilities[row + token]
          guard q > 0 else { continue }
          gradient[row + token] +=
            weight * q
            * (cost(state, token, row: row, student, next: next, first: first)
              - values[length][place])
        }
      }
    }
    return values[0][0]
  }
}
