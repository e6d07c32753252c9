// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// Weights drawn from a Pareto distribution on [1, ∞), one set a seed: `P(w > t) = t^−a`.
package struct ParetoTeacher: Teacher {
  package static let name = "pareto"
  package static let summary = "weights drawn from a Pareto distribution"
  package var isRandom: Bool { true }

  static let size = Parameter.size(80)
  static let exponent = Parameter(
    "exponent", default: 1, .positive, summary: "tail exponent a; smaller is heavier")
  package static let parameters: [any ParameterDeclaration] = [size, exponent]

  let size: Int
  let exponent: Double

  package init(_ values: Parameters) {
    size = values[Self.size]
    exponent = values[Self.exponent]
  }

  package func weights(drawnWith stream: inout RandomStream) -> TeacherWeights {
    var weights: [Double] = []
    for _ in 0..<size { weights.append(stream.pareto(exponent: exponent)) }
    return .linear(weights)
  }
}
