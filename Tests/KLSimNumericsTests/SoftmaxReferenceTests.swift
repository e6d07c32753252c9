// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimNumerics
import KLSimTestSupport
import Testing

/// Softmax and log Σ exp, from everyday logits to the last that a double can hold.
@Suite struct SoftmaxReferenceTests {
  private func softmaxes(_ logits: [Double]) -> (log: [Double], plain: [Double]) {
    var (log, plain) = (logits, logits)
    VectorKernels.best.softmax(logits, logProbabilities: &log, probabilities: &plain)
    return (log, plain)
  }

  private func logSumExp(_ terms: [Double]) -> Double { VectorKernels.best.logSumExp(terms) }

  @Test(arguments: [1, 2, 3, 80, 1000], [1, 30, 700])
  func softmaxesEqualTheReference(size: Int, reach: Double) {
    var generator = SplitMix64(seed: UInt64(size))
    let logits = (0..<size).map { _ in Double.random(in: -reach...reach, using: &generator) }
    let expected = logNormalized(logits.map { Wide($0) })
    let (log, plain) = softmaxes(logits)
    // log q is a difference of two numbers of at most 1400, log Σ exp a sum of `size` terms.
    let tolerance = 0x1p-52 * (2 * reach + Double(size).squareRoot())
    #expect(worstGap(log, expected.map { Double($0) }) <= tolerance)
    #expect(worstGap(plain, exponentials(expected).map { Double($0) }) <= tolerance)
    #expect(gap(plain.reduce(0, +), 1) <= 2 * tolerance)
    let logSum = Double(Wide(logits[0]) - expected[0])
    #expect(gap(logSumExp(logits), logSum) <= tolerance)
  }

  /// The logarithms of 2, of 1 + e, and of 1/e + 1/e² + 1/e³.
  @Test func literals() {
    #expect(gap(logSumExp([0, 0]), 0.693147180559945309417232121458) <= 1e-16)
    #expect(gap(logSumExp([0, 1]), 1.313261687518222834048995494967) <= 3e-16)
    #expect(gap(logSumExp([-1, -2, -3]), -0.59239403555561969551708009545) <= 3e-16)
    #expect(logSumExp([5]) == 5)
  }

  static let extremes: [(terms: [Double], expected: Double)] = [
    ([1e308, -1e308], 1e308), ([-1e308, -1e308], -1e308), ([709, 710], 710.3132616875182),
    ([-800, -800], -799.30685281944005), ([-Double.infinity, 3], 3), ([0, -1e6], 0),
    ([1.7976931348623157e308, 1.7976931348623157e308], 1.7976931348623157e308),
  ]

  @Test(arguments: extremes)
  func extremeTermsAreSummed(terms: [Double], expected: Double) {
    #expect(gap(logSumExp(terms), expected) <= 2e-16 * abs(expected))
  }

  @Test func termsOfNothingSumToNothing() {
    #expect(logSumExp([]) == -.infinity)
    #expect(logSumExp([-.infinity]) == -.infinity)
    #expect(logSumExp([-.infinity, -.infinity]) == -.infinity)
  }

  static let notNumbers: [[Double]] = [
    [.nan], [.nan, 1], [1, .nan], [.infinity, 0], [-.infinity, .nan],
  ]

  @Test(arguments: notNumbers)
  func whatIsNotANumberShows(terms: [Double]) {
    #expect(logSumExp(terms).isNaN)
    let (log, plain) = softmaxes(terms)
    #expect(log.allSatisfy { $0.isNaN })
    #expect(plain.allSatisfy { $0.isNaN })
  }

  /// Where q underflows, log q is still exact.
  @Test func logarithmsOutliveProbabilities() {
    let (log, plain) = softmaxes([0, -1000, -1e6])
    #expect(log == [0, -1000, -1e6])
    #expect(plain == [1, 0, 0])
  }
}
