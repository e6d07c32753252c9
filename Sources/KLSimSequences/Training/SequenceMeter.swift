// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
package import KLSimNumerics

/// Measures the student of one run.
package struct SequenceMeter: Sendable {
  /// How many arrays of one number a history of the teacher and token it takes: tokens, p and log p.
  static let vectorCount = 3
  /// What a distribution takes beside its numbers, in bytes.
  static let rowBytes = 400
  /// What an array takes beside its numbers.
  static let arrayBytes = 48

  private let measurement: SequenceMeasurement
  private let setup: SequenceSetup
  private let space: JointSpace
  private let seed: UInt64
  private let void: VoidMass
  private var forward: any SequenceEvaluator
  private var variation: (any SequenceEvaluator)?
  private var reference: (any SequenceEvaluator)?
  /// Of each joint state and cut, the ranks of its head; of each joint state, the tokens by rank.
  private let heads: [[Int]]
  private let ranks: [[Int]]

  /// - Throws: `SetupError` for a head that a row of the teacher does not have.
  package init(
    _ measurement: SequenceMeasurement, _ setup: SequenceSetup, in space: JointSpace, seed: UInt64,
    kernels: VectorKernels = .best
  ) throws {
    (self.measurement, self.setup, self.space, self.seed) = (measurement, setup, space, seed)
    void = VoidMass(space, kernels: kernels)
    forward = SequenceForwardKL(Self.none).evaluator(in: space)
    let hasOneEnd = space.world.endToken == space.studentEndToken
    variation =
      space.world.sequenceCount != nil && hasOneEnd
      ? try SequenceTotalVariation(Self.none).evaluator(in: space) : nil
    try measurement.against?.component.check(space)
    reference = try measurement.against?.component.evaluator(in: space)
    let teachers = try space.teachers(kernels: kernels)
    heads = try teachers.map { teacher in
      try measurement.heads.map { try $0.component.headCount(of: teacher) }
    }
    ranks = teachers.map(\.tokens)
  }

  private static let none = Parameters.none

  /// Measures a student.
  ///
  /// - Parameters:
  ///   - student: the student.
  ///   - epoch: the number of updates made.
  ///   - source: the source of the next update's gradient, which is diagnosed.
  /// - Returns: the measurements.
  /// - Throws: `SetupError`.
  package mutating func record(
    of student: StudentTable, epoch: Int, source: any GradientSource
  ) throws -> SequenceRecord {
    guard student.logits.allSatisfy(\.isFinite) else {
      let values = measurement.columns.map { _ in Double?.some(.nan) }
      return SequenceRecord(epoch: epoch, values: measurement.heads.map { _ in values })
    }
    var gradient = [Double](repeating: 0, count: student.logits.count)
    let forwardKL = forward.loss(at: student, gradient: &gradient)
    let reverseKL = CostToGo(space: space).values(at: student)[0][0]
    let totalVariation = variation?.loss(at: student, gradient: &gradient)
    let occupancy = Occupancy(of: .student, in: space, student: student)
    let visits = occupancy.visits(in: space)
    let diagnosis = try diagnose(student, source)
    let own: [Double?] = [
      entropy(of: student, visits), occupancy.expectedLength,
      try void.value(at: student, seed: seed, epoch: epoch),
      repetition(of: student, occupancy),
    ]
    let values = measurement.heads.indices.map { cut in
      let ofTeacher = errors(of: student, space.teacherVisits, cut)
      let ofStudent = errors(of: student, visits, cut)
      return [
        forwardKL, reverseKL, totalVariation, ofTeacher.head, ofTeacher.tail, ofStudent.head,
        ofStudent.tail,
      ] + own + diagnosis
    }
    return SequenceRecord(epoch: epoch, values: values)
  }

  /// Errors on head and tail of tokens, mean over prefixes.
  private func errors(
    of student: StudentTable, _ visits: [Double], _ cut: Int
  ) -> (head: Double, tail: Double) {
    let size = space.vocabularySize
    var (head, tail, total) = (0.0, 0.0, 0.0)
    for state in 0..<space.count where visits[state] > 0 {
      let (own, row) = (Int(space.teacherRows[state]) * size, Int(space.studentRows[state]) * size)
      for (rank, token) in ranks[state].enumerated() {
        let error =
          visits[state]
          * abs(space.world.probabilities[own + token] - student.probabilities[row + token])
        if rank < heads[state][cut] { head += error } else { tail += error }
      }
      total += visits[state]
    }
    return (head / total, tail / total)
  }

  private func entropy(of student: StudentTable, _ visits: [Double]) -> Double {
    let size = space.vocabularySize
    var (sum, total) = (0.0, 0.0)
    for state in 0..<space.count where visits[state] > 0 {
      let row = Int(space.studentRows[state]) * size
      for token in 0..<size where student.probabilities[row + token] > 0 {
        sum -=
          visits[state] * student.probabilities[row + token]
          * student.logProbabilities[row + token]
      }
      total += visits[state]
    }
    return sum / total
  }

  /// The share of tokens that equal the one a period before, among those that have one.
  private func repetition(of student: StudentTable, _ occupancy: Occupancy) -> Double? {
    let (size, period) = (space.vocabularySize, space.world.period)
    guard space.length > period else { return nil }
    var (sum, total) = (0.0, 0.0)
    for step in period..<space.length {
      let first = space.states(after: step).lowerBound
      for (place, weight) in occupancy.steps[step].enumerated() where weight > 0 {
        let tokens = space.histories.tokens(of: first + place)
        let row = Int(space.studentRows[first + place]) * size
        sum += weight * student.probabilities[row + tokens[tokens.count - period]]
        total += weight
      }
    }
    return total > 0 ? sum / total : nil
  }

  /// The values of `SequenceMeasurement.diagnosisColumns`, nothing without a diagnosis.
  private mutating func diagnose(
    _ student: StudentTable, _ source: any GradientSource
  ) throws -> [Double?] {
    guard reference != nil else { return [] }
    var exact = [Double](repeating: 0, count: student.logits.count)
    _ = reference?.loss(at: student, gradient: &exact)
    let moments = try setup.signal.component.moments(
      in: space, at: student, samples: setup.samples, seed: seed, source: source)
    return GradientComparison(moments, exact: exact).values(samples: setup.samples)
  }
}

extension Parameters {
  /// No parameters.
  static var none: Parameters {
    do {
      return try Parameters(Specification(name: ""), declared: [], reader: NoFiles())
    } catch {
      preconditionFailure("nothing can be wrong with no parameters")
    }
  }
}
