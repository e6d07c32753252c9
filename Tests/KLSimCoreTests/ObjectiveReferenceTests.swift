// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimTestSupport
import Testing

/// Objectives against their formulas, worked out slowly in wider arithmetic.
@Suite struct ObjectiveReferenceTests {
  @Test(arguments: ObjectiveCatalog.names)
  func aReferenceExists(name: String) {
    #expect(ReferenceObjective(name) != nil, "write its formula in ReferenceObjective")
  }

  /// Teachers and students a few nats apart: nothing cancels.
  @Test(arguments: ObjectiveCatalog.specifications, RandomCase.all([.moderate]))
  func moderateGradientsEqualTheFormulas(specification: String, randomCase: RandomCase) throws {
    let (actual, expected) = try values(of: specification, at: randomCase)
    #expect(worstGap(actual.gradient, expected.gradient) <= 1e-12 * largest(expected.gradient))
    #expect(gap(actual.loss, expected.loss) <= 1e-12 * abs(expected.loss))
  }

  /// p down to 1e-300 and logits to ±700.
  ///
  /// Where teacher and student, or a student and itself, sit on one token, components are
  /// differences of almost equal numbers: four roundings of log p and log q are then allowed, of
  /// which there are two in each, instead of 1e-12 of what is left.
  @Test(arguments: ObjectiveCatalog.specifications, RandomCase.all([.extreme, .logits]))
  func extremeGradientsEqualTheFormulas(specification: String, randomCase: RandomCase) throws {
    let (actual, expected) = try values(of: specification, at: randomCase)
    let rounding = 4 * expected.rounding
    #expect(
      worstGap(actual.gradient, expected.gradient)
        <= max(1e-12 * largest(expected.gradient), rounding))
    #expect(gap(actual.loss, expected.loss) <= max(1e-12 * abs(expected.loss), rounding))
  }

  private func values(
    of specification: String, at randomCase: RandomCase
  ) throws -> (actual: (loss: Double, gradient: [Double]), expected: ReferenceObjective.Value) {
    let reference = try #require(ReferenceObjective(specification))
    let objective = try Catalog.objective(specification).component
    let state = ReferenceState(randomCase.weights, logits: randomCase.logits)
    return (
      objective.lossAndGradient(at: try randomCase.state()),
      reference.value(at: state, reach: randomCase.magnitude)
    )
  }

  /// The worked values of the mathematical specification, given there to 1e-11.
  struct WorkedValue: Sendable, CustomStringConvertible {
    let objective: String
    let loss: Double
    let gradient: [Double]
    var description: String { objective }
  }

  static let workedValues = [
    WorkedValue(
      objective: "soft-ce", loss: 1.399975758871,
      gradient: [-0.235516327395, -0.104065676261, 0.173041087208, 0.166540916449]),
    WorkedValue(
      objective: "fkl", loss: 0.257855715883,
      gradient: [-0.235516327395, -0.104065676261, 0.173041087208, 0.166540916449]),
    WorkedValue(
      objective: "rkl", loss: 0.313316001776,
      gradient: [-0.251297728047, -0.144857959734, 0.146605162964, 0.249550524817]),
    WorkedValue(
      objective: "mix:lambda=0.9", loss: 0.307769973187,
      gradient: [-0.249719587982, -0.140778731387, 0.149248755388, 0.241249563980]),
    WorkedValue(
      objective: "jeffreys", loss: 0.571171717659,
      gradient: [-0.486814055442, -0.248923635995, 0.319646250172, 0.416091441266]),
    WorkedValue(
      objective: "akl", loss: 0.294083824115,
      gradient: [-0.245825150757, -0.130712261955, 0.155772450574, 0.220764962139]),
    WorkedValue(
      objective: "akl:mu=0.8", loss: 0.285585858829,
      gradient: [-0.243407027721, -0.124461817998, 0.159823125086, 0.208045720633]),
  ]

  @Test(arguments: workedValues)
  func workedValuesAreMet(value: WorkedValue) throws {
    let teacher = try TeacherDistribution(.linear([0.5, 0.3, 0.15, 0.05]))
    let state = FitState(teacher: teacher, logits: teacher.byRank([0.2, -0.1, 0.4, 0]))
    let actual = try Catalog.objective(value.objective).component.lossAndGradient(at: state)
    #expect(gap(actual.loss, value.loss) <= 1e-11)
    #expect(worstGap(actual.gradient, value.gradient) <= 1e-11)
  }

  @Test(arguments: [
    ("akl", 0.5, 0.5, 0.153169911492),
    ("akl:head-rule=inclusive", 0.646832763190, 0.353167236810, 0.152989165556),
  ])
  func headRulesChangeTheWeights(
    specification: String, forward: Double, reverse: Double, loss: Double
  ) throws {
    let teacher = try TeacherDistribution(.linear([0.45, 0.3, 0.15, 0.1]))
    let state = FitState(teacher: teacher, logits: teacher.byRank([0, 0.5, -0.3, 0.1]))
    let recipe = try Catalog.objective(specification).component
    let weights = try #require(recipe.objective as? AdaptiveKL).weights(at: state)
    #expect(worstGap([weights.forward, weights.reverse], [forward, reverse]) <= 1e-11)
    #expect(gap(recipe.lossAndGradient(at: state).loss, loss) <= 1e-11)
  }

  /// The errors of head and tail are 0/0 there; the authors' code divides.
  @Test func adaptiveWeightsAreHalvesAtTheTeacherItself() throws {
    let teacher = try TeacherDistribution(.linear([1, 1]))
    let state = FitState(teacher: teacher, logits: [0, 0])
    let recipe = try Catalog.objective("akl").component
    let weights = try #require(recipe.objective as? AdaptiveKL).weights(at: state)
    #expect(weights.forward == 0.5 && weights.reverse == 0.5)
    #expect(recipe.lossAndGradient(at: state) == (0, [0, 0]))
  }

  /// p − q has one sign on the head and the other on the tail, and sums to 0.
  @Test(arguments: 1...20)
  func adaptiveWeightsAreHalvesForTwoTokens(seed: UInt64) throws {
    let state = try RandomCase(.moderate, size: 2, seed: seed).state()
    let recipe = try Catalog.objective("akl").component
    let weights = try #require(recipe.objective as? AdaptiveKL).weights(at: state)
    // Two errors of about 0.1 made of numbers of about 1.
    #expect(gap(weights.forward, 0.5) <= 1e-13 && gap(weights.reverse, 0.5) <= 1e-13)
  }
}
