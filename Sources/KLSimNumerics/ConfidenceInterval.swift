// SPDX-License-Identifier: GPL-3.0-or-later

internal import CGSL

/// An interval that holds a quantity with a given confidence.
package struct ConfidenceInterval: Equatable, Sendable {
  package let low: Double
  package let high: Double

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
      low: hits == 0 ? 0 : try betaQuantile(rest, k, n - k + 1),
      high: hits == trials ? 1 : try betaQuantile(1 - rest, k + 1, n - k))
  }

  /// The quantile of a probability in (0, 1) under the density `x^(a−1) (1−x)^(b−1) / B(a, b)`, to
  /// about 1e-15.
  ///
  /// It is the root of GSL's distribution function, because GSL's own quantile function
  /// (`gsl_cdf_beta_Pinv`, 2.7) does not converge for some a and b above 30.
  private static func betaQuantile(
    _ probability: Double, _ a: Double, _ b: Double
  ) throws(StatisticsError) -> Double {
    do throws(GSLError) {
      return try RootFinder.root(from: 0, to: 1) { gsl_cdf_beta_P($0, a, b) - probability }
    } catch {
      throw StatisticsError(
        description:
          "GSL finds no quantile of the beta distribution with a = \(a), b = \(b): \(error)")
    }
  }

  /// Student's interval for the mean of a normal population, from a sample.
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
