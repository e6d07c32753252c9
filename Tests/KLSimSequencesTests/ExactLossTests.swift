// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimNumerics
import KLSimTestSupport
import Testing

@testable import KLSimSequences

/// Dynamic programming against sums over all sequences, and gradients against differences.
@Suite struct ExactLossTests {
  @Test(arguments: SmallCase.all)
  func forwardKLIsTheSumOverTheTeachersSequences(_ small: SmallCase) throws {
    let (space, student) = (try small.space(), try small.student())
    var (value, gradient) = (0.0, [Double](repeating: 0, count: student.logits.count))
    for written in Written.all(in: space, at: student, endingWith: small.ends.teacher) {
      let p = exponential(written.logP)
      value += p * (written.logP - written.logQ)
      written.addScores(written.tokens.map { _ in -p }, at: student, to: &gradient)
    }
    let found = try exact("seq-fkl", in: space, at: student)
    #expect(abs(found.value - value) < 1e-12)
    #expect(worstGap(found.gradient, gradient) < 1e-12)
  }

  @Test(arguments: SmallCase.all)
  func reverseKLIsTheSumOverTheStudentsSequences(_ small: SmallCase) throws {
    let (space, student) = (try small.space(), try small.student())
    var (value, gradient) = (0.0, [Double](repeating: 0, count: student.logits.count))
    for written in Written.all(in: space, at: student, endingWith: small.ends.student) {
      let weight = exponential(written.logQ) * (written.logQ - written.logP)
      value += weight
      written.addScores(written.tokens.map { _ in weight }, at: student, to: &gradient)
    }
    let found = try exact("seq-rkl", in: space, at: student)
    #expect(abs(found.value - value) < 1e-12)
    #expect(worstGap(found.gradient, gradient) < 1e-12)
  }

  @Test(arguments: SmallCase.all)
  func occupancyIsTheSumOverSequences(_ small: SmallCase) throws {
    let (space, student) = (try small.space(), try small.student())
    let occupancy = Occupancy(of: .student, in: space, student: student)
    let all = Written.all(in: space, at: student, endingWith: small.ends.student)
    let length = all.reduce(0) { $0 + exponential($1.logQ) * Double($1.tokens.count) }
    #expect(abs(occupancy.expectedLength - length) < 1e-12)
    var visits = [Double](repeating: 0, count: space.count)
    for written in all {
      for step in written.tokens.indices {
        let last = written.tokens[..<step].suffix(space.histories.order)
        visits[space.histories.history(of: last)] += exponential(written.logQ)
      }
    }
    #expect(worstGap(occupancy.visits(in: space), visits) < 1e-12)
  }

  @Test(
    arguments: SmallCase.all, ["seq-fkl", "seq-rkl", "seq-gjsd", "seq-gjsd:beta=0.2", "seq-tvd"])
  func gradientsAreCentralDifferences(_ small: SmallCase, _ objective: String) throws {
    let (space, student) = (try small.space(), try small.student())
    guard small.ends.teacher == small.ends.student || !objective.contains("gjsd"),
      small.ends.teacher == small.ends.student || objective != "seq-tvd"
    else { return }
    let found = try exact(objective, in: space, at: student)
    let differences = try centralDifferences(at: student) {
      try exact(objective, in: space, at: $0).value
    }
    #expect(worstGap(found.gradient, differences) < 1e-8)
  }

  /// The weights of GKD are held constant: they are those of the student itself, and the divergences those of
  /// the one that is moved.
  @Test(
    arguments: SmallCase.all,
    ["gkd", "gkd:lambda=1:objective=rkl", "gkd:lambda=0.3:objective=fkl", "gkd:objective=tvd"])
  func gradientsOfGKDAreThoseAtConstantWeights(_ small: SmallCase, _ objective: String) throws {
    let (space, student) = (try small.space(), try small.student())
    let values = try Specification(parsing: objective).settings
    let lambda = values.first { $0.key == "lambda" }.flatMap { Double($0.value) } ?? 0.5
    let divergence = try Catalog.objective(values.first { $0.key == "objective" }?.value ?? "gjsd")
    let size = space.vocabularySize
    var weights = [Double](repeating: 0, count: space.count)
    for (end, share, isTeacher) in [
      (small.ends.teacher, 1 - lambda, true), (small.ends.student, lambda, false),
    ] {
      for written in Written.all(in: space, at: student, endingWith: end) {
        let weight = share * exponential(isTeacher ? written.logP : written.logQ)
        for step in written.tokens.indices {
          let last = written.tokens[..<step].suffix(space.histories.order)
          weights[space.histories.history(of: last)] += weight
        }
      }
    }
    func frozen(_ moved: StudentTable) throws -> Double {
      try (0..<space.count).reduce(0) { sum, state in
        let row = Int(space.studentRows[state]) * size
        let teacher = try TeacherDistribution(
          .logarithmic(Array(space.logTeacher[state * size..<(state + 1) * size])))
        let fit = FitState(
          teacher: teacher, logits: teacher.tokens.map { moved.logits[row + $0] })
        return sum + weights[state] * divergence.component.evaluate(at: fit).loss
      }
    }
    let found = try exact(objective, in: space, at: student)
    #expect(abs(found.value - (try frozen(student))) < 1e-12)
    #expect(worstGap(found.gradient, try centralDifferences(at: student, of: frozen)) < 1e-8)
  }
}
