// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimNumerics
import Testing

/// Means and variances of variates, within `bound` standard deviations of what they should be.
@Suite struct RandomStreamStatisticalTests {
  /// A normal mean is off by more once in 2 million.
  static let bound = 5.0
  static let count = 100_000
  static let seeds: [UInt64] = [1, 2, 3]

  /// Expects independent values to have a mean and a variance; the kurtosis says how well the
  /// variance can be known.
  private func expectMoments(
    _ sample: [Double], mean: Double, variance: Double, kurtosis: Double,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let count = Double(sample.count)
    let average = sample.reduce(0, +) / count
    let spread = sample.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
    #expect(
      abs(average - mean) <= Self.bound * (variance / count).squareRoot(),
      sourceLocation: sourceLocation)
    #expect(
      abs(spread - variance) <= Self.bound * variance * ((kurtosis - 1) / count).squareRoot(),
      sourceLocation: sourceLocation)
  }

  private func sample(
    _ seed: UInt64, _ draw: (inout RandomStream) -> Double
  ) -> [Double] {
    var stream = RandomStream(seed: seed, purpose: "test")
    var sample: [Double] = []
    for _ in 0..<Self.count { sample.append(draw(&stream)) }
    return sample
  }

  @Test(arguments: seeds)
  func uniforms(seed: UInt64) {
    let sample = sample(seed) { $0.uniform(from: -1, to: 3) }
    expectMoments(sample, mean: 1, variance: 16 / 12, kurtosis: 1.8)
  }

  @Test(arguments: seeds)
  func normals(seed: UInt64) {
    let sample = sample(seed) { $0.normal(sigma: 2) }
    expectMoments(sample, mean: 0, variance: 4, kurtosis: 3)
    // P(|n| < σ) = erf(1/√2)
    let share = Double(sample.count { abs($0) < 2 }) / Double(Self.count)
    let deviation = (0.6826894921370859 * 0.3173105078629141 / Double(Self.count)).squareRoot()
    #expect(abs(share - 0.6826894921370859) <= Self.bound * deviation)
  }

  /// With σ² = 1/16: mean exp(σ²/2), variance exp(σ²)(exp σ² − 1), and kurtosis
  /// exp(4σ²) + 2 exp(3σ²) + 3 exp(2σ²) − 3.
  @Test(arguments: seeds)
  func logNormals(seed: UInt64) {
    let sample = sample(seed) { $0.logNormal(sigma: 0.25) }
    expectMoments(
      sample, mean: 1.0317434074991028, variance: 0.06865399414896677,
      kurtosis: 4.095931274730182)
    #expect(sample.allSatisfy { $0 > 0 })
  }

  /// With exponent 10: mean 10/9, variance 10/(81·8); no higher moments are used.
  @Test(arguments: seeds)
  func paretos(seed: UInt64) {
    let sample = sample(seed) { $0.pareto(exponent: 10) }
    let count = Double(Self.count)
    let mean = sample.reduce(0, +) / count
    #expect(abs(mean - 10.0 / 9) <= Self.bound * (10.0 / (81 * 8) / count).squareRoot())
  }

  /// P(x > t) = t^−a, for a tail so heavy that there is no mean.
  @Test(arguments: seeds, [(2, 0.5), (4, 0.25), (100, 0.01)])
  func paretoTails(seed: UInt64, tail: (threshold: Double, probability: Double)) {
    let sample = sample(seed) { $0.pareto(exponent: 1) }
    let share = Double(sample.count { $0 > tail.threshold }) / Double(Self.count)
    let variance = tail.probability * (1 - tail.probability) / Double(Self.count)
    #expect(abs(share - tail.probability) <= Self.bound * variance.squareRoot())
  }

  /// Each of k components has mean 1/k and variance (1/k)(1 − 1/k)/(k a + 1).
  @Test(arguments: seeds, [0.1, 0.5, 3])
  func dirichlets(seed: UInt64, concentration: Double) {
    var stream = RandomStream(seed: seed, purpose: "test")
    let draws = 2000
    var sums = [Double](repeating: 0, count: 5)
    var squares = sums
    for _ in 0..<draws {
      let point = stream.dirichlet(count: 5, concentration: concentration)
      for index in 0..<5 {
        sums[index] += point[index]
        squares[index] += (point[index] - 0.2) * (point[index] - 0.2)
      }
    }
    let variance = 0.16 / (5 * concentration + 1)
    let deviation = (variance / Double(draws)).squareRoot()
    for index in 0..<5 {
      #expect(abs(sums[index] / Double(draws) - 0.2) <= Self.bound * deviation)
      // A squared deviation of a value in [0, 1] from 1/5 is at most 16/25.
      let spread = (0.64 * variance / Double(draws)).squareRoot()
      #expect(abs(squares[index] / Double(draws) - variance) <= Self.bound * spread)
    }
  }

  @Test(arguments: seeds)
  func multinomials(seed: UInt64) {
    var stream = RandomStream(seed: seed, purpose: "test")
    let weights = [1.0, 2, 3, 4, 0]
    let draws = 100_000.0
    let counts = stream.multinomial(draws: UInt32(draws), weights: weights)
    for (count, weight) in zip(counts, weights) {
      let p = weight / 10
      #expect(
        abs(Double(count) - draws * p) <= Self.bound * (draws * p * (1 - p)).squareRoot())
    }
  }

  /// Each of the six permutations of three, one time in six.
  @Test(arguments: seeds)
  func permutations(seed: UInt64) {
    var stream = RandomStream(seed: seed, purpose: "test")
    let draws = 6000
    var counts: [[Int]: Int] = [:]
    for _ in 0..<draws { counts[stream.permutation(of: 3), default: 0] += 1 }
    #expect(counts.keys.allSatisfy { $0.sorted() == [0, 1, 2] } && counts.count == 6)
    let deviation = (Double(draws) * 5 / 36).squareRoot()
    #expect(counts.values.allSatisfy { abs(Double($0) - 1000) <= Self.bound * deviation })
    #expect(stream.permutation(of: 0) == [] && stream.permutation(of: 1) == [0])
  }

  /// Streams of neighbouring seeds, and of two purposes, do not go together.
  static let pairs: [(String, UInt64, String, UInt64)] = [
    ("test", 1, "test", 2), ("test", 1, "other", 1), ("test", 1, "test", 1 << 32 | 1),
  ]

  @Test(arguments: pairs)
  func streamsAreUncorrelated(
    purpose: String, seed: UInt64, otherPurpose: String, otherSeed: UInt64
  ) {
    var first = RandomStream(seed: seed, purpose: purpose)
    var second = RandomStream(seed: otherSeed, purpose: otherPurpose)
    var sum = 0.0
    for _ in 0..<Self.count { sum += (first.uniform() - 0.5) * (second.uniform() - 0.5) }
    // A product of two such has variance 1/144.
    #expect(abs(sum) <= Self.bound * (Double(Self.count) / 144).squareRoot())
  }
}
