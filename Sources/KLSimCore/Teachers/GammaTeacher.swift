// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// Weights drawn from a gamma distribution, one set a seed: density `∝ w^(a−1) e^−w`.
///
/// Normalised they are a draw from the symmetric Dirichlet distribution of parameter a; unlike
/// `dirichlet`, which hands over probabilities, no token underflows to 0 however small a is.
package struct GammaTeacher: Teacher {
  package static let name = "gamma"
  package static let summary = "weights drawn from a gamma distribution"
  package var isRandom: Bool { true }

  static let size = Parameter.size(80)
  static let shape = Parameter(
    "shape", default: 1, .positive, summary: "shape a; below 1 the draws are uneven")
  package static let parameters: [any ParameterDeclaration] = [size, shape]

  let size: Int
  let shape: Double

  package init(_ values: Parameters) {
    size = values[Self.size]
    shape = values[Self.shape]
  }

  package func weights(drawnWith stream: inout RandomStream) -> TeacherWeights {
    var logWeights: [Double] = []
    for _ in 0..<size { logWeights.append(stream.logGamma(shape: shape)) }
    return .logarithmic(logWeights)
  }
}
