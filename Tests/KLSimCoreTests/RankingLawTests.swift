// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimTestSupport
import Testing

/// Objectives of the teacher's ranking.
@Suite struct RankingLawTests {
  static let specifications = [
    "rank-logistic", "rank-logistic:temperature=2", "rank-hinge", "rank-hinge:margin=0.1",
    "rank-hinge:margin=0:reduction=mean",
  ]

  private func values(
    _ specification: String, _ state: FitState
  ) throws -> (loss: Double, gradient: [Double]) {
    try Catalog.objective(specification).component.lossAndGradient(at: state)
  }

  @Test(arguments: specifications, RandomCase.all(sizes: [1, 2, 3, 40]))
  func rankingsEqualTheFormula(specification: String, randomCase: RandomCase) throws {
    let reference = try #require(ReferenceObjective(specification))
    let expected = reference.value(
      at: ReferenceState(randomCase.weights, logits: randomCase.logits))
    let actual = try values(specification, randomCase.state())
    #expect(gap(actual.loss, expected.loss) <= 1e-12 * max(1, abs(expected.loss)))
    #expect(
      worstGap(actual.gradient, expected.gradient) <= 1e-12 * largest(expected.gradient) + 1e-15)
  }

  @Test(arguments: RandomCase.all([.moderate], sizes: [2, 3, 40]))
  func theOrderAloneCounts(randomCase: RandomCase) throws {
    let teacher = try randomCase.teacher()
    // The same order, other probabilities.
    let flatter = try TeacherDistribution(
      .logarithmic(teacher.byToken(teacher.logProbabilities).map { $0 / 2 }))
    let state = try randomCase.state()
    let other = FitState(teacher: flatter, logits: state.logits)
    #expect(teacher.tokens == flatter.tokens)
    #expect(
      try values("rank-logistic", state).loss == values("rank-logistic", other).loss)
    // Twice the gaps of the right order cost less.
    let wider = FitState(teacher: teacher, logits: teacher.logProbabilities.map { 2 * $0 })
    let own = FitState(teacher: teacher, logits: teacher.logProbabilities)
    #expect(try values("rank-logistic", wider).loss < values("rank-logistic", own).loss)
  }

  @Test(arguments: RandomCase.all([.moderate], sizes: [2, 3, 40]))
  func marginsThatAreKeptCostNothing(randomCase: RandomCase) throws {
    let teacher = try randomCase.teacher()
    let sure = FitState(
      teacher: teacher, logits: teacher.logProbabilities.indices.map { $0 == 0 ? 0 : -1000 })
    // One token has all: its margins are kept, those of the others, which are even, are not.
    let p = teacher.probabilities
    let lost = p.indices.dropFirst().reduce(0.0) { sum, first in
      sum + p[first...].dropFirst().reduce(0) { $0 + p[first] - $1 }
    }
    let pairs = Double(p.count * (p.count - 1)) / 2 + 1e-8
    #expect(gap(try values("rank-hinge", sure).loss, lost / pairs) <= 1e-15)
    #expect(try values("rank-hinge:margin=0", sure) == (0, p.map { _ in 0 }))
  }

  /// No pair, no loss: equal tokens have no order.
  @Test(arguments: specifications)
  func evenTeachersRankNothing(specification: String) throws {
    let teacher = try TeacherDistribution(.linear([1, 1, 1]))
    let state = FitState(teacher: teacher, logits: [1, 2, 4])
    #expect(try values(specification, state) == (0, [0, 0, 0]))
  }
}
