// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimTestSupport
import Testing

/// Teachers against the densities they are named after.
@Suite struct TeacherReferenceTests {
  /// A teacher and the logarithms of its weights, up to a constant.
  struct Shape: Sendable, CustomStringConvertible {
    let specification: String
    let size: Int
    let logWeight: @Sendable (Double) -> Wide
    var description: String { specification }
  }

  static let shapes = [
    Shape(specification: "longtail", size: 80) { halfGaussian($0 * 1.25, width: 16) },
    Shape(specification: "longtail:size=10:sigma=3", size: 10) { halfGaussian($0 * 10, width: 3) },
    Shape(specification: "bimodal", size: 50) { pair($0 * 2, 25, 75, width: 10) },
    Shape(specification: "unimodal", size: 50) { pair($0 * 2, 50, 50, width: 15) },
    Shape(specification: "overlapping", size: 50) { pair($0 * 2, 25, 74, width: 15) },
    Shape(specification: "bimodal:size=200", size: 200) { pair($0 / 2, 25, 75, width: 10) },
    Shape(specification: "zipf", size: 1000) { -1.1 * logarithms([$0 + 1])[0] },
    Shape(specification: "zipf:size=5:exponent=0", size: 5) { _ in 0 },
    Shape(specification: "geometric", size: 80) { Wide($0) * logarithms([0.9])[0] },
    Shape(specification: "geometric:size=2000:ratio=0.25", size: 2000) {
      Wide($0) * logarithms([0.25])[0]
    },
    Shape(specification: "geometric:size=7:ratio=1", size: 7) { _ in 0 },
    Shape(specification: "uniform", size: 80) { _ in 0 },
    Shape(specification: "mixture", size: 80) { x in
      mixture(x * 1.25, [(1, 20, 5), (1, 50, 5), (1, 80, 5)])
    },
    Shape(specification: "mixture:centres=10/90:weights=1/3:widths=2/20", size: 80) { x in
      mixture(x * 1.25, [(1, 10, 2), (3, 90, 20)])
    },
    Shape(specification: "mixture:size=20:centres=30/60:weights=0/1:widths=8", size: 20) { x in
      mixture(x * 5, [(1, 60, 8)])
    },
  ]

  private static func halfGaussian(_ x: Double, width: Double) -> Wide {
    -(Wide(x) * Wide(x)) / (2 * Wide(width) * Wide(width))
  }

  private static func pair(
    _ x: Double, _ first: Double, _ second: Double, width: Double
  ) -> Wide {
    mixture(x, [(0.3, first, width), (0.5, second, width)])
  }

  private static func mixture(
    _ x: Double, _ modes: [(weight: Double, centre: Double, width: Double)]
  ) -> Wide {
    let terms = modes.map { mode in
      logarithms([mode.weight])[0] - logarithms([mode.width])[0]
        + halfGaussian(x - mode.centre, width: mode.width)
    }
    // log Σ: a term less its normalised logarithm.
    return terms[0] - logNormalized(terms)[0]
  }

  @Test(arguments: shapes)
  func teachersHaveTheirShape(shape: Shape) throws {
    let teacher = try Catalog.teacher(shape.specification).component.distribution(seed: 1)
    let expected = logNormalized((0..<shape.size).map { shape.logWeight(Double($0)) })
    try #require(teacher.size == shape.size)
    let logP = teacher.byToken(teacher.logProbabilities)
    // Log weights of some hundreds, with a few roundings of 2⁻⁵³ relative to them.
    #expect(worstGap(logP, expected.map { Double($0) }) <= 1e-12)
    let p = teacher.byToken(teacher.probabilities)
    #expect(worstGap(p, exponentials(expected).map { Double($0) }) <= 1e-14)
  }

  /// The first probabilities of the published experiments.
  @Test func theLongTailIsThatOfThePaper() throws {
    let teacher = try Catalog.teacher("longtail").component.distribution(seed: 1)
    // 7 tokens hold less than half of the mass, 8 hold more.
    #expect(teacher.tokens == Array(0..<80))
    #expect(teacher.cumulative[7] <= 0.5 && teacher.cumulative[8] > 0.5)
    #expect(gap(teacher.probabilities[37...].reduce(0, +), 0.0042) <= 5e-5)
  }

  @Test(arguments: ["longtail", "bimodal", "unimodal", "overlapping", "mixture"])
  func anotherSizeRefinesTheShape(family: String) throws {
    let coarse = try Catalog.teacher("\(family):size=20").component.distribution(seed: 1)
    let fine = try Catalog.teacher("\(family):size=40").component.distribution(seed: 1)
    let coarseLog = coarse.byToken(coarse.logProbabilities)
    let fineLog = fine.byToken(fine.logProbabilities)
    let offsets = coarseLog.indices.map { coarseLog[$0] - fineLog[2 * $0] }
    // The same at the shared positions but for the normalisation.
    #expect(offsets.allSatisfy { gap($0, offsets[0]) <= 1e-12 })
  }

