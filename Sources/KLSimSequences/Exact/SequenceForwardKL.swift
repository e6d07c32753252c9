// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore

/// `KL(p‖q)` of sequences: that of tokens at the teacher's prefixes.
package struct SequenceForwardKL: SequenceObjective {
  package static let name = "seq-fkl"
  package static let summary = "forward KL of sequences, by dynamic programming"
  package static let formula = "Σ_y p(y) log(p(y)/q(y)) = Σ_c P(c) KL(p(·|c)‖q(·|c))"
  package static let reference = "Kim, Rush, arXiv 1606.07947"

  package init(_ values: Parameters) {}

  package func evaluator(in space: JointSpace) -> any SequenceEvaluator {
    TeacherForced(space: space)
  }
}

/// Forward KL at the teacher's prefixes.
private struct TeacherForced: SequenceEvaluator {
  let space: JointSpace

  mutating func loss(at student: StudentTable, gradient: inout [Double]) -> Double {
    let visits = space.teacherVisits
    let size = space.vocabularySize
    for index in gradient.indices { gradient[index] = 0 }
    var sum = 0.0
    for state in 0..<space.count where visits[state] > 0 {
      let (own, row) = (Int(space.teacherRows[state]) * size, Int(space.studentRows[state]) * size)
      var divergence = 0.0
      for token in 0..<size {
        let p = space.world.probabilities[own + token]
        if p > 0 {
          divergence +=
            p * (space.world.logProbabilities[own + token] - student.logProbabilities[row + token])
        }
        gradient[row + token] += visits[state] * (student.probabilities[row + token] - p)
      }
      sum += visits[state] * divergence
    }
    return sum
  }
}
