// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimNumerics

/// The Yule–Simon distribution of word frequencies: `p_r ∝ B(r, ρ + 1)`, r = 1…V.
public struct YuleSimon: Teacher {
  public static let name = "yule-simon"
  public static let summary = "p_r = B(r, ρ+1) over the sum, r = 1…V"
  public static let reference = "Simon, Biometrika 42, 1955"

  static let size = Parameter(
    "size", default: 80, .range(1...100_000), summary: "vocabulary size, V")
  static let shape = Parameter("shape", default: 1, .positive, summary: "the shape ρ")
  public static let parameters: [any ParameterDeclaration] = [size, shape]

  public let size: Int
  private let shape: Double

  public init(_ values: Parameters) {
    size = values[Self.size]
    shape = values[Self.shape]
  }

  public func weights(drawnWith stream: inout RandomStream) -> TeacherWeights {
    // B(r + 1, ρ + 1) = B(r, ρ + 1) · r/(r + ρ + 1)
    var weight = 1.0
    return .linear(
      (1...size).map { rank in
        defer { weight *= Double(rank) / (Double(rank) + shape + 1) }
        return weight
      })
  }
}
