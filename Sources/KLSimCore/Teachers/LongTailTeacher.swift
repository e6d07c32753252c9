// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// The half-Gaussian of the paper's long-tail experiment: `pᵢ ∝ exp(−xᵢ²/2σ²)`, `xᵢ = i·100/V`.
package struct LongTailTeacher: GridTeacher {
  package static let name = "longtail"
  package static let summary = "half-Gaussian, exp(-x²/2σ²) at x = i·100/size"
  package static let reference = "Wu et al., arXiv 2404.02657, long-tail experiment"

  static let size = Parameter.size(80)
  static let sigma = Parameter(
    "sigma", default: 16, .positive, summary: "width σ, in units of x (0…100)")
  package static let parameters: [any ParameterDeclaration] = [size, sigma]

  package let size: Int
  let sigma: Double

  package init(_ values: Parameters) {
    (size, sigma) = (values[Self.size], values[Self.sigma])
  }

  package func weights(drawnWith stream: inout RandomStream) -> TeacherWeights {
    .logarithmic(
      gridPositions(size).map { position in
        let deviation = position / sigma
        return -0.5 * deviation * deviation
      })
  }
}
