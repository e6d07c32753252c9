// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
internal import KLSimNumerics

/// The states of teacher and student together: the histories of the one that looks back further, with the
/// state of each.
///
/// A class, because signals and proposals read it many times a step, and its many arrays would be counted at every copy.
package final class JointSpace: Sendable {
  /// How many arrays of one number a joint state and token it takes: log p, and the Int32 successors, which are there
  /// twice while they are built.
  static let vectorCount = 2

  /// The teacher.
  package let world: World
  /// The joint states, s.
  package let histories: Histories
  /// The histories on which the student depends.
  package let studentHistories: Histories
  /// The token that ends the student's sequences, nil if there is none.
  package let studentEndToken: Int?
  /// The row of the teacher of each joint state.
  package let teacherRows: [Int32]
  /// The row of the student of each joint state.
  package let studentRows: [Int32]
  /// The joint state after each token, states × V.
  package let successors: [Int32]
  /// `log p(v|s)`, states × V.
  package let logTeacher: [Double]
  /// How often each joint state is met in a sequence of the teacher.
  package let teacherVisits: [Double]

  /// The number of tokens, V.
  package var vocabularySize: Int { histories.vocabularySize }
  /// The number of joint states.
  package var count: Int { histories.count }
  /// The maximum number of tokens of a sequence, T.
  package var length: Int { world.length }

  /// - Parameters:
  ///   - world: the teacher.
  ///   - studentHistories: the histories on which the student depends.
  ///   - studentEndToken: the token that ends the student's sequences.
  ///   - minimumOrder: how far joint states look back at least.
  /// - Throws: `SetupError` if there are too many states.
  package init(
    _ world: World, studentHistories: Histories, studentEndToken: Int?, minimumOrder: Int = 0
  ) throws(SetupError) {
    let size = world.vocabularySize
    let histories = try Self.histories(
      of: world.histories, studentHistories, length: world.length, minimumOrder: minimumOrder)
    (self.world, self.histories) = (world, histories)
    (self.studentHistories, self.studentEndToken) = (studentHistories, studentEndToken)
    func rows(_ other: Histories) -> [Int32] {
      (0..<histories.count).map { Int32(histories.suffix(of: $0, in: other)) }
    }
    teacherRows = rows(world.histories)
    studentRows = rows(studentHistories)
    successors = (0..<histories.count).flatMap { state in
      (0..<size).map { Int32(histories.successor(of: state, $0)) }
    }
    logTeacher = teacherRows.flatMap { row in
      world.logProbabilities[Int(row) * size..<(Int(row) + 1) * size]
    }
    teacherVisits = Occupancy(
      in: histories, length: world.length, successors: successors, writtenBy: world.probabilities,
      rows: teacherRows, end: world.endToken
    ).visits(in: histories)
  }

  /// The joint states of the histories of teacher and student; otherwise as
  /// `init(_:studentHistories:studentEndToken:minimumOrder:)`.
  static func histories(
    of teacher: Histories, _ student: Histories, length: Int, minimumOrder: Int
  ) throws(SetupError) -> Histories {
    let order = max(teacher.order, student.order, minimumOrder)
    return try Histories(
      vocabularySize: teacher.vocabularySize, order: min(order, max(0, length - 1)))
  }

  /// p at every joint state; states with one row of the teacher share one distribution.
  ///
  /// - Parameter kernels: the vector kernels to make them with.
  /// - Returns: one distribution a joint state.
  /// - Throws: `DistributionError`.
  func teachers(kernels: VectorKernels) throws -> [TeacherDistribution] {
    var known: [Int32: TeacherDistribution] = [:]
    return try teacherRows.enumerated().map { state, row in
      if let teacher = known[row] { return teacher }
      let logs = Array(logTeacher[state * vocabularySize..<(state + 1) * vocabularySize])
      let teacher = try TeacherDistribution(.logarithmic(logs), kernels: kernels)
      known[row] = teacher
      return teacher
    }
  }

  /// The joint states after some tokens.
  package func states(after length: Int) -> Range<Int> { histories.range(after: length) }

  /// The token that ends the sequences of one of the two.
  package func endToken(of side: Side) -> Int? {
    side == .teacher ? world.endToken : studentEndToken
  }
}

/// Teacher or student.
package enum Side: String, ParameterChoice {
  case teacher, student
}
