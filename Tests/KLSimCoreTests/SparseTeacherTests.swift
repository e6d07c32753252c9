// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimNumerics
import KLSimTestSupport
import Testing

@testable import KLSimCore

/// Teachers of noisy labels, and of a few weighted draws.
@Suite struct SparseTeacherTests {
  private static func teacher(
    _ specification: String, seed: UInt64 = 1, context: Int = 0
  ) throws -> TeacherDistribution {
    try Catalog.teacher(specification).component.distribution(seed: seed, context: context)
  }

  @Test(arguments: [0.05, 0.5, 0.999])
  func noisyLabelsMixTheUniformInAndKeepTheTruth(epsilon: Double) throws {
    let truth = try Self.teacher("longtail:top-k=10")
    let noisy = try Self.teacher(
      "ensemble:of=\"longtail:top-k=10\":label-noise=\(epsilon)")
    let expected = truth.byToken(truth.probabilities).map { (1 - epsilon) * $0 + epsilon / 80 }
    #expect(worstGap(noisy.byToken(noisy.probabilities), expected) <= 1e-15)
    #expect(
      worstGap(
        noisy.truth.byToken(noisy.truth.probabilities), truth.byToken(truth.probabilities)) <= 1e-15
    )
    // What `smooth` does to the truth as well.
    let smooth = try Self.teacher("zipf:smooth=\(epsilon)")
    let other = try Self.teacher("zipf:label-noise=\(epsilon)")
    #expect(worstGap(other.probabilities, smooth.probabilities) <= 1e-15)
    let clean = try Self.teacher("zipf")
    #expect(smooth.truth == smooth && other.truth == clean)
    let drawn = try Self.teacher("zipf:label-noise=\(epsilon):reference=drawn")
    #expect(drawn == other && drawn.truth == drawn)
  }

  /// A drawn label is noisy as one that is known in expectation: both are of one distribution.
  @Test func drawnLabelsAreNoisy() throws {
    for seed in UInt64(1)...3 {
      let noisy = try Self.teacher("zipf:size=30:label-noise=0.3:samples=500", seed: seed)
      let drawn = try Self.teacher("zipf:size=30:smooth=0.3", seed: seed)
      var stream = RandomStream(seed: seed, purpose: "teacher")
      let counts = stream.multinomial(draws: 500, weights: drawn.byToken(drawn.probabilities))
      let expected = counts.map { (Double($0) + 1.0 / 30) / 501 }
      #expect(worstGap(noisy.byToken(noisy.probabilities), expected) <= 1e-15)
      #expect(noisy.truth == (try Self.teacher("zipf:size=30")))
    }
  }

  /// Every ratio of two targets is that of counts times weights, `c p^(1−τ)`.
  @Test(arguments: ["zipf:size=30", "softmax-normal:size=30", "longtail:size=30"], [0.0, 0.5, 2])
  func drawsAreWeightedByTheirImportance(family: String, proposal: Double) throws {
    for seed in UInt64(1)...3 {
      let sample = try Self.teacher(
        "\(family):samples=40:proposal=\(proposal):smoothing=0", seed: seed)
      let p = sample.truth.byToken(sample.truth.logProbabilities)
      let logs = sample.byToken(sample.logProbabilities)
      let quotients = zip(logs, p).map { exp($0 - (1 - proposal) * $1) }
      let sum = quotients.reduce(0, +)
      let counts = quotients.map { 40 * $0 / sum }
      #expect(counts.allSatisfy { gap($0, $0.rounded()) <= 1e-9 })
      #expect(counts.map { $0.rounded() }.reduce(0, +) == 40)
    }
  }

  /// At τ = 0 every token is drawn as often as any other, but for those without mass.
  @Test func aFlatProposalDrawsWhatHasMass() throws {
    let sample = try Self.teacher("ensemble:of=\"zipf:size=30:top-k=5\":samples=4000:proposal=0")
    let present = sample.truth.byToken(sample.truth.probabilities).map { $0 > 0 }
    let floor = 1.0 / 30 / 4001
    for (token, p) in sample.byToken(sample.probabilities).enumerated() {
      #expect(present[token] ? p > 2 * floor : gap(p, floor) <= 1e-15)
    }
  }

  /// Every context has its own truth, the same as without samples, and its own draws.
  @Test(arguments: ["dirichlet:size=9:contexts=4", "permuted-zipf:size=9:contexts=4"])
  func everyContextIsSampled(family: String) throws {
    let samples = try (0..<4).map { try Self.teacher("\(family):samples=50", context: $0) }
    for (context, sample) in samples.enumerated() {
      #expect(sample.truth == (try Self.teacher(family, context: context)))
    }
    #expect(Set(samples.map(\.probabilities)).count == 4)
    let alike = try (0..<3).map {
      try Self.teacher("zipf:size=20:contexts=3:samples=50", context: $0)
    }
    #expect(Set(alike.map { $0.byToken($0.probabilities) }).count == 3)
    #expect(alike.allSatisfy { $0.truth == alike[0].truth })
  }

  /// Contexts that share parameters are each measured against their own truth.
  @Test func sharedParametersAreMeasuredAgainstEveryTruth() throws {
    let setup = try Setup(
      [
        "teacher": "dirichlet:size=9:contexts=4:samples=50", "student": "low-rank:rank=2",
        "objective": "fkl", "init": "student",
      ], epochs: 20)
    let measurement = try Measurement(
      heads: [Catalog.head("mass=0.5")], snapshots: { epoch, _ in epoch == 20 })
    for (context, run) in try FitBatch(setup, seeds: [3]).run(measurement).enumerated() {
      let truth = try Self.teacher("dirichlet:size=9:contexts=4", seed: 3, context: context)
      #expect(run.teacher == truth)
      let q = run.snapshots[0].probabilities
      let distance = zip(truth.probabilities, q).reduce(0) { $0 + abs($1.0 - $1.1) } / 2
      let record = try #require(run[epoch: 20])
      #expect(gap(record.totalVariation, distance) <= 1e-12)
    }
  }

  /// The weights of a context are a power law of the ranks, whatever token has which rank.
  @Test(arguments: [0, 0.3, 1])
  func permutedRanksFollowZipfsLaw(shuffle: Double) throws {
    let size = 50
    let recipe = try Catalog.teacher(
      "permuted-zipf:size=\(size):contexts=6:min-exponent=0.7:max-exponent=2:shuffle=\(shuffle)"
    ).component
    var exponents: [Double] = []
    for context in 0..<6 {
      let teacher = try recipe.distribution(seed: 5, context: context)
      let logs = teacher.logProbabilities
      let ranks = (1...size).map { log(Double($0)) }
      let exponent = (logs[0] - logs[1]) / ranks[1]
      exponents.append(exponent)
      #expect((0.7 - 1e-12..<2 + 1e-12).contains(exponent))
      #expect(worstGap(logs.map { logs[0] - $0 }, ranks.map { exponent * $0 }) <= 1e-12)
      let moved = teacher.tokens.enumerated().count { $0 != $1 }
      // Of 15 or 50 tokens that are permuted, more than 12 stay once in 4e8.
      let chosen = Int(shuffle * Double(size))
      #expect(moved <= chosen && moved >= max(0, chosen - 12))
    }
    #expect(Set(exponents).count == 6)
  }
}
