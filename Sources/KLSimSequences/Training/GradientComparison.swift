// SPDX-License-Identifier: GPL-3.0-or-later

/// An estimated gradient beside the exact one.
package struct GradientComparison: Sendable {
  /// `‖E g − ∇L‖`.
  package let bias: Double
  /// `E ‖g − E g‖²` of one sample.
  package let variance: Double
  /// The part of it that all samples of a step share.
  private let shared: Double
  /// `‖∇L‖`.
  package let exactNorm: Double
  /// The cosine of E g and ∇L; nil if one of them is 0 or infinite.
  package let cosine: Double?

  /// - Parameters:
  ///   - mean: E g.
  ///   - variance: the variance of one sample.
  ///   - shared: the part of it that all samples of a step share, as `SignalMoments.sharedVariance`.
  ///   - exact: ∇L.
  package init(mean: [Double], variance: Double, shared: Double = 0, exact: [Double]) {
    var (difference, product, ofMean, ofExact) = (0.0, 0.0, 0.0, 0.0)
    for (estimate, slope) in zip(mean, exact) {
      difference += (estimate - slope) * (estimate - slope)
      product += estimate * slope
      ofMean += estimate * estimate
      ofExact += slope * slope
    }
    bias = difference.squareRoot()
    exactNorm = ofExact.squareRoot()
    (self.variance, self.shared) = (variance, shared)
    let norms = ofMean.squareRoot() * ofExact.squareRoot()
    // An expectation of 0 leaves what cancels in the last digits, in any direction.
    let isRounding = variance.isFinite && ofMean <= 1e-26 * variance
    cosine = norms > 0 && norms.isFinite && !isRounding ? product / norms : nil
  }

  /// Whether a bias is more than what cancels in the last digits, and more than two standard errors of a
  /// sampled expectation.
  package static func isSeen(bias: Double, standardError: Double, exactNorm: Double) -> Bool {
    !(bias <= 1e-12 * max(1, exactNorm) || bias <= 2 * standardError)
  }

  /// `E ‖g − E g‖²` of a step of so many samples.
  private func stepVariance(samples: Int) -> Double {
    shared + (variance - shared) / Double(samples)
  }

  /// `E ‖g − ∇L‖²` of a step of so many samples.
  package func meanSquaredError(samples: Int) -> Double {
    bias * bias + stepVariance(samples: samples)
  }

  /// The samples a step at which the variance equals bias²; nil without variance, without a bias beyond
  /// rounding, if the bias is not finite, or if the variance that samples share is no less.
  package var worthwhileSamples: Double? {
    let isBiased = Self.isSeen(bias: bias, standardError: 0, exactNorm: exactNorm)
    guard variance > 0, bias.isFinite, isBiased, bias * bias > shared else { return nil }
    return (variance - shared) / (bias * bias - shared)
  }

  /// The values of `SequenceMeasurement.diagnosisColumns`.
  package func values(samples: Int) -> [Double?] {
    [
      bias, stepVariance(samples: samples), variance, cosine, meanSquaredError(samples: samples),
      worthwhileSamples,
    ]
  }
}
