// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimTestSupport
import Testing

/// What random teachers are on average over many seeds.
@Suite struct TeacherStatisticalTests {
  /// Standard deviations that a mean may be off: one in 2 million.
  static let bound = 5.0
  static let seeds = UInt64(1)...400

  private static func meansByToken(_ specification: String) throws -> [Double] {
    let recipe = try Catalog.teacher(specification).component
    var sums = [Double](repeating: 0, count: 10)
    for seed in seeds {
      let teacher = try recipe.distribution(seed: seed)
      for (token, p) in teacher.byToken(teacher.probabilities).enumerated() { sums[token] += p }
    }
    return sums.map { $0 / Double(seeds.count) }
  }

  /// On a teacher whose ranks are its tokens, and on one whose are not.
  @Test(arguments: ["longtail:size=10", "overlapping:size=10"])
  func histogramsAreUnbiased(teacher: String) throws {
    let p = try Catalog.teacher(teacher).component.distribution(seed: 1)
    let means = try Self.meansByToken("\(teacher):samples=50:smoothing=0")
    let draws = 50 * Double(Self.seeds.count)
    for (mean, expected) in zip(means, p.byToken(p.probabilities)) {
      let deviation = (expected * (1 - expected) / draws).squareRoot()
      #expect(gap(mean, expected) <= Self.bound * deviation)
    }
  }

  /// Each of 10 components has mean 1/10 and variance (1/10)(9/10)/(10 a + 1).
  @Test(arguments: [0.1, 0.5, 5])
  func dirichletComponentsHaveTheirMean(concentration: Double) throws {
    let means = try Self.meansByToken("dirichlet:size=10:concentration=\(concentration)")
    let variance = 0.09 / (10 * concentration + 1)
    let deviation = (variance / Double(Self.seeds.count)).squareRoot()
    #expect(means.allSatisfy { gap($0, 0.1) <= Self.bound * deviation })
  }

  /// Tokens are exchangeable; a p in [0, 1] of mean 1/10 has a variance of at most 9/100.
  @Test(arguments: [
    "lognormal", "pareto", "gamma", "softmax-normal", "uniform:jitter=3", "permuted-zipf",
  ])
  func noTokenIsFavoured(specification: String) throws {
    let means = try Self.meansByToken("\(specification):size=10")
    let deviation = (0.09 / Double(Self.seeds.count)).squareRoot()
    #expect(means.allSatisfy { gap($0, 0.1) <= Self.bound * deviation })
  }

  /// Normalised gamma variates are Dirichlet: the variance of a component is `(1/V)(1−1/V)/(aV + 1)`.
  @Test(arguments: ["gamma:shape=", "dirichlet:concentration="], [0.05, 0.5, 1, 7.5])
  func gammaComponentsHaveTheVarianceOfDirichlet(family: String, shape: Double) throws {
    let recipe = try Catalog.teacher("\(family)\(shape):size=10").component
    let squares = try Self.seeds.map { seed in
      let teacher = try recipe.distribution(seed: seed)
      return teacher.probabilities.reduce(0) { $0 + ($1 - 0.1) * ($1 - 0.1) } / 10
    }
    let count = Double(squares.count)
    let mean = squares.reduce(0, +) / count
    let spread = squares.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
    #expect(gap(mean, 0.09 / (10 * shape + 1)) <= Self.bound * (spread / count).squareRoot())
  }

  /// Differences of two logits of N(0, σ²) have the variance 2σ², however large σ.
  @Test(arguments: [0.5, 3, 1e4])
  func softmaxNormalLogitsHaveTheirSpread(sigma: Double) throws {
    let recipe = try Catalog.teacher("softmax-normal:size=2:sigma=\(sigma)").component
    let squares = try Self.seeds.map { seed in
      let logs = try recipe.distribution(seed: seed).logProbabilities
      return (logs[0] - logs[1]) * (logs[0] - logs[1]) / (2 * sigma * sigma)
    }
    // A square of a standard normal has mean 1 and variance 2.
    let deviation = (2 / Double(squares.count)).squareRoot()
    #expect(gap(squares.reduce(0, +) / Double(squares.count), 1) <= Self.bound * deviation)
  }

  /// No token of a small shape is lost: a hundredth of the variates are below 1e-300 there.
  @Test func smallGammaVariatesKeepTheirLogarithms() throws {
    let teacher = try Catalog.teacher("gamma:shape=0.001:size=2000").component.distribution(seed: 1)
    #expect(teacher.firstZeroToken == nil)
    #expect(Set(teacher.logProbabilities).count == 2000)
    #expect(teacher.logProbabilities[1999] < -1000)
  }
}
