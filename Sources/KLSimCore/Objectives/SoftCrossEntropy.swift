// SPDX-License-Identifier: GPL-3.0-or-later

/// Cross entropy with the teacher's probabilities as targets.
///
///     L = −Σ p log q = FKL + H(p)      nats
///     ∂L/∂z = q − p
///
/// Forward KL but for a constant; several published "forward KL" losses are this.
package struct SoftCrossEntropy: KLBlend {
  package static let name = "soft-ce"
  package static let summary = "soft cross entropy, FKL + H(p)"
  package static let formula = "L = -Σ p log q;  g = q - p"
  package static let reference = "Hinton, Vinyals, Dean, arXiv 1503.02531"

  package init(_ values: Parameters) {}

  package var rule: BlendRule { .fixed(forward: 1, reverse: 0) }

  package func offset(for teacher: TeacherDistribution) -> Double { teacher.entropy }
}
