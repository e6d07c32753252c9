// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimNumerics

/// Who writes the sampled sequences: a distribution of tokens at every joint state.
package struct Proposal: Sendable {
  /// The probabilities of tokens, rows × V.
  package let probabilities: [Double]
  /// The row of each joint state; nil if every joint state has its own.
  package let rows: [Int32]?
  /// The token that ends sequences, nil if there is none.
  package let endToken: Int?
  /// Whether it is the student itself, or the teacher itself: sequences then have no weights.
  package let side: Side?

  /// The teacher or the student.
  package init(_ side: Side, in space: JointSpace, student: StudentTable) {
    probabilities = side == .teacher ? space.world.probabilities : student.probabilities
    rows = side == .teacher ? space.teacherRows : space.studentRows
    endToken = space.endToken(of: side)
    self.side = side
  }

  /// Any other writer, whose sequences end like the student's.
  ///
  /// - Parameters:
  ///   - probabilities: rows × V.
  ///   - rows: the row of each joint state; nil if every joint state has its own.
  ///   - endToken: the token that ends sequences.
  package init(_ probabilities: [Double], rows: [Int32]? = nil, endToken: Int?) {
    (self.probabilities, self.rows, self.endToken, side) = (probabilities, rows, endToken, nil)
  }

  /// The mixture `α p + (1 − α) q` of teacher and student at every state.
  package init(mixing alpha: Double, in space: JointSpace, student: StudentTable) {
    let size = space.vocabularySize
    var mixed = [Double](repeating: 0, count: space.count * size)
    for state in 0..<space.count {
      let (own, row) = (Int(space.teacherRows[state]) * size, Int(space.studentRows[state]) * size)
      for token in 0..<size {
        mixed[state * size + token] =
          alpha * space.world.probabilities[own + token]
          + (1 - alpha) * student.probabilities[row + token]
      }
    }
    self.init(mixed, endToken: space.studentEndToken)
  }

  /// The student at a sampling temperature.
  package init(temperature: Double, in space: JointSpace, student: StudentTable) {
    let tempered = StudentTable(
      student.logits.map { $0 / temperature }, vocabularySize: space.vocabularySize,
      kernels: student.kernels)
    self.init(
      tempered.probabilities, rows: space.studentRows, endToken: space.studentEndToken)
  }

  /// The probability of a token at a joint state.
  package func probability(of token: Int, at state: Int, size: Int) -> Double {
    probabilities[(rows.map { Int($0[state]) } ?? state) * size + token]
  }
}
