// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// The triangular discrimination, in [0, 2].
///
///     L = Σ (p − q)²/(p + q)
///     ∂L/∂q = (q − p)(q + 3p)/(p + q)²
///
/// `2 TVD² ≤ L ≤ 2 TVD`.
public struct TriangularDiscrimination: TokenwiseObjective {
  public static let name = "triangular"
  public static let summary = "triangular discrimination"
  public static let formula =
    "L = Σ (p - q)²/(p + q);  h = (q - p)(q + 3p)/(p + q)²,  g = q ∘ (h - <q,h>)"
  public static let reference = "Topsøe, IEEE Trans. Inf. Theory 46, 2000"

  public init(_ values: Parameters) {}

  public var terms: [WeightedTerm] { [WeightedTerm(.triangular)] }
}
