// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// Weights drawn from a Pareto distribution on [1, ∞), one set a seed: `P(w > t) = t^−a`.
public struct ParetoTeacher: Teacher {
  public static let name = "pareto"
  public static let summary = "weights drawn from a Pareto distribution"
  public var isRandom: Bool { true }

  static let size = Parameter.size(80)
  static let exponent = Parameter(
    "exponent", default: 1, .positive, summary: "tail exponent a; smaller is heavier")
  public static let parameters: [any ParameterDeclaration] = [size, exponent]

  let size: Int
  let exponent: Double

  public init(_ values: Parameters) {
    size = values[Self.size]
    exponent = values[Self.exponent]
  }

  public func weights(drawnWith stream: inout RandomStream) -> TeacherWeights {
    var weights: [Double] = []
    for _ in 0..<size { weights.append(stream.pareto(exponent: exponent)) }
    return .linear(weights)
  }
}
