// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// Zipf's law, the shape of word frequencies: `p_r ∝ r^−s`, r = 1…V.
package struct ZipfTeacher: Teacher {
  package static let name = "zipf"
  package static let summary = "Zipf's law, p ∝ rank^-exponent"
  package static let reference = "Zipf, The Psycho-Biology of Language, 1935"

  static let size = Parameter.size(1000)
  static let exponent = Parameter("exponent", default: 1.1, .nonNegative, summary: "the exponent s")
  package static let parameters: [any ParameterDeclaration] = [size, exponent]

  package let size: Int
  let exponent: Double
  private let kernels: VectorKernels

  package init(_ values: Parameters) {
    size = values[Self.size]
    exponent = values[Self.exponent]
    kernels = values.kernels
  }

  package func weights(drawnWith stream: inout RandomStream) -> TeacherWeights {
    .logarithmic(kernels.logarithms((1...size).map(Double.init)).map { -exponent * $0 })
  }
}
