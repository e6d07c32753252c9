// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimTestSupport
import Testing

/// Objectives on the line of tokens.
@Suite struct TransportLawTests {
  private func values(
    _ specification: String, _ state: FitState, numbers: [Double] = []
  ) throws -> (loss: Double, gradient: [Double]) {
    try Catalog.objective(specification, reader: FixedNumbers(numbers)).component
      .lossAndGradient(at: state)
  }

  @Test(
    arguments: [
      "sinkhorn:epsilon=0.5", "sinkhorn:debiased=true:epsilon=0.5",
      "sinkhorn:power=2:epsilon=0.3", "sinkhorn:temperature=2:epsilon=0.5",
    ], RandomCase.all(sizes: [1, 2]) + RandomCase.all([.moderate], sizes: [3, 9]))
  func transportsEqualTheFormula(specification: String, randomCase: RandomCase) throws {
    let reference = try #require(ReferenceObjective(specification))
    let expected = reference.value(
      at: ReferenceState(randomCase.weights, logits: randomCase.logits))
    let actual = try values(specification, randomCase.state())
    // The iteration ends when potentials move by less than 1e-14.
    #expect(gap(actual.loss, expected.loss) <= 1e-12)
    #expect(worstGap(actual.gradient, expected.gradient) <= 1e-12)
  }

  @Test(arguments: RandomCase.all([.moderate], sizes: [2, 3, 20]))
  func theDebiasedTransportIsLeastAtTheTeacher(randomCase: RandomCase) throws {
    let teacher = try randomCase.teacher()
    let state = FitState(teacher: teacher, logits: teacher.logProbabilities)
    let (loss, gradient) = try values("sinkhorn:debiased=true:epsilon=0.5", state)
    #expect(abs(loss) <= 1e-13)
    #expect(largest(gradient) <= 1e-13)
    #expect(try values("sinkhorn:debiased=true:epsilon=0.5", randomCase.state()).loss > 1e-6)
  }

  /// ε → 0: the transport itself.
  @Test(arguments: RandomCase.all([.moderate], sizes: [2, 3]))
  func coldTransportIsThatOfOrderOne(randomCase: RandomCase) throws {
    let state = try randomCase.state()
    let cold = try values("sinkhorn:epsilon=0.002", state).loss
    #expect(gap(cold, try values("w1", state).loss) <= 0.002 * 3)
  }

  /// A cost of 1 between any two tokens, and ε → 0: the total variation distance.
  @Test(arguments: 1...5)
  func evenCostsMakeTheTotalVariation(seed: UInt64) throws {
    let state = try RandomCase(.moderate, size: 3, seed: seed).state()
    let costs = (0..<9).map { $0 % 4 == 0 ? 0.0 : 1 }
    let cold = try values("sinkhorn:epsilon=0.002:cost=c", state, numbers: costs).loss
    #expect(gap(cold, state.totalVariation) <= 0.002 * 3)
  }

  /// Costs by token, row by row, student first: those of the line, and those of another.
  @Test(arguments: 1...5)
  func costsCanBeGiven(seed: UInt64) throws {
    let state = try RandomCase(.moderate, size: 3, seed: seed).state()
    let line = [0, 0.5, 1, 0.5, 0, 0.5, 1, 0.5, 0]
    let own = try values("sinkhorn:epsilon=0.3:cost=c", state, numbers: line)
    let expected = try values("sinkhorn:epsilon=0.3", state)
    #expect(gap(own.loss, expected.loss) <= 1e-14)
    #expect(worstGap(own.gradient, expected.gradient) <= 1e-14)
    // Moving costs something in one direction only.
    let oneWay = [0.0, 1, 1, 0, 0, 1, 0, 0, 0]
    let other: [Double] = (0..<9).map { place in
      let (row, column) = place.quotientAndRemainder(dividingBy: 3)
      return oneWay[3 * column + row]
    }
    let there = try values("sinkhorn:epsilon=0.3:cost=c", state, numbers: oneWay)
    let back = try values("sinkhorn:epsilon=0.3:cost=c", state, numbers: other)
    #expect(gap(there.loss, back.loss) > 1e-3)
  }

  @Test(arguments: RandomCase.all([.moderate], sizes: [3, 20]))
  func positionsCanBeGiven(randomCase: RandomCase) throws {
    let state = try randomCase.state()
    let even = (0..<randomCase.size).map { 7 + 3 * Double($0) }
    for specification in ["w1", "sinkhorn:epsilon=0.5"] {
      let own = try values("\(specification):positions=x", state, numbers: even)
      let expected = try values(specification, state)
      #expect(gap(own.loss, expected.loss) <= 1e-14)
      #expect(worstGap(own.gradient, expected.gradient) <= 1e-14)
    }
    let wide = try values("w1:positions=x:normalize-cost=false", state, numbers: even)
    #expect(gap(wide.loss, 3 * (try values("w1:normalize-cost=false", state).loss)) <= 1e-12)
  }