  @Test(arguments: [0.25, 0.5, 2, 10, 1000])
  func temperatureIsAPower(temperature: Double) throws {
    for randomCase in RandomCase.all([.moderate], sizes: [1, 2, 80]) {
      let p = try randomCase.teacher()
      let counts = p.byToken(p.probabilities)
      let teacher = try Catalog.teacher(
        "file:path=p:values=counts:temperature=\(temperature)", reader: FixedNumbers(counts)
      ).component.distribution(seed: 1)
      let expected = exponentials(logNormalized(logarithms(counts).map { $0 / Wide(temperature) }))
      #expect(
        worstGap(teacher.byToken(teacher.probabilities), expected.map { Double($0) }) <= 1e-14,
        "\(randomCase)")
    }
  }

  @Test func temperatureHasItsLimits() throws {
    let hot = try Catalog.teacher("longtail:temperature=1e300").component.distribution(seed: 1)
    #expect(hot.probabilities.allSatisfy { gap($0, 1.0 / 80) <= 1e-16 })
    let cold = try Catalog.teacher("longtail:temperature=1e-300").component.distribution(seed: 1)
    #expect(cold.probabilities[0] == 1 && cold.probabilities[1] == 0)
  }

  @Test(arguments: [1, 2, 3, 79])
  func topTokensAreKeptAndTheRestIsNothing(count: Int) throws {
    for family in ["longtail", "uniform", "overlapping:size=80", "dirichlet"] {
      let whole = try Catalog.teacher(family).component.distribution(seed: 7)
      let top = try Catalog.teacher("\(family):top-k=\(count)").component.distribution(seed: 7)
      let mass = whole.cumulative[count - 1]
      let expected = whole.probabilities.enumerated().map { $0 < count ? $1 / mass : 0 }
      // Ties among the zeros go by token, so only the kept ranks have the same tokens.
      #expect(top.tokens.prefix(count) == whole.tokens.prefix(count))
      #expect(worstGap(top.probabilities, expected) <= 1e-15)
      #expect(top.logProbabilities[count...].allSatisfy { $0 == -.infinity })
      #expect(top.firstZeroToken == top.tokens[count])
    }
  }

  @Test(arguments: ["longtail:top-k=80", "longtail:top-k=1000", "longtail:temperature=1"])
  func transformsThatDoNothingChangeNoBit(specification: String) throws {
    let original = try Catalog.teacher("longtail").component.distribution(seed: 1)
    #expect(try Catalog.teacher(specification).component.distribution(seed: 1) == original)
  }

  @Test(arguments: [1e-300, 1e-6, 0.1, 0.5, 0.999])
  func smoothingMixesTheUniformIn(epsilon: Double) throws {
    let whole = try Catalog.teacher("longtail:top-k=10").component.distribution(seed: 1)
    let smooth = try Catalog.teacher("longtail:top-k=10:smooth=\(epsilon)").component
      .distribution(seed: 1)
    let expected = whole.byToken(whole.probabilities).map { (1 - epsilon) * $0 + epsilon / 80 }
    #expect(worstGap(smooth.byToken(smooth.probabilities), expected) <= 1e-15)
    #expect(smooth.firstZeroToken == nil)
  }

  @Test(arguments: ["longtail", "uniform", "zipf:size=80", "dirichlet"], [0.01, 1.0, 100])
  func jitterStaysWithinItsFactor(family: String, jitter: Double) throws {
    for seed in UInt64(1)...5 {
      let plain = try Catalog.teacher(family).component.distribution(seed: seed)
      let jittered = try Catalog.teacher("\(family):jitter=\(jitter)").component
        .distribution(seed: seed)
      let before = plain.byToken(plain.logProbabilities)
      let after = jittered.byToken(jittered.logProbabilities)
      let factors = zip(after, before).map { $0 - $1 }
      let spread = (factors.max() ?? 0) - (factors.min() ?? 0)
      let bound = Double(logarithms([1 + jitter])[0])
      #expect(spread <= bound + 1e-12, "seed \(seed)")
      // Eighty uniform factors that span less than half of the bound: once in 10²⁴.
      #expect(spread > bound / 10, "seed \(seed)")
    }
  }

  @Test(arguments: ["longtail", "zipf:size=80", "dirichlet"], [0, 0.5, 3])
  func samplesAreAHistogram(family: String, smoothing: Double) throws {
    for seed in UInt64(1)...3 {
      let teacher = try Catalog.teacher("\(family):samples=1000:smoothing=\(smoothing)").component
        .distribution(seed: seed)
      let counts = teacher.probabilities.map { $0 * (1000 + 80 * smoothing) - smoothing }
      // p is a quotient of small whole numbers, so that the product is whole to 1e-12.
      #expect(counts.allSatisfy { gap($0, $0.rounded()) <= 1e-10 && $0 > -0.5 }, "seed \(seed)")
      #expect(counts.map { $0.rounded() }.reduce(0, +) == 1000, "seed \(seed)")
    }
  }

  /// However large the vocabulary is, what is added weighs as much as one draw.
  @Test(arguments: [3, 80, 20_000])
  func unlessSaidOtherwiseOneDrawIsAdded(size: Int) throws {
    let sample = try Catalog.teacher("zipf:size=\(size):samples=1000").component
      .distribution(seed: 1)
    let counts = sample.probabilities.map { $0 * 1001 - 1 / Double(size) }
    #expect(counts.allSatisfy { gap($0, $0.rounded()) <= 1e-9 && $0 > -0.5 })
    #expect(counts.map { $0.rounded() }.reduce(0, +) == 1000)
  }

  /// What errors are measured against is the teacher of infinitely many draws, with its jitter and all
  /// transforms, unless the histogram is asked for.
  @Test(arguments: [
    "zipf:size=80", "dirichlet", "longtail:jitter=0.5", "dirichlet:temperature=2:top-k=9",
  ])
  func theTruthOfASampleIsWhatItWasDrawnFrom(family: String) throws {
    for seed in UInt64(1)...3 {
      func distribution(_ settings: String) throws -> TeacherDistribution {
        try Catalog.teacher(family + settings).component.distribution(seed: seed)
      }
      let (plain, sample) = try (distribution(""), distribution(":samples=200"))
      #expect(plain.truth == plain)
      #expect(sample.truth == plain && sample != plain)
      let drawn = try distribution(":samples=200:reference=drawn")
      #expect(drawn == sample && drawn.truth == drawn)
    }
    #expect(throws: SpecificationError.self) { try Catalog.teacher("\(family):reference=drawn") }
  }
}
