// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimTestSupport
import Testing

/// What holds for every objective of the catalog.
///
/// Tolerances count roundings of log p and log q: a handful enter each loss and each gradient.
@Suite struct ObjectiveLawTests {
  static let roundings = 8.0

  @Test(arguments: ObjectiveCatalog.specifications, RandomCase.all())
  func gradientsSumToZero(specification: String, randomCase: RandomCase) throws {
    let state = try randomCase.state()
    let objective = try Catalog.objective(specification).component
    let gradient = objective.lossAndGradient(at: state).gradient
    #expect(abs(gradient.reduce(0, +)) <= Self.roundings * state.rounding)
  }

  @Test(arguments: ObjectiveCatalog.specifications, RandomCase.all([.moderate]))
  func moderateGradientsSumToZeroNextToTheirSize(
    specification: String, randomCase: RandomCase
  ) throws {
    let objective = try Catalog.objective(specification).component
    let gradient = objective.lossAndGradient(at: try randomCase.state()).gradient
    // V roundings of the components, and those of the softmax, each of about 2⁻⁵³.
    let size = gradient.reduce(0) { $0 + abs($1) }
    #expect(abs(gradient.reduce(0, +)) <= 1e-12 * size)
  }

  @Test(arguments: ObjectiveCatalog.specifications, RandomCase.all())
  func shiftingTheLogitsChangesNothing(specification: String, randomCase: RandomCase) throws {
    let objective = try Catalog.objective(specification).component
    let original = objective.lossAndGradient(at: try randomCase.state())
    for shift in [-1024.0, 1, 100] {
      let state = try randomCase.state(shift: shift)
      let shifted = objective.lossAndGradient(at: state)
      let tolerance = Self.roundings * state.rounding
      #expect(gap(shifted.loss, original.loss) <= tolerance, "shift \(shift)")
      #expect(worstGap(shifted.gradient, original.gradient) <= tolerance, "shift \(shift)")
    }
  }

  @Test(arguments: ObjectiveCatalog.specifications, RandomCase.all())
  func permutingTheTokensPermutesTheGradient(
    specification: String, randomCase: RandomCase
  ) throws {
    let objective = try Catalog.objective(specification).component
    let state = try randomCase.state()
    let original = objective.lossAndGradient(at: state)
    var generator = SplitMix64(seed: randomCase.seed)
    let order = Array(0..<randomCase.size).shuffled(using: &generator)
    let permuted = objective.lossAndGradient(at: try randomCase.permuted(order).state())
    let tolerance = Self.roundings * state.rounding
    #expect(gap(permuted.loss, original.loss) <= tolerance)
    #expect(worstGap(permuted.gradient, order.map { original.gradient[$0] }) <= tolerance)
  }

  @Test(arguments: ObjectiveCatalog.specifications, RandomCase.all())
  func theTeacherIsTheMinimum(specification: String, randomCase: RandomCase) throws {
    let objective = try Catalog.objective(specification).component
    let state = try randomCase.state()
    let minimum = ObjectiveCatalog.minimum(of: specification, teacher: state.teacher)
    #expect(objective.lossAndGradient(at: state).loss >= minimum - Self.roundings * state.rounding)
  }

  @Test(arguments: ObjectiveCatalog.specifications, RandomCase.all())
  func theTeacherItselfHasNoLossAndNoGradient(
    specification: String, randomCase: RandomCase
  ) throws {
    let teacher = try randomCase.teacher()
    let state = FitState(teacher: teacher, logits: teacher.logProbabilities)
    let (loss, gradient) = try Catalog.objective(specification).component.lossAndGradient(at: state)
    let tolerance = Self.roundings * state.rounding
    #expect(gap(loss, ObjectiveCatalog.minimum(of: specification, teacher: teacher)) <= tolerance)
    #expect(largest(gradient) <= tolerance)
  }

  /// A loss that is not 0 where it should not be: a student a nat away on one token.
  @Test(arguments: ObjectiveCatalog.specifications, RandomCase.all([.moderate], sizes: [2, 3, 80]))
  func anotherStudentHasALoss(specification: String, randomCase: RandomCase) throws {
    let teacher = try randomCase.teacher()
    var logits = teacher.logProbabilities
    logits[0] += 1
    let state = FitState(teacher: teacher, logits: logits)
    let objective = try Catalog.objective(specification).component
    let (loss, gradient) = objective.lossAndGradient(at: state)
    let minimum = ObjectiveCatalog.minimum(of: specification, teacher: teacher)
    #expect(loss > minimum + 1e-6)
    #expect(largest(gradient) > 1e-6)
  }

  @Test(arguments: ["fkl", "soft-ce", "mix:lambda=0", "akl:mu=1"])
  func lossesAreFiniteWhereTheTeacherIsZero(specification: String) throws {
    let teacher = try TeacherDistribution(.linear([0.5, 0, 0.5, 0]))
    let objective = try Catalog.objective(specification)
    try objective.check(teacher, named: "t")
    let state = FitState(teacher: teacher, logits: [1, 2, 3, 4])
    let (loss, gradient) = objective.component.lossAndGradient(at: state)
    #expect(loss.isFinite && gradient.allSatisfy(\.isFinite))
    #expect(abs(gradient.reduce(0, +)) <= Self.roundings * 0x1p-53 * 4)
  }

  @Test(arguments: ["rkl", "mix", "jeffreys", "akl", "mix:lambda=1"])
  func zerosOfTheTeacherAreRefusedWhereTheLossIsInfinite(specification: String) throws {
    let teacher = try TeacherDistribution(.linear([0.5, 0, 0.5, 0]))
    let objective = try Catalog.objective(specification)
    let error = #expect(throws: InfiniteObjective.self) {
      try objective.check(teacher, named: "t")
    }
    #expect(error?.token == 1)
    #expect(error?.objective == specification)
    #expect(error?.teacher == "t")
  }

  /// Every objective either declares that it needs full support or is finite without.
  @Test(arguments: ObjectiveCatalog.specifications)
  func theDeclaredSupportIsTrue(specification: String) throws {
    let teacher = try TeacherDistribution(.linear([3, 0, 1]))
    let objective = try Catalog.objective(specification).component
    let (loss, _) = objective.lossAndGradient(
      at: FitState(teacher: teacher, logits: [0, 0, 0]))
    #expect(loss.isFinite != objective.objective.needsFullSupport)
  }
}
