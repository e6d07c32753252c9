// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// A geometric decay: `p_r ∝ ρ^r`, r = 0…V−1.
package struct GeometricTeacher: Teacher {
  package static let name = "geometric"
  package static let summary = "geometric decay, p ∝ ratio^rank"

  static let size = Parameter.size(80)
  static let ratio = Parameter(
    "ratio", default: 0.9, .share,
    summary: "ρ, each token's probability over that of the token before")
  package static let parameters: [any ParameterDeclaration] = [size, ratio]

  package let size: Int
  let ratio: Double
  private let kernels: VectorKernels

  package init(_ values: Parameters) {
    size = values[Self.size]
    ratio = values[Self.ratio]
    kernels = values.kernels
  }

  package func weights(drawnWith stream: inout RandomStream) -> TeacherWeights {
    let slope = kernels.logarithms([ratio])[0]
    return .logarithmic((0..<size).map { Double($0) * slope })
  }
}
