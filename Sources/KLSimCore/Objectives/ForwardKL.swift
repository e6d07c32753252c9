// SPDX-License-Identifier: GPL-3.0-or-later

/// KL(p‖q): mean-seeking where the student cannot represent the teacher; convex in z.
///
///     L = Σ p (log p − log q)          nats
///     ∂L/∂z = q − p
package struct ForwardKL: KLBlend {
  package static let name = "fkl"
  package static let summary = "forward KL, KL(p‖q)"
  package static let formula = "L = Σ p (log p - log q);  g = q - p"
  package static let reference = "Hinton, Vinyals, Dean, arXiv 1503.02531"

  package init(_ values: Parameters) {}

  package var rule: BlendRule { .fixed(forward: 1, reverse: 0) }
}
