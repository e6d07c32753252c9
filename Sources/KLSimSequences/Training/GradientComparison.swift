// SPDX-License-Identifier: GPL-3.0-or-later

/// An estimated gradient beside the exact one.
package struct GradientComparison: Sendable {
  /// `‖E g − ∇L‖`.
  package let bias: Double
  /// `‖∇L‖`.
  package let exactNorm: Double
  /// The cosine of E g and ∇L; nil if one of them is 0 or infinite.
  package let cosine: Double?
  /// The best factor of E g, `c = ⟨E g, ∇L⟩/⟨E g, E g⟩`; nil where there is no cosine.
  package let scale: Double?
  /// The bias that the best factor leaves, `‖c E g − ∇L‖/‖∇L‖`; nil where there is no cosine.
  package let directionBias: Double?
  private let moments: SignalMoments

  /// - Parameters:
  ///   - moments: of the signal.
  ///   - exact: ∇L.
  package init(_ moments: SignalMoments, exact: [Double]) {
    self.moments = moments
    var (difference, product, ofMean, ofExact) = (0.0, 0.0, 0.0, 0.0)
    for (estimate, slope) in zip(moments.mean, exact) {
      difference += (estimate - slope) * (estimate - slope)
      product += estimate * slope
      ofMean += estimate * estimate
      ofExact += slope * slope
    }
    bias = difference.squareRoot()
    exactNorm = ofExact.squareRoot()
    let norms = ofMean.squareRoot() * ofExact.squareRoot()
    // An expectation of 0 leaves what cancels in the last digits, in any direction.
    let isRounding = moments.variance.isFinite && ofMean <= 1e-26 * moments.variance
    guard norms > 0, norms.isFinite, !isRounding else {
      (cosine, scale, directionBias) = (nil, nil, nil)
      return
    }
    let factor = product / ofMean
    cosine = product / norms
    scale = factor
    directionBias =
      zip(moments.mean, exact).reduce(0) {
        $0 + (factor * $1.0 - $1.1) * (factor * $1.0 - $1.1)
      }.squareRoot() / exactNorm
  }

  /// `E ‖g − E g‖²` of one sample; of samples that depend on each other, n times that of n of them.
  package var variance: Double { moments.variance }
  /// The same of one sample; nil if samples depend on each other.
  package var sampleVariance: Double? { moments.sampleVariance }
  /// What makes the samples of a step depend on each other; nil if they are independent.
  package var dependence: SampleDependence? { moments.dependence }
  /// The number of samples behind expectation and variance; nil where they are exact.
  package var sampleCount: Int? { moments.sampleCount }
  /// The standard error of E g; 0 where it is exact.
  package var standardError: Double { moments.standardError }

  /// Whether a bias is more than what cancels in the last digits, and more than two standard errors of a
  /// sampled expectation.
  package static func isSeen(bias: Double, standardError: Double, exactNorm: Double) -> Bool {
    !(bias <= 1e-12 * max(1, exactNorm) || bias <= 2 * standardError)
  }

  /// The same of this bias.
  package var isBiasSeen: Bool {
    Self.isSeen(bias: bias, standardError: standardError, exactNorm: exactNorm)
  }

  /// `E ‖g − E g‖²` of a step of so many samples.
  private func stepVariance(samples: Int) -> Double {
    moments.sharedVariance + (variance - moments.sharedVariance) / Double(samples)
  }

  /// `E ‖g − ∇L‖²` of a step of so many samples.
  package func meanSquaredError(samples: Int) -> Double {
    bias * bias + stepVariance(samples: samples)
  }

  /// The samples a step at which the variance equals bias²; nil without variance, if no bias is seen or it is
  /// not finite, or if samples depend on each other.
  package var worthwhileSamples: Double? {
    guard let sampleVariance, sampleVariance > 0, bias.isFinite, isBiasSeen else { return nil }
    return sampleVariance / (bias * bias)
  }

  /// The samples a step at which the mean squared errors of two signals meet, `(v₁ − v₂)/(b₂² − b₁²)` with the
  /// biases that are seen; nil where they do not, or samples depend on each other.
  package func breakEvenSamples(with other: Self) -> Double? {
    guard let own = sampleVariance, let others = other.sampleVariance else { return nil }
    let samples = (own - others) / (other.squaredBias - squaredBias)
    return samples > 0 && samples.isFinite ? samples : nil
  }

  /// bias², 0 where none is seen.
  package var squaredBias: Double { isBiasSeen ? bias * bias : 0 }

  /// The values of `SequenceMeasurement.diagnosisColumns`.
  package func values(samples: Int) -> [Double?] {
    [
      bias, stepVariance(samples: samples), sampleVariance, cosine, scale, directionBias,
      meanSquaredError(samples: samples), worthwhileSamples,
    ]
  }
}
