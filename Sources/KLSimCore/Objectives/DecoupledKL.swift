// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// Decoupled KL: a cross entropy for the student, and a part that moves the teacher alone.
///
///     L = α CE(softmax(t/T), softmax(z/T)) + β ¼ Σ_jk p_j p_k ((t_j − t_k) − (z_j − z_k))²
///     ∂L/∂z = (α/T)(q_T − p_T)
///
/// In the second part z is held constant. KL's own gradient, of student and teacher, is that of the
/// two parts; with a teacher that stands still only the first moves anything.
package struct DecoupledKL: Objective, ObjectiveEvaluator {
  package static let name = "dkl"
  package static let summary = "decoupled KL; its gradient is that of the cross entropy alone"
  package static let formula = """
    L = α soft-ce(T) + β ¼ Σ_jk p_j p_k ((t_j - t_k) - sg[z_j - z_k])²
    g = (α/T)(q_T - p_T)
    """
  package static let reference = "Cui et al., arXiv 2305.13948"

  static let alpha = Parameter(
    "alpha", default: 1, .nonNegative, summary: "weight α of the cross entropy")
  static let beta = Parameter(
    "beta", default: 1, .nonNegative, summary: "weight β of the squared differences of logits")
  static let temperature = Parameter(
    "temperature", default: 1, .positive, summary: "T of the cross entropy")
  package static let parameters: [any ParameterDeclaration] = [alpha, beta, temperature]

  package static var softening: Parameter<Double>? { nil }

  let alpha: Double
  let beta: Double
  let temperature: Double

  package init(_ values: Parameters) {
    alpha = values[Self.alpha]
    beta = values[Self.beta]
    temperature = values[Self.temperature]
  }

  package var holdsPartsConstant: Bool { true }

  package var views: [FitState.View] { [Self.view(at: temperature)] }

  package func loss(at state: FitState, gradient: inout [Double]) -> Double {
    let crossEntropy = Self.softCrossEntropy(
      at: state.view(at: temperature), scale: alpha / temperature, gradient: &gradient)
    let moments = state.kernels.moments(
      weights: state.teacher.probabilities, of: state.logProbabilities,
      minus: state.teacher.logProbabilities)
    return alpha * crossEntropy + beta * moments.mass * moments.squares / 2
  }

  private static let forward = WeightedTerm(.blend(forward: 1, reverse: 0))

  /// What `softCrossEntropy` looks at.
  static func view(at temperature: Double) -> FitState.View {
    FitState.View(temperature: temperature, term: forward)
  }

  /// `−Σ p log q`, and `scale` times its gradient.
  static func softCrossEntropy(
    at state: FitState, scale: Double, gradient: inout [Double]
  ) -> Double {
    state.sum(of: [forward], gradient: &gradient) { _ in scale } + state.teacher.entropy
  }
}
