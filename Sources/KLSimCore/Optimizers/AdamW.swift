// SPDX-License-Identifier: GPL-3.0-or-later

/// Adam with decoupled weight decay, as PyTorch computes it.
///
///     θ ← (1 − ηλ) θ, then a step of Adam by the undecayed gradient
///
/// The decay is not part of the gradient, so Adam does not normalise it.
package struct AdamW: AdamOptimizer {
  package static let name = "adamw"
  package static let summary = "Adam with decoupled weight decay, as in PyTorch"
  package static let formula = "θ <- (1-ηλ) θ, then a step of adam"
  package static let reference = "Loshchilov, Hutter, arXiv 1711.05101; torch.optim.AdamW"

  static let weightDecay = Parameter(
    "weight-decay", default: 0.01, .nonNegative, summary: "λ: each step multiplies θ by 1 - ηλ")
  package static let parameters = Adam.parameters + [weightDecay]

  package var moments: AdamMoments

  package init(_ values: Parameters) {
    moments = AdamMoments(Adam.coefficients(values, weightDecay: values[Self.weightDecay]))
  }
}
