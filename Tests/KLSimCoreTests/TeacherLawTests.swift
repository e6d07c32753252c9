// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimTestSupport
import Testing

/// What holds for every teacher family of the catalog, transformed or not.
@Suite struct TeacherLawTests {
  /// All but the one whose size is that of a text.
  static let families = Catalog.teachers.map { $0.name }.filter { $0 != "ngram" }
  static let transforms = [
    "", ":jitter=0.01", ":jitter=5", ":samples=100", ":samples=100:smoothing=0",
    ":label-noise=0.1", ":label-noise=0.1:samples=20:proposal=0.5",
    ":temperature=0.25", ":temperature=10", ":top-k=3", ":smooth=0.1",
    ":jitter=0.5:samples=1000:temperature=2:top-k=40:smooth=0.01",
  ]
  static let sizes = [1, 2, 80]

  static func recipe(
    _ family: String, size: Int, _ transform: String = ""
  ) throws -> TeacherRecipe {
    if family == "ensemble" {
      let members = "zipf:size=\(size),geometric:size=\(size)"
      return try Catalog.teacher("ensemble:of=\"\(members)\"\(transform)").component
    }
    guard family == "file" else {
      return try Catalog.teacher("\(family):size=\(size)\(transform)").component
    }
    let counts = (0..<size).map { Double($0 % 7 + 1) }
    return try Catalog.teacher(
      "file:path=counts.csv:values=counts\(transform)", reader: FixedNumbers(counts)
    ).component
  }

  @Test(arguments: families, transforms)
  func teachersAreDistributionsInRankOrder(family: String, transform: String) throws {
    for size in Self.sizes {
      for seed in UInt64(1)...3 {
        let teacher = try Self.recipe(family, size: size, transform).distribution(seed: seed)
        let context = "V = \(size), seed \(seed)"
        let p = teacher.probabilities
        #expect(teacher.size == size, "\(context)")
        #expect(p.count == size && teacher.logProbabilities.count == size, "\(context)")
        #expect(teacher.tokens.sorted() == Array(0..<size), "\(context)")
        #expect(p.allSatisfy { $0 >= 0 && $0 <= 1 + 1e-15 }, "\(context)")
        // Each p has a rounding or two of its own, of 2⁻⁵³ relative to it.
        #expect(gap(p.reduce(0, +), 1) <= 1e-14, "\(context)")
        let keys = Array(zip(p, teacher.logProbabilities))
        #expect(zip(keys, keys.dropFirst()).allSatisfy { $0 >= $1 }, "\(context)")
      }
    }
  }

  @Test(arguments: families, transforms)
  func derivedNumbersFollowFromTheProbabilities(family: String, transform: String) throws {
    for size in Self.sizes {
      let teacher = try Self.recipe(family, size: size, transform).distribution(seed: 4)
      let p = teacher.probabilities
      var mass = 0.0
      for (rank, cumulative) in teacher.cumulative.enumerated() {
        mass += p[rank]
        #expect(cumulative == mass, "V = \(size), rank \(rank)")
        let logP = teacher.logProbabilities[rank]
        // p is the exponential of log p, whose own rounding is 2⁻⁵³ of its size.
        let logGap = gap(Double(exponentials([Wide(logP)])[0]), p[rank])
        #expect(
          logP == -.infinity ? p[rank] == 0 : logGap <= 0x1p-51 * (1 + abs(logP)) * p[rank],
          "V = \(size), rank \(rank)")
      }
      let state = ReferenceState(p: p, q: p)
      #expect(gap(teacher.entropy, Double(state.teacherEntropy)) <= 1e-13)
      #expect(teacher.entropy >= 0)
      #expect(teacher.entropy <= Double(logarithms([Double(size)])[0]) + 1e-14)
    }
  }

  @Test(arguments: families, transforms)
  func tokensAndRanksAreTwoOrdersOfTheSame(family: String, transform: String) throws {
    let teacher = try Self.recipe(family, size: 80, transform).distribution(seed: 5)
    let values = (0..<80).map(Double.init)
    #expect(teacher.byToken(teacher.byRank(values)) == values)
    #expect(teacher.byRank(teacher.byToken(values)) == values)
    #expect(teacher.byRank(values) == teacher.tokens.map(Double.init))
  }

  @Test(arguments: families, transforms)
  func aSeedGivesTheSameTeacherAgain(family: String, transform: String) throws {
    let recipe = try Self.recipe(family, size: 80, transform)
    for seed in [0, 1, .max] as [UInt64] {
      #expect(try recipe.distribution(seed: seed) == recipe.distribution(seed: seed))
    }
  }

  @Test(arguments: families, transforms)
  func seedsDifferWhereTheTeacherIsRandomAndOnlyThere(family: String, transform: String) throws {
    let recipe = try Self.recipe(family, size: 80, transform)
    let teachers = try (UInt64(1)...4).map { try recipe.distribution(seed: $0) }
    for (index, teacher) in teachers.enumerated() {
      for other in teachers[..<index] {
        #expect((teacher != other) == recipe.isRandom)
      }
    }
  }

  /// A teacher of another seed's high half is another teacher too.
  @Test(
    arguments: [
      "dirichlet", "lognormal", "pareto", "gamma", "softmax-normal", "uniform:jitter=1",
    ])
  func all64BitsOfTheSeedCount(specification: String) throws {
    let recipe = try Catalog.teacher(specification).component
    #expect(try recipe.distribution(seed: 1) != recipe.distribution(seed: 1 << 32 | 1))
  }

  /// Every family that needs nothing else takes its `size`, and its default is a teacher.
  @Test(arguments: families.filter { $0 != "file" && $0 != "ensemble" })
  func defaultsAreTeachers(family: String) throws {
    let teacher = try Catalog.teacher(family).component.distribution(seed: 1)
    #expect(teacher.size > 1)
  }
}
