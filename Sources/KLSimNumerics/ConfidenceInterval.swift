// SPDX-License-Identifier: GPL-3.0-or-later

internal import CGSL

/// An interval that holds a quantity with a given confidence.
package struct ConfidenceInterval: Equatable, Sendable {
  package let low: Double
  package let high: Double

  /// The default confidence.
  package static let defaultConfidence = 0.95

  /// An interval between known ends.
  package init(low: Double, high: Double) {
    self.low = low
    self.high = high
  }

  /// The exact interval of Clopper and Pearson for the probability behind a share.
  ///
  ///     low = B⁻¹(α/2; k, n − k + 1),   high = B⁻¹(1 − α/2; k + 1, n − k),   α = 1 − confidence
  ///
  /// with B⁻¹ the quantile of the beta distribution; 0 where k = 0, 1 where k = n.
  /// Source: Clopper and Pearson, Biometrika 26, 1934.
  ///
  /// - Parameters:
  ///   - hits: k, in 0…n.
  ///   - trials: n, at least 1.
  ///   - confidence: in (0, 1).
  /// - Returns: the interval, within [0, 1].
  /// - Throws: `StatisticsError` if GSL cannot find a quantile.
  package static func share(
    hits: Int, of trials: Int, confidence: Double = defaultConfidence
  ) throws(StatisticsError) -> ConfidenceInterval {
    precondition(trials > 0 && (0...trials).contains(hits), "k of n with 0 ≤ k ≤ n and n > 0")
    let rest = (1 - confidence) / 2
    let (k, n) = (Double(hits), Double(trials))
    return ConfidenceInterval(
      low: hits == 0 ? 0 : try BetaDistribution(k, n - k + 1).quantile(rest),
      high: hits == trials ? 1 : try BetaDistribution(k + 1, n - k).quantile(1 - rest))
  }

  /// Student's interval for the mean of a normal population, known from a sample.
  ///
  ///     mean ± t⁻¹(1 − α/2; n − 1) · sd/√n
  ///
  /// Source: Student, Biometrika 6, 1908.
  ///
  /// - Parameters:
  ///   - mean: of the sample.
  ///   - standardDeviation: of the sample, with n − 1 in the denominator.
  ///   - count: n, at least 2.
  ///   - confidence: in (0, 1).
  /// - Returns: the interval.
  /// - Throws: `StatisticsError` if GSL cannot find the quantile.
  package static func mean(
    _ mean: Double, standardDeviation: Double, count: Int,
    confidence: Double = defaultConfidence
  ) throws(StatisticsError) -> ConfidenceInterval {
    precondition(count > 1, "a standard deviation needs at least two")
    _ = GSL.withoutAborting
    let t = gsl_cdf_tdist_Qinv((1 - confidence) / 2, Double(count - 1))
    guard t.isFinite else {
      throw StatisticsError(description: "GSL finds no t quantile of \(count - 1) degrees")
    }
    let half = t * standardDeviation / Double(count).squareRoot()
    return ConfidenceInterval(low: mean - half, high: mean + half)
  }
}

/// A statistic that cannot be computed.
package struct StatisticsError: CategorizedError, Equatable {
  package let description: String

  package var category: ErrorCategory { .internalFault }
}
