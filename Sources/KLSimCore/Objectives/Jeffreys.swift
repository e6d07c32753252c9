// SPDX-License-Identifier: GPL-3.0-or-later

/// The sum of the two KLs, symmetric in p and q.
///
///     L = FKL + RKL = Σ (p − q)(log p − log q)      nats
///
/// Infinite where the teacher has no mass.
public struct Jeffreys: KLBlend {
  public static let name = "jeffreys"
  public static let summary = "Jeffreys divergence, FKL + RKL"
  public static let formula =
    "L = Σ (p - q)(log p - log q);  g = (q - p) + q ∘ ((log q - log p) - RKL)"
  public static let reference = "Jeffreys, Proc. R. Soc. A 186, 1946"

  public init(_ values: Parameters) {}

  public var needsFullSupport: Bool { true }

  public var rule: BlendRule { .fixed(forward: 1, reverse: 1) }
}
