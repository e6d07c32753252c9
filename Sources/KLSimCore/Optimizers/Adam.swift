// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// Adam as PyTorch computes it.
///
///     m ← β₁ m + (1 − β₁) g,   v ← β₂ v + (1 − β₂) g²
///     θ ← θ − η/(1 − β₁ᵏ) · m / ( √v / √(1 − β₂ᵏ) + ε )          k = 1, 2, …
///
/// ε is added after the bias-corrected root.
package struct Adam: AdamOptimizer {
  package static let name = "adam"
  package static let summary = "Adam, as in PyTorch"
  package static let reference = "Kingma, Ba, arXiv 1412.6980; torch.optim.Adam"

  static let beta1 = Parameter(
    "beta1", default: 0.9, .range(0..<1), summary: "decay β₁ of the mean gradient")
  static let beta2 = Parameter(
    "beta2", default: 0.999, .range(0..<1), summary: "decay β₂ of the mean square")
  static let epsilon = Parameter(
    "epsilon", default: 1e-8, .nonNegative, summary: "ε, added to the root of the mean square")
  package static let parameters: [any ParameterDeclaration] = [beta1, beta2, epsilon]

  package var moments: AdamMoments

  package init(_ values: Parameters) {
    moments = AdamMoments(Self.coefficients(values))
  }

  /// The coefficients that the parameters give.
  static func coefficients(_ values: Parameters, weightDecay: Double = 0) -> AdamCoefficients {
    AdamCoefficients(
      beta1: values[beta1], beta2: values[beta2], epsilon: values[epsilon],
      weightDecay: weightDecay)
  }
}