  /// d_k |F_q(k) − F_p(k)| by hand, the tokens not in rank order.
  @Test func unevenGapsWeighTheirDifferences() throws {
    let teacher = try TeacherDistribution(.linear([0.2, 0.5, 0.3]))
    let state = FitState(teacher: teacher, logits: teacher.byRank([0, 0, 0]))
    let loss = try values("w1:positions=x:normalize-cost=false", state, numbers: [0, 1, 5]).loss
    // F_q = 1/3, 2/3; F_p = 0.2, 0.7; gaps 1 and 4.
    #expect(gap(loss, 0.4 / 3 + 4 * 0.1 / 3) <= 1e-15)
    #expect(gap(try values("w1:positions=x", state, numbers: [0, 1, 5]).loss, loss / 5) <= 1e-15)
  }

  /// Plain transport blurs: a sharper student than the teacher does better.
  @Test func thePlainTransportIsNotLeastAtTheTeacher() throws {
    let density = (0..<20).map { -Double(($0 - 10) * ($0 - 10)) / 18 }
    let teacher = try TeacherDistribution(.logarithmic(density))
    let same = FitState(teacher: teacher, logits: teacher.logProbabilities)
    let sharper = FitState(teacher: teacher, logits: teacher.logProbabilities.map { 2 * $0 })
    #expect(try values("sinkhorn", sharper).loss < values("sinkhorn", same).loss)
    #expect(
      try values("sinkhorn:debiased=true", sharper).loss
        > values("sinkhorn:debiased=true", same).loss)
  }

  @Test(arguments: [
    ("sinkhorn", 16385, [1.0], "16385 tokens does not fit"),
    ("sinkhorn:cost=c", 3, [1, 2, 3], "cost has 3 numbers"),
    ("sinkhorn:positions=x", 3, [1, 2], "positions has 2 numbers"),
    ("w1:positions=x", 2, [1, 2, 3], "positions has 3 numbers"),
    ("ikl:prior=w", 2, [1, 2, 3], "prior has 3 numbers"),
  ])
  func whatDoesNotFitIsRefused(
    specification: String, size: Int, numbers: [Double], reason: String
  ) throws {
    let teacher = try TeacherDistribution(.linear([Double](repeating: 1, count: size)))
    let objective = try Catalog.objective(specification, reader: FixedNumbers(numbers))
    let error = #expect(throws: UnsuitableTeacher.self) {
      try objective.check(teacher, of: Catalog.teacher("uniform"))
    }
    #expect(error?.reason.contains(reason) == true)
  }

  @Test(arguments: [
    ("w1:positions=x", [1.0, 0]), ("w1:positions=x", [1, 1]), ("sinkhorn:positions=x", [2, 2]),
    ("w1:positions=x", [1, .infinity]), ("ikl:prior=w", [1, -1]), ("ikl:prior=w", [0, 0]),
    ("sinkhorn:positions=x:cost=c", [0, 1]), ("sinkhorn:power=2:cost=c", [0, 1]),
  ])
  func badNumbersAreRefused(specification: String, numbers: [Double]) {
    #expect(throws: SpecificationError.self) {
      try Catalog.objective(specification, reader: FixedNumbers(numbers))
    }
  }

  /// A prior of the teacher's own weights is no prior.
  @Test(arguments: RandomCase.all([.moderate], sizes: [3, 80]))
  func aPriorStandsForTheTeacher(randomCase: RandomCase) throws {
    let state = try randomCase.state()
    let own = state.teacher.byToken(state.teacher.probabilities).map { 5 * $0 }
    let given = try values("ikl:prior=w:gamma=0.5", state, numbers: own)
    let expected = try values("ikl:weight-temperature=1:gamma=0.5", state)
    #expect(gap(given.loss, expected.loss) <= 1e-13)
    #expect(worstGap(given.gradient, expected.gradient) <= 1e-13)
  }

  /// Not centred, the mean of the differences counts, and a shift of the logits is seen.
  @Test func uncentredLogitsAreCompared() throws {
    let teacher = try TeacherDistribution(.linear([0.5, 0.3, 0.2]))
    let logits = teacher.logProbabilities.enumerated().map { $1 + [1, -2, 4][$0] }
    let state = FitState(teacher: teacher, logits: logits)
    let (loss, gradient) = try values("mse-logits:centered=false", state)
    #expect(gap(loss, 7) <= 1e-14)
    #expect(worstGap(gradient, [2.0 / 3, -4.0 / 3, 8.0 / 3]) <= 1e-14)
    #expect(gap(try values("mse-logits", state).loss, 6) <= 1e-14)
  }
}
