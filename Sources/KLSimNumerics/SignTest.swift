// SPDX-License-Identifier: GPL-3.0-or-later

internal import CGSL

/// The sign test of paired differences, and what goes with it.
package enum SignTest {
  /// The two-sided p value of so many negative and positive differences; zeros are left out.
  ///
  ///     p = min(1, 2 P(X ≤ min(negative, positive))),   X ~ Binomial(negative + positive, ½)
  ///
  /// Source: Dixon and Mood, J. Am. Stat. Assoc. 41, 1946.
  ///
  /// - Parameters:
  ///   - negative: how many differences are below 0.
  ///   - positive: how many are above.
  /// - Returns: p in 0…1; 1 if there are none.
  package static func p(negative: Int, positive: Int) -> Double {
    min(1, 2 * probability(ofAtMost: min(negative, positive), among: negative + positive))
  }

  /// The p values of a family of tests, adjusted by Holm's method in the order given.
  ///
  ///     p̃₍ᵢ₎ = max_{j ≤ i} min(1, (m − j + 1) p₍ⱼ₎),   p₍₁₎ ≤ … ≤ p₍ₘ₎
  ///
  /// The probability that any true null hypothesis has an adjusted p of at most α is at most α.
  /// Source: Holm, Scand. J. Stat. 6, 1979.
  package static func holm(_ family: [Double]) -> [Double] {
    var adjusted = family
    var largest = 0.0
    for (place, index) in family.indices.sorted(by: { family[$0] < family[$1] }).enumerated() {
      largest = max(largest, min(1, Double(family.count - place) * family[index]))
      adjusted[index] = largest
    }
    return adjusted
  }

  /// `P(X ≤ k)`, X ~ Binomial(n, ½).
  package static func probability(ofAtMost k: Int, among n: Int) -> Double {
    _ = GSL.withoutAborting
    return gsl_cdf_binomial_P(UInt32(k), 0.5, UInt32(n))
  }
}

extension ConfidenceInterval {
  /// The distribution-free interval for a median, between two order statistics of a sample.
  ///
  ///     [x₍ᵣ₎, x₍ₙ₊₁₋ᵣ₎],   r the largest with P(X ≤ r − 1) ≤ α/2,   X ~ Binomial(n, ½),
  ///
  /// α = 1 − confidence. Source: Thompson, Ann. Math. Stat. 7, 1936.
  ///
  /// - Parameters:
  ///   - sorted: the sample in ascending order, without NaN.
  ///   - confidence: in (0, 1).
  /// - Returns: the interval; nil if the sample is too small for the confidence.
  package static func median(
    ofSorted sorted: [Double], confidence: Double = defaultConfidence
  ) -> ConfidenceInterval? {
    let count = sorted.count
    // r by bisection: the probability rises with it.
    var (r, end) = (0, count / 2 + 1)
    while r + 1 < end {
      let middle = (r + end) / 2
      let tail = SignTest.probability(ofAtMost: middle - 1, among: count)
      if tail <= (1 - confidence) / 2 { r = middle } else { end = middle }
    }
    return r > 0 ? ConfidenceInterval(low: sorted[r - 1], high: sorted[count - r]) : nil
  }
}
