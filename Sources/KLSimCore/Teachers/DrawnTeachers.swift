// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// A teacher whose weights are drawn independently, for every seed anew, from a law of one parameter.
protocol DrawnTeacher: Teacher {
  static var parameter: Parameter<Double> { get }
  /// Vocabulary size, V.
  var size: Int { get }
  /// The value of the law's parameter.
  var parameter: Double { get }

  init(size: Int, parameter: Double)
}

extension DrawnTeacher {
  package static var parameters: [any ParameterDeclaration] { [size, parameter] }

  static var size: Parameter<Int> { .size(80) }

  package init(_ values: Parameters) {
    self.init(size: values[Self.size], parameter: values[Self.parameter])
  }

  package var isRandom: Bool { true }
}

/// A point of the simplex drawn from the symmetric Dirichlet distribution.
package struct DirichletTeacher: DrawnTeacher {
  package static let name = "dirichlet"
  package static let summary = "drawn from a symmetric Dirichlet distribution"

  static let parameter = Parameter(
    "concentration", default: 0.5, .positive,
    summary: "parameter of every component; below 1 the draws are uneven")

  package let size: Int
  let parameter: Double

  package func weights(drawnWith stream: inout RandomStream) -> TeacherWeights {
    .linear(stream.dirichlet(count: size, concentration: parameter))
  }
}

/// Weights drawn from a gamma distribution: density `∝ w^(a−1) e^−w`.
///
/// Normalised they are a draw from the symmetric Dirichlet distribution of parameter a. Unlike
/// `dirichlet`, which draws the probabilities themselves, no token underflows to 0 for small a.
package struct GammaTeacher: DrawnTeacher {
  package static let name = "gamma"
  package static let summary = "weights drawn from a gamma distribution"

  static let parameter = Parameter(
    "shape", default: 1, .positive, summary: "shape a; below 1 the draws are uneven")

  package let size: Int
  let parameter: Double

  package func weights(drawnWith stream: inout RandomStream) -> TeacherWeights {
    .logarithmic((0..<size).map { _ in stream.logGamma(shape: parameter) })
  }
}

/// Weights drawn from a Pareto distribution on [1, ∞): `P(w > t) = t^−a`.
package struct ParetoTeacher: DrawnTeacher {
  package static let name = "pareto"
  package static let summary = "weights drawn from a Pareto distribution"

  static let parameter = Parameter(
    "exponent", default: 1, .positive, summary: "tail exponent a; smaller is heavier")

  package let size: Int
  let parameter: Double

  package func weights(drawnWith stream: inout RandomStream) -> TeacherWeights {
    .linear((0..<size).map { _ in stream.pareto(exponent: parameter) })
  }
}

/// Weights drawn from a log-normal distribution: `log wᵢ ~ N(0, σ²)`.
package struct LogNormalTeacher: DrawnTeacher {
  package static let name = "lognormal"
  package static let summary = "weights drawn from a log-normal distribution"

  static let parameter = Parameter(
    "sigma", default: 2, .nonNegative, summary: "spread σ of log w")

  package let size: Int
  let parameter: Double

  package func weights(drawnWith stream: inout RandomStream) -> TeacherWeights {
    .linear((0..<size).map { _ in stream.logNormal(sigma: parameter) })
  }
}

/// The softmax of independent normal logits: `t ~ N(0, σ²)`.
///
/// The law of `lognormal` for any σ, because logits do not overflow. The generators differ: one seed
/// gives different teachers.
package struct SoftmaxNormalTeacher: DrawnTeacher {
  package static let name = "softmax-normal"
  package static let summary = "softmax of logits drawn from N(0, sigma²)"

  static let parameter = Parameter(
    "sigma", default: 3, .nonNegative, summary: "spread σ of the logits")

  package let size: Int
  let parameter: Double

  package func weights(drawnWith stream: inout RandomStream) -> TeacherWeights {
    .logarithmic((0..<size).map { _ in stream.normal(sigma: parameter) })
  }
}
