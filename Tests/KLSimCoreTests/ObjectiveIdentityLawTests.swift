// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimTestSupport
import Testing

/// How the objectives relate to each other, and the inequalities they obey.
///
/// Tolerances count roundings of log p and log q, as in the laws of each objective.
@Suite struct ObjectiveIdentityLawTests {
  static let roundings = 8.0

  private func loss(_ specification: String, at state: FitState) throws -> Double {
    try Catalog.objective(specification).component.lossAndGradient(at: state).loss
  }

  private func gradient(_ specification: String, at state: FitState) throws -> [Double] {
    try Catalog.objective(specification).component.lossAndGradient(at: state).gradient
  }

  /// Teacher and student in each other's place.
  private func swapped(_ randomCase: RandomCase) throws -> FitState {
    let original = try randomCase.teacher()
    let teacher = try TeacherDistribution(.logarithmic(randomCase.logits))
    let logits = original.byToken(original.logProbabilities)
    return FitState(teacher: teacher, logits: teacher.byRank(logits))
  }

  @Test(arguments: RandomCase.all())
  func forwardAndReverseAreEachOthersDual(randomCase: RandomCase) throws {
    let (state, other) = (try randomCase.state(), try swapped(randomCase))
    let tolerance = Self.roundings * max(state.rounding, other.rounding)
    #expect(gap(try loss("fkl", at: state), try loss("rkl", at: other)) <= tolerance)
    #expect(gap(try loss("rkl", at: state), try loss("fkl", at: other)) <= tolerance)
    #expect(gap(try loss("jeffreys", at: state), try loss("jeffreys", at: other)) <= tolerance)
  }

  @Test(arguments: RandomCase.all())
  func softCrossEntropyIsForwardKLAndAConstant(randomCase: RandomCase) throws {
    let state = try randomCase.state()
    #expect(
      gap(try loss("soft-ce", at: state), try loss("fkl", at: state) + state.teacher.entropy)
        <= Self.roundings * state.rounding)
    #expect(try gradient("soft-ce", at: state) == gradient("fkl", at: state))
  }

  @Test(arguments: RandomCase.all())
  func mixturesLieBetweenTheirEnds(randomCase: RandomCase) throws {
    let state = try randomCase.state()
    let (forward, reverse) = (try loss("fkl", at: state), try loss("rkl", at: state))
    #expect(try loss("mix:lambda=0", at: state) == forward)
    #expect(try loss("mix:lambda=1", at: state) == reverse)
    #expect(try gradient("mix:lambda=0", at: state) == gradient("fkl", at: state))
    #expect(try gradient("mix:lambda=1", at: state) == gradient("rkl", at: state))
    // Half of Jeffreys, to the last bit: halving is exact.
    #expect(try loss("mix", at: state) == loss("jeffreys", at: state) / 2)
    #expect(try loss("akl:mu=1", at: state) == forward)
    let adaptive = try loss("akl", at: state)
    let tolerance = Self.roundings * state.rounding
    #expect(adaptive >= min(forward, reverse) - tolerance)
    #expect(adaptive <= max(forward, reverse) + tolerance)
  }

  @Test(arguments: ObjectiveCatalog.specifications.filter { !$0.contains("reduction") })
  func theMeanIsTheSumOverTheSize(specification: String) throws {
    for randomCase in RandomCase.all([.moderate]) {
      let state = try randomCase.state()
      let size = Double(randomCase.size)
      let mean = "\(specification):reduction=mean"
      #expect(try loss(mean, at: state) == loss(specification, at: state) / size)
      #expect(
        try gradient(mean, at: state) == gradient(specification, at: state).map { $0 / size })
    }
  }

  /// ‖g‖₁ of forward KL is 2 TVD.
  @Test(arguments: RandomCase.all())
  func theForwardGradientIsTheDifference(randomCase: RandomCase) throws {
    let state = try randomCase.state()
    let norm = try gradient("fkl", at: state).reduce(0) { $0 + abs($1) }
    // Sums of V terms that add up to at most 2, in two orders.
    #expect(gap(norm, 2 * state.totalVariation) <= 1e-14 * Double(randomCase.size).squareRoot())
  }

  /// Pinsker: TVD² ≤ ½ FKL, and by duality ≤ ½ RKL.
  @Test(arguments: RandomCase.all())
  func pinskersInequalityHolds(randomCase: RandomCase) throws {
    let state = try randomCase.state()
    let square = state.totalVariation * state.totalVariation
    let (forward, reverse) = (try loss("fkl", at: state), try loss("rkl", at: state))
    #expect(square <= min(forward, reverse) / 2 + state.rounding)
  }

  /// Taking two tokens for one loses information.
  @Test(arguments: RandomCase.all([.moderate], sizes: [2, 3, 80]))
  func mergingTokensNeverAddsDivergence(randomCase: RandomCase) throws {
    let state = try randomCase.state()
    let teacher = state.teacher
    func merged(_ values: [Double]) -> [Double] { [values[0] + values[1]] + values[2...] }
    let p = merged(teacher.byToken(teacher.probabilities))
    let q = merged(teacher.byToken(state.probabilities))
    let coarse = try TeacherDistribution(.linear(p))
    let coarseState = FitState(
      teacher: coarse, logits: coarse.byRank(logarithms(q).map { Double($0) }))
    for name in ["fkl", "rkl", "jeffreys"] {
      #expect(try loss(name, at: coarseState) <= loss(name, at: state) + 1e-14, "\(name)")
    }
    #expect(coarseState.totalVariation <= state.totalVariation + 1e-14)
  }
}
