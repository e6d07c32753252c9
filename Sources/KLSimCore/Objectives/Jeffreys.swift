// SPDX-License-Identifier: GPL-3.0-or-later

/// The sum of the two KLs, symmetric in p and q.
///
///     L = FKL + RKL = Σ (p − q)(log p − log q)      nats
///
/// Infinite where the teacher has no mass.
package struct Jeffreys: KLBlend {
  package static let name = "jeffreys"
  package static let summary = "Jeffreys divergence, FKL + RKL"
  package static let formula =
    "L = Σ (p - q)(log p - log q);  g = (q - p) + q ∘ ((log q - log p) - RKL)"
  package static let reference = "Jeffreys, Proc. R. Soc. A 186, 1946"

  package init(_ values: Parameters) {}

  package var needsFullSupport: Bool { true }

  package var rule: BlendRule { .fixed(forward: 1, reverse: 1) }
}
