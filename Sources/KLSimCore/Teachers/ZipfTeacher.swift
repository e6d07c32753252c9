// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// Zipf's law, the shape of word frequencies: `p_r ∝ r^−s`, r = 1…V.
public struct ZipfTeacher: Teacher {
  public static let name = "zipf"
  public static let summary = "Zipf's law, p ∝ rank^-exponent"
  public static let reference = "Zipf, The Psycho-Biology of Language, 1935"

  static let size = Parameter.size(1000)
  static let exponent = Parameter("exponent", default: 1.1, .nonNegative, summary: "the exponent s")
  public static let parameters: [any ParameterDeclaration] = [size, exponent]

  let size: Int
  let exponent: Double
  private let kernels: VectorKernels

  public init(_ values: Parameters) {
    size = values[Self.size]
    exponent = values[Self.exponent]
    kernels = values.kernels
  }

  public func weights(drawnWith stream: inout RandomStream) -> TeacherWeights {
    .logarithmic(kernels.logarithms((1...size).map(Double.init)).map { -exponent * $0 })
  }
}
