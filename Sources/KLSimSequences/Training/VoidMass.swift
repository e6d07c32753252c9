// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimNumerics

/// The student's probability of sequences that the teacher gives less than 1/100 of what the uniform
/// distribution does: `log p(y) < −|y| log V − log 100`.
struct VoidMass {
  private let space: JointSpace
  /// `log 100` and `log V`.
  private let logs: [Double]

  /// Where sequences are too many to enumerate, so many are sampled.
  static let sampleCount = 4096

  init(_ space: JointSpace, kernels: VectorKernels) {
    self.space = space
    logs = kernels.logarithms([100, Double(space.vocabularySize)])
  }

  private func isVoid(_ logTeacher: Double, length: Int) -> Bool {
    logTeacher < -Double(length) * logs[1] - logs[0]
  }

  /// The probability, exact or of samples.
  func value(at student: StudentTable, seed: UInt64, epoch: Int) throws -> Double {
    if space.world.sequenceCount != nil {
      var mass = 0.0
      try SequenceTree(space, endingWith: space.studentEndToken).visit { tokens, states in
        let logs = space.logProbabilities(of: tokens, states, student: student)
        if isVoid(logs.teacher, length: tokens.count) {
          mass += student.kernels.exponentials([logs.student])[0]
        }
      }
      return mass
    }
    let (count, size) = (Self.sampleCount, space.vocabularySize)
    var stream = RandomStream(seed: seed, purpose: "void mass \(epoch)")
    let proposal = Proposal(.student, in: space, student: student)
    var tables = AliasTables(width: size)
    tables.fill(proposal.probabilities)
    var batch = SequenceBatch(count: count, length: space.length)
    batch.draw(from: proposal, tables, in: space, with: &stream)
    var ofTeacher = [Double](repeating: 0, count: count)
    for place in batch.tokens.indices where batch.tokens[place] >= 0 {
      ofTeacher[place % count] +=
        space.logTeacher[Int(batch.states[place]) * size + Int(batch.tokens[place])]
    }
    let found = ofTeacher.indices.count {
      isVoid(ofTeacher[$0], length: Int(batch.lengths[$0]))
    }
    return Double(found) / Double(count)
  }
}
