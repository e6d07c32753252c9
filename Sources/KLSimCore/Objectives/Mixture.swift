// SPDX-License-Identifier: GPL-3.0-or-later

/// A fixed mixture of the two KLs.
///
///     L = (1 − λ) FKL + λ RKL          nats
///
/// Infinite where the teacher has no mass, unless λ = 0. λ = ½ is half of Jeffreys.
package struct Mixture: KLBlend {
  package static let name = "mix"
  package static let summary = "fixed mixture, (1-λ) FKL + λ RKL"
  package static let formula =
    "L = (1-λ) FKL + λ RKL;  g = (1-λ)(q - p) + λ q ∘ ((log q - log p) - RKL)"
  package static let reference = "Ko et al., DistiLLM, arXiv 2402.03898 (symmetric KL)"

  static let lambda = Parameter("lambda", default: 0.5, .range(0...1), summary: "weight λ of RKL")
  package static let parameters: [any ParameterDeclaration] = [lambda]

  let lambda: Double

  package init(_ values: Parameters) {
    lambda = values[Self.lambda]
  }

  package var needsFullSupport: Bool { lambda > 0 }

  package var rule: BlendRule { .fixed(forward: 1 - lambda, reverse: lambda) }
}
