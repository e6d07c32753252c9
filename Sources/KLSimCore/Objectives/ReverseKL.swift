// SPDX-License-Identifier: GPL-3.0-or-later

/// KL(q‖p): mode-seeking where the student cannot represent the teacher.
///
///     L = Σ q (log q − log p)          nats
///     ∂L/∂z = q ∘ ((log q − log p) − L)
///
/// Infinite where the teacher has no mass. Not convex in z, yet q = p is its only stationary point.
public struct ReverseKL: KLBlend {
  public static let name = "rkl"
  public static let summary = "reverse KL, KL(q‖p)"
  public static let formula = "L = Σ q (log q - log p);  g = q ∘ ((log q - log p) - L)"
  public static let reference = "Gu et al., MiniLLM, arXiv 2306.08543"

  public init(_ values: Parameters) {}

  public var needsFullSupport: Bool { true }

  public var rule: BlendRule { .fixed(forward: 0, reverse: 1) }
}
