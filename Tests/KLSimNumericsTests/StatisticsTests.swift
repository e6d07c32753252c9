// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimNumerics
import Testing

@Suite struct StatisticsTests {
  static let quantiles: [(sample: [Double], fraction: Double, quantile: Double)] = [
    ([3, 1, 2], 0, 1), ([3, 1, 2], 0.5, 2), ([3, 1, 2], 1, 3), ([3, 1, 2], 0.25, 1.5),
    ([4, 1, 3, 2], 0.5, 2.5), ([4, 1, 3, 2], 0.75, 3.25), ([7], 0, 7), ([7], 0.3, 7), ([7], 1, 7),
    ([1, 1, 1], 0.9, 1), ([-1, 1], 0.5, 0), ([0, 10], 0.1, 1),
  ]

  @Test(arguments: quantiles)
  func quantilesAreLinearBetweenOrderStatistics(
    sample: [Double], fraction: Double, expected: Double
  ) throws {
    let quantile = try #require(Statistics.quantile(fraction, of: sample))
    #expect(abs(quantile - expected) <= 4e-15)
  }

  @Test func nothingHasNoQuantile() {
    #expect(Statistics.quantile(0.5, of: []) == nil)
  }

  static let infiniteQuantiles: [(sample: [Double], fraction: Double, quantile: Double)] = [
    ([1, .infinity, 2], 0.5, 2), ([1, .infinity, .infinity], 0.5, .infinity),
    ([.infinity], 0.5, .infinity), ([1, .infinity], 0.5, .infinity), ([1, .infinity], 0, 1),
    ([1, .infinity], 1, .infinity), ([.infinity, .infinity], 0.5, .infinity),
    ([.infinity, .infinity, 1, 1], 0.5, .infinity), ([-.infinity, 5], 0.5, -.infinity),
  ]

  /// Runs that never converge are infinite, and medians are taken of them.
  @Test(arguments: infiniteQuantiles)
  func infinitiesAreOrdinaryValues(sample: [Double], fraction: Double, expected: Double) {
    #expect(Statistics.quantile(fraction, of: sample) == expected)
  }

  @Test(arguments: 1...10)
  func quantilesRiseWithTheFraction(seed: UInt64) throws {
    var stream = RandomStream(seed: seed)
    var sample: [Double] = []
    for _ in 0..<17 { sample.append(stream.normal(sigma: 1)) }
    let quantiles = stride(from: 0, through: 1, by: 1.0 / 64).compactMap {
      Statistics.quantile($0, of: sample)
    }
    #expect(quantiles.count == 65)
    #expect(zip(quantiles, quantiles.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(quantiles.first == sample.min() && quantiles.last == sample.max())
    // At k/16 they are the order statistics themselves.
    #expect(stride(from: 0, through: 64, by: 4).map { quantiles[$0] } == sample.sorted())
  }

  /// Of samples with many equal values and with infinite ones, each quantile lies between its order statistics, and
  /// asking for several at once makes no difference.
  @Test(arguments: 1...300)
  func severalQuantilesAreThoseOfTheSortedSample(count: Int) throws {
    var stream = RandomStream(seed: UInt64(count))
    let sample = (0..<count).map { index -> Double in
      let value = stream.normal(sigma: 3)
      return index % 11 == 10 ? .infinity : index % 3 == 0 ? value.rounded() : value
    }
    let fractions = [0.75, 0.05, 0.5, 1, 0.25, 0, 0.95, 0.5]
    let quantiles = try #require(Statistics.quantiles(fractions, of: sample))
    let sorted = sample.sorted()
    for (fraction, quantile) in zip(fractions, quantiles) {
      let position = fraction * Double(count - 1)
      let (low, high) = (Int(position.rounded(.down)), Int(position.rounded(.up)))
      #expect(sorted[low]...sorted[high] ~= quantile)
      #expect(quantile == Statistics.quantile(fraction, of: sample))
    }
  }

  /// √(32/7) and √2 are irrational; the others are whole numbers.
  static let spreads: [(sample: [Double], mean: Double, deviation: Double)] = [
    ([2, 4, 4, 4, 5, 5, 7, 9], 5, 2.138089935299395), ([1, 3], 2, 1.4142135623730951),
    ([-3, 0, 3], 0, 3), ([1e9, 1e9 + 2, 1e9 + 4], 1e9 + 2, 2), ([7, 7, 7], 7, 0),
    ([1e308, 1e308], 1e308, 0),
  ]

  @Test(arguments: spreads)
  func meanAndDeviation(sample: [Double], mean: Double, deviation: Double) {
    #expect(abs(Statistics.mean(sample) - mean) <= 4e-16 * abs(mean))
    #expect(abs(Statistics.standardDeviation(sample) - deviation) <= 4e-16 * deviation)
  }

  @Test func oneValueHasNoSpreadAndNoneHasNoMean() {
    #expect(Statistics.mean([3]) == 3)
    #expect(Statistics.standardDeviation([3]).isNaN)
    #expect(Statistics.mean([]).isNaN)
  }

  /// Wherever in the sample it stands.
  @Test func anInfiniteValueMakesTheMeanInfinite() {
    for sample: [Double] in [[.infinity], [1, .infinity, 2], [.infinity, 1], [1, .infinity]] {
      #expect(Statistics.mean(sample) == .infinity, "\(sample)")
      #expect(Statistics.mean(sample.map { -$0 }) == -.infinity, "\(sample)")
      #expect(Statistics.standardDeviation(sample).isNaN, "\(sample)")
    }
    for sample: [Double] in [[1, .nan], [.nan, 1], [.infinity, -.infinity], [.nan, .infinity]] {
      #expect(Statistics.mean(sample).isNaN, "\(sample)")
    }
  }

  @Test func theLinkedLibraryHasAVersion() {
    let parts = GSL.version.split(separator: ".")
    #expect(parts.count >= 2)
    #expect(parts.allSatisfy { Int($0.prefix { $0.isNumber }) != nil })
  }
}
