// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimTestSupport
import Testing

/// What a teacher's specification may say, and what it may not.
@Suite struct TeacherRecipeTests {
  @Test(arguments: [
    "mixture:centres=10/20:weights=1/2/3", "mixture:centres=10/20/30:widths=1/2",
    "mixture:centres=10:weights=1/2", "mixture:weights=0", "mixture:centres=1/2:weights=0/0",
    "longtail:smoothing=1", "uniform:smoothing=0", "longtail:proposal=0.5",
    "longtail:reference=drawn",
    "permuted-zipf:min-exponent=2:max-exponent=1",
  ])
  func parametersThatDoNotGoTogetherAreRefused(specification: String) {
    let error = #expect(throws: SpecificationError.self) { try Catalog.teacher(specification) }
    guard case .inconsistent = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func oneValueServesEveryMode() throws {
    let short = try Catalog.teacher("mixture:centres=20/50:weights=2:widths=7")
    let long = try Catalog.teacher("mixture:centres=20/50:weights=2/2:widths=7/7")
    #expect(
      try short.component.distribution(seed: 1) == long.component.distribution(seed: 1))
  }

  @Test(arguments: [
    ("longtail", false), ("longtail:jitter=0.01", true), ("longtail:samples=10", true),
    ("dirichlet", true), ("longtail:label-noise=0.1", false),
    ("uniform:temperature=2:smooth=0.5:top-k=3", false),
  ])
  func randomnessIsKnown(specification: String, isRandom: Bool) throws {
    #expect(try Catalog.teacher(specification).component.isRandom == isRandom)
  }

  /// Parameters at the ends of their ranges give a teacher or an error, never a trap.
  @Test(arguments: [
    "zipf:exponent=1e308:size=3", "longtail:sigma=1e-300", "longtail:sigma=1e300",
    "mixture:widths=1e-300", "mixture:widths=1e300", "mixture:centres=1e308/-1e308",
    "mixture:weights=1e308:widths=1e-300", "dirichlet:concentration=1e-300",
    "dirichlet:concentration=1e300", "dirichlet:concentration=1e308", "lognormal:sigma=1e300",
    "lognormal:sigma=0", "pareto:exponent=1e-300", "pareto:exponent=1e300",
    "uniform:samples=4294967295", "uniform:jitter=1e308", "longtail:jitter=1e308",
    "longtail:temperature=5e-324", "longtail:temperature=1e308", "uniform:smooth=5e-324",
    "longtail:samples=1:smoothing=1e308", "longtail:samples=9:proposal=10:top-k=2",
    "longtail:sigma=1:samples=9:proposal=0", "permuted-zipf:max-exponent=1e308:size=3",
    "uniform:label-noise=5e-324", "uniform:size=1:top-k=16777216",
  ])
  func extremeParametersAreNoTrap(specification: String) throws {
    let recipe = try Catalog.teacher(specification).component
    do {
      let teacher = try recipe.distribution(seed: 1)
      #expect(gap(teacher.probabilities.reduce(0, +), 1) <= 1e-12)
    } catch let error as TeacherError {
      let isNamed = "\(error)".contains("not a finite number")
      #expect([.allZero, .overflow].contains(error.reason) || isNamed)
    }
  }

  @Test func transformsGoInTheirOrder() throws {
    // Smoothing comes last: a token that top-k has dropped gets the floor, and no more.
    let teacher = try Catalog.teacher("longtail:temperature=2:top-k=2:smooth=0.5").component
      .distribution(seed: 1)
    let hot = try Catalog.teacher("longtail:temperature=2").component.distribution(seed: 1)
    let head = hot.probabilities[0] / (hot.probabilities[0] + hot.probabilities[1])
    let floor = 0.5 / 80
    #expect(
      worstGap(
        Array(teacher.probabilities.prefix(3)),
        [0.5 * head + floor, 0.5 * (1 - head) + floor, floor]) <= 1e-15)
  }

  @Test func filesHoldProbabilitiesCountsOrLogits() throws {
    let reader = FixedNumbers([0.25, 0.25, 0.5])
    func teacher(_ values: String) throws -> TeacherDistribution {
      try Catalog.teacher("file:path=p.csv\(values)", reader: reader).component
        .distribution(seed: 1)
    }
    #expect(try teacher("").probabilities == [0.5, 0.25, 0.25])
    #expect(try teacher("").tokens == [2, 0, 1])
    #expect(try teacher(":values=counts") == teacher(":values=probabilities"))
    let logits = try teacher(":values=logits")
    #expect(gap(logits.logProbabilities[0] - logits.logProbabilities[1], 0.25) <= 1e-15)
  }

  @Test(arguments: [
    ([0.5, 0.5000019], "probabilities", DistributionError.notNormalised(sum: 1.0000019)),
    ([0.5, 0.4], "probabilities", .notNormalised(sum: 0.9)),
    ([0.5, -0.5, 1], "probabilities", .negativeProbability(token: 1, value: -0.5)),
    ([0, 0], "counts", .allZero),
    ([1, -1], "counts", .negative(token: 1, value: -1)),
    ([1, .infinity], "counts", .notFinite(token: 1, value: .infinity)),
    ([1e308, 1e308], "counts", .overflow),
    ([1, .infinity], "logits", .notFinite(token: 1, value: .infinity)),
  ])
  func badFilesAreNamed(numbers: [Double], values: String, reason: DistributionError) {
    let error = #expect(throws: TeacherError.self) {
      try Catalog.teacher("file:path=dir/p.csv:values=\(values)", reader: FixedNumbers(numbers))
    }
    #expect(error?.teacher == "dir/p.csv")
    #expect(error?.reason == reason)
    #expect(error?.description.hasPrefix("dir/p.csv: ") == true)
  }

  @Test func probabilitiesMayBeRounded() throws {
    let reader = FixedNumbers([0.3333333, 0.3333333, 0.3333333])
    let teacher = try Catalog.teacher("file:path=p.csv", reader: reader).component
    #expect(gap(try teacher.distribution(seed: 1).probabilities.reduce(0, +), 1) <= 1e-15)
  }

  @Test func withoutAReaderThereAreNoFiles() {
    #expect(throws: SpecificationError.self) { try Catalog.teacher("file:path=p.csv") }
  }
}
