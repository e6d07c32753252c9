// SPDX-License-Identifier: GPL-3.0-or-later

/// KL(p‖q): mean-seeking where the student cannot represent the teacher; convex in z.
///
///     L = Σ p (log p − log q)          nats
///     ∂L/∂z = q − p
public struct ForwardKL: KLBlend {
  public static let name = "fkl"
  public static let summary = "forward KL, KL(p‖q)"
  public static let formula = "L = Σ p (log p - log q);  g = q - p"
  public static let reference = "Hinton, Vinyals, Dean, arXiv 1503.02531"

  public init(_ values: Parameters) {}

  public var rule: BlendRule { .fixed(forward: 1, reverse: 0) }
}
