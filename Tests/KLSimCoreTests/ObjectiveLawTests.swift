// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimTestSupport
import Testing

/// What holds for every objective of the catalog.
///
/// Tolerances count roundings of log p and log q: a handful enter each loss and each gradient.
@Suite struct ObjectiveLawTests {
  static let roundings = 16.0

  /// What so many roundings do to a loss and to components of their size.
  private func tolerance(_ state: FitState, _ value: (loss: Double, gradient: [Double])) -> Double {
    Self.roundings * state.rounding * max(1, abs(value.loss), largest(value.gradient))
  }

  @Test(arguments: ObjectiveCatalog.specifications, RandomCase.all())
  func gradientsSumToZero(specification: String, randomCase: RandomCase) throws {
    let state = try randomCase.state()
    let objective = try Catalog.objective(specification).component
    let value = objective.lossAndGradient(at: state)
    // What exceeds a double has no gradient.
    guard value.loss < .infinity, value.gradient.allSatisfy(\.isFinite) else { return }
    #expect(abs(value.gradient.reduce(0, +)) <= tolerance(state, value))
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
      guard original.loss < .infinity, original.gradient.allSatisfy(\.isFinite) else {
        #expect(!shifted.loss.isNaN)
        continue
      }
      let tolerance = tolerance(state, original)
      #expect(gap(shifted.loss, original.loss) <= tolerance, "shift \(shift)")
      #expect(worstGap(shifted.gradient, original.gradient) <= tolerance, "shift \(shift)")
    }
  }

  @Test(
    arguments: ObjectiveCatalog.specifications.filter { !ObjectiveCatalog.dependsOnTheOrder($0) },
    RandomCase.all())
  func permutingTheTokensPermutesTheGradient(
    specification: String, randomCase: RandomCase
  ) throws {
    let objective = try Catalog.objective(specification).component
    let state = try randomCase.state()
    let original = objective.lossAndGradient(at: state)
    var generator = SplitMix64(seed: randomCase.seed)
    let order = Array(0..<randomCase.size).shuffled(using: &generator)
    let permuted = objective.lossAndGradient(at: try randomCase.permuted(order).state())
    guard original.loss < .infinity, original.gradient.allSatisfy(\.isFinite) else { return }
    let tolerance = tolerance(state, original)
    #expect(gap(permuted.loss, original.loss) <= tolerance)
    #expect(worstGap(permuted.gradient, order.map { original.gradient[$0] }) <= tolerance)
  }

  @Test(arguments: ObjectiveCatalog.specifications, RandomCase.all())
  func theTeacherIsTheMinimum(specification: String, randomCase: RandomCase) throws {
    let objective = try Catalog.objective(specification).component
    let state = try randomCase.state()
    guard let minimum = ObjectiveCatalog.minimum(of: specification, teacher: state.teacher) else {
      return
    }
    let value = objective.lossAndGradient(at: state)
    #expect(value.loss >= minimum - Self.roundings * state.rounding)
  }

  @Test(arguments: ObjectiveCatalog.specifications, RandomCase.all())
  func theTeacherItselfHasNoLossAndNoGradient(
    specification: String, randomCase: RandomCase
  ) throws {
    let teacher = try randomCase.teacher()
    let state = FitState(teacher: teacher, logits: teacher.logProbabilities)
    let (loss, gradient) = try Catalog.objective(specification).component.lossAndGradient(at: state)
    guard let minimum = ObjectiveCatalog.minimum(of: specification, teacher: teacher) else {
      return
    }
    // w1 adds up V sums, each with a rounding.
    let sums = specification.hasPrefix("w1") ? Double(randomCase.size) : 1
    let tolerance = sums * tolerance(state, (loss, gradient))
    #expect(gap(loss, minimum) <= tolerance)
    // Where there is a corner, either side is a gradient.
    guard !ObjectiveCatalog.hasCorners(specification) else { return }
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
    if let minimum = ObjectiveCatalog.minimum(of: specification, teacher: teacher) {
      #expect(loss > minimum + 1e-6)
    }
    #expect(largest(gradient) > 1e-6)
  }

  /// Both lists of what a teacher's zeros do.
  static let finite = [
    "ce", "ce:target=1", "soft-ce", "fkl", "mix:lambda=0", "akl:mu=1", "js", "gjsd:beta=0",
    "gjsd:beta=0.9", "gjsd:beta=0.9:weighting=crossed", "skew-fkl", "skew-fkl:alpha=0", "skew-rkl",
    "skew-rkl:detach-mixture=true", "tvd", "hellinger", "alpha", "alpha:alpha=0.05",
    "alpha:alpha=0.97", "alpha:alpha=1", "alpha:alpha=2", "renyi", "renyi:alpha=0.05",
    "renyi:alpha=1", "renyi:alpha=3", "triangular", "chi2-pearson", "alpha-beta",
    "alpha-beta:alpha=0.5:beta=0", "alpha-beta:alpha=1:beta=-0.5", "alpha-beta:alpha=0.05:beta=0.5",
    "brier", "w1", "rank-logistic", "rank-hinge", "rank-hinge:margin=0.2", "sinkhorn",
    "sinkhorn:debiased=true", "hinton:target=0", "hinton:target=1",
    "dkd",
    "dkd:target=1", "dkl", "dkl:temperature=3", "topk-kl:k=2", "topk-kl:k=3",
    "topk-kl:k=1:mode=truncate", "topk-kl:k=2:mode=bucket", "topk-kl:k=3:mode=renormalize-teacher",
    "topk-kl:k=2:mode=bucket:select=student", "topk-kl:k=2:direction=reverse",
    "topk-kl:k=2:direction=reverse:mode=truncate", "topk-kl:k=1:direction=reverse:mode=bucket",
    "csiszar:f=kl-forward", "csiszar:f=kl-reverse:dual=true", "csiszar:f=jensen-shannon",
    "csiszar:f=total-variation", "csiszar:f=pearson", "csiszar:f=squared-hellinger",
    "csiszar:f=triangular", "csiszar:f=t-power", "csiszar:f=chi-square",
    "csiszar:f=log1p-abs:dual=true", "csiszar:f=modified-gan:dual=true",
    "csiszar:f=amari-alpha:alpha=0.5:dual=true", "js:temperature=2",
  ]

  static let infinite = [
    "rkl", "mix", "mix:lambda=1", "jeffreys", "akl", "bdkd", "todi", "drkl", "chi2-neyman",
    "gjsd:beta=1", "skew-rkl:alpha=0", "alpha:alpha=0", "alpha:alpha=-1", "alpha:alpha=-0.01",
    "alpha-beta:alpha=0:beta=1", "alpha-beta:alpha=0.5:beta=-0.5", "alpha-beta:alpha=0:beta=0",
    "alpha-beta:alpha=-0.2", "alpha-beta:alpha=0.5:beta=-0.7", "mse-logits", "ikl",
    "csiszar:f=kl-reverse", "csiszar:f=kl-forward:dual=true",
    "csiszar:f=kl-forward:symmetrized=true", "csiszar:f=arithmetic-geometric",
    "csiszar:f=log1p-abs", "csiszar:f=jeffreys", "csiszar:f=modified-gan",
    "csiszar:f=pearson:dual=true", "csiszar:f=amari-alpha:dual=true",
    "csiszar:f=t-power:t=-1", "rkl:temperature=2",
  ]

  /// Infinite or not by where S is.
  static let refusedTruncations = [
    "topk-kl:k=3:direction=reverse", "topk-kl:k=2:mode=bucket:direction=reverse",
    "topk-kl:k=1:direction=reverse:select=student", "topk-kl:k=1:select=student",
  ]

  @Test(arguments: finite)
  func lossesAreFiniteWhereTheTeacherIsZero(specification: String) throws {
    let teacher = try TeacherDistribution(.linear([0.5, 0, 0.4, 0]))
    let objective = try Catalog.objective(specification)
    try objective.check(teacher, of: Catalog.teacher("uniform"))
    let state = FitState(teacher: teacher, logits: [1, 2, 3, 4])
    let (loss, gradient) = objective.component.lossAndGradient(at: state)
    #expect(loss.isFinite && gradient.allSatisfy(\.isFinite))
    #expect(abs(gradient.reduce(0, +)) <= Self.roundings * 0x1p-53 * 4 * (1 + largest(gradient)))
    #expect(largest(gradient) > 1e-6)
    // As if the zeros were very little: the limit is where it should be.
    let little = try TeacherDistribution(.linear([0.5, 1e-300, 0.4, 1e-301]))
    let nearly = objective.component.lossAndGradient(
      at: FitState(teacher: little, logits: little.byRank([1, 3, 2, 4])))
    let exactly = objective.component.lossAndGradient(
      at: FitState(teacher: teacher, logits: teacher.byRank([1, 3, 2, 4])))
    #expect(gap(nearly.loss, exactly.loss) <= 1e-9 * max(1, abs(exactly.loss)))
    #expect(worstGap(nearly.gradient, exactly.gradient) <= 1e-9)
  }

  @Test(arguments: infinite + refusedTruncations)
  func zerosOfTheTeacherAreRefusedWhereTheLossIsInfinite(specification: String) throws {
    let teacher = try TeacherDistribution(.linear([0.5, 0, 0.5, 0]))
    let objective = try Catalog.objective(specification)
    let error = #expect(throws: InfiniteObjective.self) {
      try objective.check(teacher, of: Catalog.teacher("uniform"))
    }
    #expect(error?.token == 1)
    #expect(error?.objective == specification)
    #expect(error?.teacher == "uniform")
  }

  /// Every objective either declares that it needs full support or is finite without.
  @Test(arguments: ObjectiveCatalog.specifications)
  func theDeclaredSupportIsTrue(specification: String) throws {
    let teacher = try TeacherDistribution(.linear([3, 0, 1]))
    let objective = try Catalog.objective(specification).component
    let state = FitState(teacher: teacher, logits: [0, 0, 0])
    let (loss, _) = objective.lossAndGradient(at: state)
    #expect(loss.isFinite == ((try? objective.objective.check(teacher)) != nil))
  }

  /// Bound once, an objective gives at every state what it gives bound afresh: what it keeps is of
  /// the teacher alone.
  @Test(arguments: ObjectiveCatalog.specifications + ["sinkhorn:debiased=true", "rank-hinge"])
  func anEvaluatorDoesNotRememberStudents(specification: String) throws {
    let objective = try Catalog.objective(specification).component
    let teacher = try RandomCase.all([.moderate], sizes: [7])[0].teacher()
    var state = FitState(teacher: teacher, logits: teacher.probabilities)
    var bound = BoundObjective(objective, at: state)
    var other = bound
    var gradient = teacher.probabilities
    for scale in [0, 1, 30, -1, 0.5] {
      state = FitState(
        teacher: teacher, logits: (0..<7).map { scale * Double(($0 * 5) % 7) })
      let fresh = objective.evaluate(at: state)
      #expect(bound.loss(at: state, gradient: &gradient) == fresh.loss)
      #expect(gradient == fresh.gradient)
    }
    var fresh = gradient
    #expect(other.loss(at: state, gradient: &fresh) == bound.loss(at: state, gradient: &gradient))
    #expect(fresh == gradient)
  }

  @Test(arguments: [
    ("ce:target=3", "target=3 is not a token"), ("drkl:target=7", "the teacher has 3"),
    ("dkd:target=3", "target=3"), ("hinton:target=3", "target=3"),
    ("topk-kl:k=4", "k=4 is more than the teacher's 3 tokens"),
  ])
  func whatTheTeacherDoesNotHaveIsRefused(specification: String, reason: String) throws {
    let teacher = try TeacherDistribution(.linear([3, 2, 1]))
    let error = #expect(throws: UnsuitableTeacher.self) {
      try Catalog.objective(specification).check(teacher, of: Catalog.teacher("uniform"))
    }
    #expect(error?.description.contains(reason) == true)
    #expect(error?.description.contains(specification) == true)
  }
}
