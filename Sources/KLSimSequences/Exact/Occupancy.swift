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
    guard side == .student else {
      self.init(ofTeacherIn: space)
      return
    }
    self.init(
      in: space, writtenBy: student.probabilities, rows: space.studentRows,
      end: space.studentEndToken)
  }

  /// Follows the teacher from the empty history.
  package init(ofTeacherIn space: JointSpace) {
    self.init(
      in: space, writtenBy: space.world.probabilities, rows: space.teacherRows,
      end: space.world.endToken)
  }

  private init(in space: JointSpace, writtenBy table: [Double], rows: [Int32], end: Int?) {
    let size = space.vocabularySize
    var steps = [[1.0]]
    for length in 1..<max(1, space.length) {
      let (states, next) = (space.states(after: length - 1), space.states(after: length))
      var weights = [Double](repeating: 0, count: next.count)
      for (place, state) in states.enumerated() {
        let weight = steps[length - 1][place]
        guard weight > 0 else { continue }
        let row = Int(rows[state]) * size
        for token in 0..<size where token != end {
          let successor = Int(space.successors[state * size + token])
          weights[successor - next.lowerBound] += weight * table[row + token]
        }
      }
      steps.append(weights)
    }
    self.steps = steps
  }

  /// How often each joint state is met in a sequence, or at some steps of it.
  package func visits(in space: JointSpace, at part: Range<Int>? = nil) -> [Double] {
    var visits = [Double](repeating: 0, count: space.count)
    for (length, weights) in steps.enumerated() where part?.contains(length) ?? true {
      let first = space.states(after: length).lowerBound
      for (place, weight) in weights.enumerated() { visits[first + place] += weight }
    }
    return visits
  }

  /// The expected number of tokens of a sequence.
  package var expectedLength: Double { steps.reduce(0) { $0 + $1.reduce(0, +) } }
}
