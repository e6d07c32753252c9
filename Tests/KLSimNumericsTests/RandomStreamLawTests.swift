// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimNumerics
import Testing

/// How streams of seeds and purposes relate, and what variates may be.
@Suite struct RandomStreamLawTests {
  typealias Reference = RandomStreamReferenceTests

  @Test(arguments: [0, 1, 12345, 1 << 32, .max] as [UInt64], ["teacher", "start", ""])
  func aStreamComesAgain(seed: UInt64, purpose: String) {
    #expect(
      Reference.bits(RandomStream(seed: seed, purpose: purpose))
        == Reference.bits(RandomStream(seed: seed, purpose: purpose)))
  }

  @Test func purposesAreUnrelated() {
    for seed in UInt64(0)..<50 {
      let purposes = ["", "teacher", "Teacher", "start", "student", "teachers"]
      let streams =
        purposes.map { Reference.bits(RandomStream(seed: seed, purpose: $0)) }
        + [Reference.bits(RandomStream(seed: seed))]
      #expect(Set(streams).count == streams.count, "seed \(seed)")
    }
  }

  /// Different low halves give different streams by construction; high halves do almost surely.
  @Test func seedsOfAPurposeAreApart() {
    var seen: Set<[UInt32]> = []
    for seed in UInt64(0)..<1000 {
      seen.insert(Reference.bits(RandomStream(seed: seed, purpose: "teacher"), count: 2))
      seen.insert(
        Reference.bits(RandomStream(seed: (seed + 1) << 32, purpose: "teacher"), count: 2))
    }
    #expect(seen.count == 2000)
  }

  @Test func uniformsKeepToTheirInterval() {
    var stream = RandomStream(seed: 3)
    for _ in 0..<2000 {
      let plain = stream.uniform()
      #expect(plain >= 0 && plain < 1)
      let other = stream.uniform(from: -2, to: 5)
      #expect(other >= -2 && other < 5)
    }
  }

  @Test(arguments: 1...5)
  func degenerateSpreadsAreConstant(seed: UInt64) {
    var stream = RandomStream(seed: seed)
    #expect(stream.normal(sigma: 0) == 0)
    #expect(stream.logNormal(sigma: 0) == 1)
    #expect(stream.uniform(from: 2, to: 2) == 2)
    #expect(stream.dirichlet(count: 1, concentration: 0.3) == [1])
    #expect(stream.multinomial(draws: 0, weights: [1, 2]) == [0, 0])
    #expect(stream.multinomial(draws: 9, weights: [0, 2, 0]) == [0, 9, 0])
  }

  @Test(arguments: [1e-3, 0.1, 1, 100], [1, 2, 80])
  func dirichletPointsAreDistributions(concentration: Double, count: Int) {
    var stream = RandomStream(seed: 4)
    for _ in 0..<20 {
      let point = stream.dirichlet(count: count, concentration: concentration)
      #expect(point.count == count)
      #expect(point.allSatisfy { $0 >= 0 && $0 <= 1 })
      #expect(abs(point.reduce(0, +) - 1) <= 1e-13)
    }
  }

  @Test func paretosStartAtOne() {
    var stream = RandomStream(seed: 5)
    for _ in 0..<1000 {
      #expect(stream.pareto(exponent: 1) >= 1)
    }
  }

  @Test func countsAddUpToTheDraws() {
    var stream = RandomStream(seed: 6)
    for draws in [1, 10, 1000, .max] as [UInt32] {
      let counts = stream.multinomial(draws: draws, weights: [0.2, 0.5, 0.3])
      #expect(counts.reduce(0) { $0 + UInt64($1) } == UInt64(draws))
    }
  }
}
