// SPDX-License-Identifier: GPL-3.0-or-later

/// Cross entropy with the teacher's probabilities as targets.
///
///     L = −Σ p log q = FKL + H(p)      nats
///     ∂L/∂z = q − p
///
/// Forward KL but for a constant; several published "forward KL" losses are this.
public struct SoftCrossEntropy: KLBlend {
  public static let name = "soft-ce"
  public static let summary = "soft cross entropy, FKL + H(p)"
  public static let formula = "L = -Σ p log q;  g = q - p"
  public static let reference = "Hinton, Vinyals, Dean, arXiv 1503.02531"

  public init(_ values: Parameters) {}

  public var rule: BlendRule { .fixed(forward: 1, reverse: 0) }

  public func offset(for teacher: TeacherDistribution) -> Double { teacher.entropy }
}
