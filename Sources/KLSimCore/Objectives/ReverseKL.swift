// SPDX-License-Identifier: GPL-3.0-or-later

/// KL(q‖p): mode-seeking where the student cannot represent the teacher.
///
///     L = Σ q (log q − log p)          nats
///     ∂L/∂z = q ∘ ((log q − log p) − L)
///
/// Infinite where the teacher has no mass. Not convex in z, yet q = p is its only stationary point.
package struct ReverseKL: KLBlend {
  package static let name = "rkl"
  package static let summary = "reverse KL, KL(q‖p)"
  package static let formula = "L = Σ q (log q - log p);  g = q ∘ ((log q - log p) - L)"
  package static let reference = "Gu et al., MiniLLM, arXiv 2306.08543"

  package init(_ values: Parameters) {}

  package var needsFullSupport: Bool { true }

  package var rule: BlendRule { .fixed(forward: 0, reverse: 1) }
}
