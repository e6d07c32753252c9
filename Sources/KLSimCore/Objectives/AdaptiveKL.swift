// SPDX-License-Identifier: GPL-3.0-or-later

/// The two KLs mixed by the errors on head and tail, which are held constant for the gradient.
///
///     L = w FKL + (1 − w) RKL          nats
///     w = s_head / (s_head + s_tail),  s = Σ |p − q| over the head, over the tail
///
/// w = ½ where both errors are 0. Infinite where the teacher has no mass, unless μ = 1. Not the
/// gradient of its own value.
package struct AdaptiveKL: KLBlend {
  package static let name = "akl"
  package static let summary = "adaptive KL: FKL and RKL weighted by head and tail error"
  package static let formula = """
    L = sg[w] FKL + sg[1-w] RKL,  w = s_head/(s_head + s_tail),  s = Σ |p - q|
    g = w (q - p) + (1-w) q ∘ ((log q - log p) - RKL)
    """
  package static let reference = "Wu et al., arXiv 2404.02657, section 4"

  static let mu = Parameter(
    "mu", default: 0.5, .range(0...1), summary: "teacher mass μ of the head; 1: all is head")
  static let headRule = Parameter(
    "head-rule", default: MassHead.Rule.exclusive,
    summary: "whether the token that carries the mass across μ is head (inclusive)")
  package static let parameters: [any ParameterDeclaration] = [mu, headRule]

  /// Which tokens are head.
  package let head: MassHead

  package init(_ values: Parameters) {
    head = MassHead(mass: values[Self.mu], rule: values[Self.headRule])
  }

  package var holdsPartsConstant: Bool { true }

  package var needsFullSupport: Bool { head.mass < 1 }

  package var rule: BlendRule { .adaptive(head) }
}
