// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore

/// Every sequence that can be written, one after the other.
package struct SequenceTree: Sendable {
  package let space: JointSpace
  /// The token that ends sequences.
  private let end: Int?

  /// - Parameters:
  ///   - space: the joint states.
  ///   - end: the token that ends sequences, nil for sequences of T tokens only.
  /// - Throws: `SetupError` if there are too many sequences.
  package init(_ space: JointSpace, endingWith end: Int?) throws(SetupError) {
    try Self.check(space)
    (self.space, self.end) = (space, end)
  }

  /// Refuses a world with too many sequences.
  package static func check(_ space: JointSpace) throws(SetupError) {
    guard space.world.sequenceCount == nil else { return }
    throw SetupError(
      "\(space.vocabularySize) tokens and length \(space.length) make more than"
        + " \(World.maximumSequences) sequences, which are not enumerated; take a shorter length, fewer"
        + " tokens, or what is computed by dynamic programming (seq-fkl, seq-rkl, gkd) or by sampling"
    )
  }

  /// Visits every sequence.
  ///
  /// - Parameter visit: gets its tokens, and the joint state before each of them.
  package func visit(_ visit: (_ tokens: [Int], _ states: [Int]) throws -> Void) rethrows {
    var (tokens, states): ([Int], [Int]) = ([], [0])
    try descend(&tokens, &states, visit)
  }

  private func descend(
    _ tokens: inout [Int], _ states: inout [Int],
    _ visit: (_ tokens: [Int], _ states: [Int]) throws -> Void
  ) rethrows {
    let size = space.vocabularySize
    for token in 0..<size {
      tokens.append(token)
      if token == end || tokens.count == space.length {
        try visit(tokens, states)
      } else {
        states.append(Int(space.successors[states[states.count - 1] * size + token]))
        try descend(&tokens, &states, visit)
        states.removeLast()
      }
      tokens.removeLast()
    }
  }
}

extension JointSpace {
  /// `log p(y)` and `log q(y)` of a sequence.
  package func logProbabilities(
    of tokens: [Int], _ states: [Int], student: StudentTable
  ) -> (teacher: Double, student: Double) {
    let size = vocabularySize
    var (ofTeacher, ofStudent) = (0.0, 0.0)
    for (token, state) in zip(tokens, states) {
      ofTeacher += logTeacher[state * size + token]
      ofStudent += student.logProbabilities[Int(studentRows[state]) * size + token]
    }
    return (ofTeacher, ofStudent)
  }
}
