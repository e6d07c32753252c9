// SPDX-License-Identifier: GPL-3.0-or-later

/// The coefficients of Adam and of the optimizers that are Adam with other ones.
///
///     θ ← (1 − ηλ) θ
///     m ← β₁ m + (1 − β₁) g,   v ← β₂ v + (1 − β₂) g²
///     θ ← θ − η/(1 − β₁ᵏ) · m / ( √v / √(1 − β₂ᵏ) + ε )          k = 1, 2, …
///
/// Without bias correction the powers β₁ᵏ and β₂ᵏ count as 0.
package struct AdamCoefficients: Sendable {
  package let beta1: Double
  package let beta2: Double
  package let epsilon: Double
  /// λ.
  package let weightDecay: Double
  /// β⁰ as the bias correction takes it.
  let firstPower: Double
  private var beta1Power: Double
  private var beta2Power: Double

  /// The coefficients of the first step.
  ///
  /// - Parameters:
  ///   - beta1: β₁, the decay of the mean gradient.
  ///   - beta2: β₂, the decay of the mean square.
  ///   - epsilon: ε, added to the bias-corrected root.
  ///   - weightDecay: λ.
  ///   - correctsBias: whether the moments are corrected for their start at 0.
  package init(
    beta1: Double, beta2: Double, epsilon: Double, weightDecay: Double = 0,
    correctsBias: Bool = true
  ) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    firstPower = correctsBias ? 1 : 0
    (beta1Power, beta2Power) = (firstPower, firstPower)
  }

  /// Goes back to the first step.
  package mutating func begin() { (beta1Power, beta2Power) = (firstPower, firstPower) }

  /// Goes on by one step.
  ///
  /// - Parameter learningRate: η.
  /// - Returns: what that step takes.
  package mutating func step(learningRate: Double) -> AdamStep {
    beta1Power *= beta1
    beta2Power *= beta2
    return AdamStep(
      beta1: beta1, beta2: beta2, size: learningRate / (1 - beta1Power),
      rootCorrection: (1 - beta2Power).squareRoot(), epsilon: epsilon,
      keep: 1 - learningRate * weightDecay)
  }
}
