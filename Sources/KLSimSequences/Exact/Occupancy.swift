// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

/// The probability of each joint state at each step, when teacher or student writes.
package struct Occupancy: Sendable {
  /// `P(c_t = s)` or `Q(c_t = s)`: for each t < T, the states of `JointSpace.states(after: t)`.
  package let steps: [[Double]]

  /// Follows a writer from the empty history.
  ///
  /// - Parameters:
  ///   - side: who writes.
  ///   - space: the joint states.
  ///   - student: the student.
  package init(of side: Side, in space: JointSpace, student: StudentTable) {
    let isTeacher = side == .teacher
    self.init(
      in: space.histories, length: space.length, successors: space.successors,
      writtenBy: isTeacher ? space.world.probabilities : student.probabilities,
      rows: isTeacher ? space.teacherRows : space.studentRows, end: space.endToken(of: side))
  }

  /// Follows a writer from the empty history.
  ///
  /// - Parameters:
  ///   - histories: the joint states.
  ///   - last: the maximum number of tokens of a sequence, T.
  ///   - successors: the joint state after each token, states × V.
  ///   - table: the writer's probabilities of tokens, rows × V.
  ///   - rows: the row of each joint state.
  ///   - end: the token that ends sequences, nil if there is none.
  init(
    in histories: Histories, length last: Int, successors: [Int32], writtenBy table: [Double],
    rows: [Int32], end: Int?
  ) {
    let size = histories.vocabularySize
    var steps = [[1.0]]
    for length in 1..<max(1, last) {
      let (states, next) = (histories.range(after: length - 1), histories.range(after: length))
      var weights = [Double](repeating: 0, count: next.count)
      for (place, state) in states.enumerated() {
        let weight = steps[length - 1][place]
        guard weight > 0 else { continue }
        let row = Int(rows[state]) * size
        for token in 0..<size where token != end {
          let successor = Int(successors[state * size + token])
          weights[successor - next.lowerBound] += weight * table[row + token]
        }
      }
      steps.append(weights)
    }
    self.steps = steps
  }

  /// How often each joint state is met in a sequence, or at some steps of it.
  package func visits(in space: JointSpace, at part: Range<Int>? = nil) -> [Double] {
    visits(in: space.histories, at: part)
  }

  /// The same of the joint states alone.
  func visits(in histories: Histories, at part: Range<Int>? = nil) -> [Double] {
    var visits = [Double](repeating: 0, count: histories.count)
    for (length, weights) in steps.enumerated() where part?.contains(length) ?? true {
      let first = histories.range(after: length).lowerBound
      for (place, weight) in weights.enumerated() { visits[first + place] += weight }
    }
    return visits
  }

  /// The expected number of tokens of a sequence.
  package var expectedLength: Double { steps.reduce(0) { $0 + $1.reduce(0, +) } }
}
