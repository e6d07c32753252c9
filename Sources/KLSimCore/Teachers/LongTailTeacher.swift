// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// The half-Gaussian of the paper's long-tail experiment: `pᵢ ∝ exp(−xᵢ²/2σ²)`, `xᵢ = i·100/V`.
public struct LongTailTeacher: GridTeacher {
  public static let name = "longtail"
  public static let summary = "half-Gaussian, exp(-x²/2σ²) at x = i·100/size"
  public static let reference = "Wu et al., arXiv 2404.02657, long-tail experiment"

  static let size = Parameter.size(80)
  static let sigma = Parameter(
    "sigma", default: 16, .positive, summary: "width σ, in units of x (0…100)")
  public static let parameters: [any ParameterDeclaration] = [size, sigma]

  let size: Int
  let sigma: Double

  public init(_ values: Parameters) {
    size = values[Self.size]
    sigma = values[Self.sigma]
  }

  public func weights(drawnWith stream: inout RandomStream) -> TeacherWeights {
    .logarithmic(
      gridPositions(size).map { position in
        let deviation = position / sigma
        return -0.5 * deviation * deviation
      })
  }
}
