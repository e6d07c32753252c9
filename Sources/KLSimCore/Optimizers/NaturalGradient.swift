// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// Natural gradient descent, whose steps do not depend on the student's parametrisation.
///
///     θ ← θ − η (F + λI)⁻¹ ∂L/∂θ,   F = Jᵀ (diag q − q qᵀ) J,  J = ∂z/∂θ
///
/// For a softmax student, with g = ∂L/∂z, whose sum is 0, the closed form is
///
///     θ ← θ − η (g − b q)/(q + λ),   b = Σ g/(q + λ) / Σ q/(q + λ)
///
/// which is g/q up to a shift of all logits that makes the step sum to 0. λ bounds the step of a token
/// that the student has dropped, q → 0. For other students, of at most `maximumParameters` parameters,
/// the system is solved by the eigenvalues of F.
package struct NaturalGradient: Optimizer {
  package static let name = "natural-gradient"
  package static let summary = "gradient descent in the student's Fisher metric"
  package static let formula = "θ <- θ - η (F + λI)⁻¹ g,  F = Jᵀ (diag q - q qᵀ) J"
  package static let reference = "Amari, Neural Computation 10, 1998"

  /// The size of the largest system that is solved every epoch.
  static let maximumParameters = 512

  static let damping = Parameter(
    "damping", default: 1e-8, .positive, summary: "λ, added to the Fisher matrix's diagonal")
  package static let parameters: [any ParameterDeclaration] = [damping]

  let damping: Double

  package init(_ values: Parameters) { damping = values[Self.damping] }

  package func check(_ model: any StudentModel) throws(SetupError) {
    guard !(model is SoftmaxModel) else { return }
    guard let model = model as? any ParametricModel else {
      throw SetupError(
        "\(Self.name) fits free logits and students of few parameters, one context at"
          + " a time; choose another optimizer, such as \(Adam.name)")
    }
    guard model.parameterCount <= Self.maximumParameters else {
      throw SetupError(
        "\(Self.name) fits at most \(Self.maximumParameters) parameters, and the"
          + " student has \(model.parameterCount); choose another optimizer, such as \(Adam.name)")
    }
  }

  package var memory: [Double]? { [] }

  /// None of free logits; the matrices of few parameters are the student's to count.
  package var vectorCount: Int { 0 }

  package func begin(parameterCount: Int) {}

  package func step(
    _ parameters: inout [Double], gradient: [Double], learningRate: Double,
    on signal: inout some LearningSignal & ~Copyable, kernels: VectorKernels
  ) throws {
    let q = signal.states[0].probabilities
    guard let model = signal.model as? any ParametricModel else {
      moveLogits(&parameters, gradient: gradient, learningRate: learningRate, q: q)
      return
    }
    let direction =
      try fisher(of: model, q: q, at: parameters).solve(gradient, damping: damping)
    for index in parameters.indices { parameters[index] -= learningRate * direction[index] }
  }

  private func moveLogits(
    _ logits: inout [Double], gradient: [Double], learningRate: Double, q: [Double]
  ) {
    var (slope, mass) = (0.0, 0.0)
    for rank in q.indices {
      slope += gradient[rank] / (q[rank] + damping)
      mass += q[rank] / (q[rank] + damping)
    }
    let shift = slope / mass
    for rank in q.indices {
      logits[rank] -= learningRate * ((gradient[rank] - shift * q[rank]) / (q[rank] + damping))
    }
  }

  /// `Σ q (j − j̄)(j − j̄)ᵀ` over the tokens' rows j of J, whose mean under q is j̄.
  private func fisher(
    of model: any ParametricModel, q: [Double], at parameters: [Double]
  ) -> SymmetricMatrix {
    let centred = model.jacobian(at: parameters).map { column in
      let mean = zip(column, q).reduce(0) { $0 + $1.1 * $1.0 }
      return column.map { $0 - mean }
    }
    return SymmetricMatrix(sumOfSquaresOf: centred, weights: q)
  }
}
