// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimTestSupport
import Testing

@testable import KLSimNumerics

/// The sign test, Holm's method and intervals of medians against SciPy 1.17.1 and their definitions.
@Suite struct SignTestTests {
  /// `scipy.stats.binomtest(negative, negative + positive).pvalue`.
  static let tests: [(negative: Int, positive: Int, p: Double)] = [
    (0, 0, 1), (0, 1, 1), (0, 5, 0.0625), (1, 5, 0.21875), (2, 8, 0.109375), (5, 5, 1),
    (40, 60, 0.05688793364098089), (400, 600, 2.728464156065947e-10),
    (4800, 5200, 6.593515598672343e-05),
  ]

  @Test(arguments: tests)
  func pValuesAreThoseOfSciPy(negative: Int, positive: Int, expected: Double) {
    #expect(abs(SignTest.p(negative: negative, positive: positive) - expected) <= 1e-11 * expected)
    #expect(
      SignTest.p(negative: positive, positive: negative)
        == SignTest.p(negative: negative, positive: positive))
  }

  /// Binomial coefficients over powers of two, which are exact as long as they fit 53 bits.
  @Test(arguments: 0...40)
  func probabilitiesAreSumsOfBinomialCoefficients(count: Int) {
    var (coefficient, sum) = (1.0, 0.0)
    for k in 0...count {
      sum += coefficient
      let power = (0..<count).reduce(1.0) { value, _ in value / 2 }
      #expect(abs(SignTest.probability(ofAtMost: k, among: count) - sum * power) <= 1e-13)
      coefficient = coefficient * Double(count - k) / Double(k + 1)
    }
  }

  /// Worked by hand.
  static let families: [(p: [Double], adjusted: [Double])] = [
    ([], []), ([0.03], [0.03]), ([0.01, 0.04, 0.03], [0.03, 0.06, 0.06]),
    ([0.5, 0.5], [1, 1]), ([0.25, 0.0625, 1], [0.5, 0.1875, 1]),
    ([0.125, 0.125, 0.125, 0.125], [0.5, 0.5, 0.5, 0.5]),
  ]

  @Test(arguments: families)
  func holmsMethodStepsDown(p: [Double], adjusted: [Double]) {
    #expect(zip(SignTest.holm(p), adjusted).allSatisfy { abs($0 - $1) <= 1e-15 })
    #expect(SignTest.holm(p).count == p.count)
  }

  /// Rejecting adjusted p values at a level is Holm's procedure at that level.
  @Test(arguments: 1...20)
  func adjustedValuesRejectWhatHolmRejects(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let family = (0..<Int.random(in: 1...12, using: &random)).map { _ in
      Double.random(in: 0...0.2, using: &random)
    }
    let adjusted = SignTest.holm(family)
    for level in [0.01, 0.05, 0.1, 0.5] {
      var rejected: Set<Int> = []
      for index in family.indices.sorted(by: { family[$0] < family[$1] }) {
        guard family[index] * Double(family.count - rejected.count) <= level else { break }
        rejected.insert(index)
      }
      #expect(Set(adjusted.indices.filter { adjusted[$0] <= level }) == rejected)
    }
  }

  /// `scipy.stats.quantile_test(range(1, n + 1), q=0, p=.5).confidence_interval(confidence)`.
  static let medians: [(count: Int, confidence: Double, low: Double, high: Double)] = [
    (6, 0.95, 1, 6), (9, 0.95, 2, 8), (20, 0.95, 6, 15), (100, 0.95, 40, 61),
    (1000, 0.95, 469, 532), (20, 0.5, 8, 13), (20, 0.99, 4, 17), (4, 0.8, 1, 4),
    (10_000, 0.95, 4902, 5099),
  ]

  @Test(arguments: medians)
  func mediansHaveTheOrderStatisticsOfSciPy(
    count: Int, confidence: Double, low: Double, high: Double
  ) {
    let interval = ConfidenceInterval.median(
      ofSorted: (1...count).map(Double.init), confidence: confidence)
    #expect(interval == ConfidenceInterval(low: low, high: high))
  }

  /// The ranks by their definition, for every size and several confidences.
  @Test(arguments: [0.5, 0.8, 0.9, 0.95, 0.99, 0.999])
  func mediansHaveTheNarrowestIntervalOfTheConfidence(confidence: Double) {
    for count in 0...64 {
      let interval = ConfidenceInterval.median(
        ofSorted: (0..<count).map(Double.init), confidence: confidence)
      let rank = (0..<max(count, 1)).prefix {
        SignTest.probability(ofAtMost: $0, among: count) <= (1 - confidence) / 2
      }.count
      #expect(
        interval
          == (rank == 0
            ? nil : ConfidenceInterval(low: Double(rank - 1), high: Double(count - rank))),
        "\(count)")
    }
  }
}
