// SPDX-License-Identifier: GPL-3.0-or-later

/// Adam with decoupled weight decay, as PyTorch computes it.
///
///     θ ← (1 − ηλ) θ, then a step of Adam by the undecayed gradient
///
/// The decay is no part of the gradient, so that Adam does not divide it by the gradient's size.
package struct AdamW: AdamOptimizer {
  package static let name = "adamw"
  package static let summary = "Adam with decoupled weight decay, as in PyTorch"
  package static let formula = "θ <- (1-ηλ) θ, then a step of adam"
  package static let reference = "Loshchilov, Hutter, arXiv 1711.05101; torch.optim.AdamW"

  static let weightDecay = Parameter(
    "weight-decay", default: 0.01, .nonNegative, summary: "λ: θ shrinks by 1 - ηλ a step")
  package static let parameters = Adam.parameters + [weightDecay]

  package var moments: AdamMoments

  package init(_ values: Parameters) {
    moments = AdamMoments(Adam.coefficients(values, weightDecay: values[Self.weightDecay]))
  }
}
