// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// Decoupled KL: a cross entropy that trains the student, and a term that would train the teacher.
///
///     L = α CE(softmax(t/T), softmax(z/T)) + β ¼ Σ_jk p_j p_k ((t_j − t_k) − (z_j − z_k))²
///     ∂L/∂z = (α/T)(q_T − p_T)
///
/// z is held constant in the second term. The two terms have the gradient of KL in student and teacher
/// together; with a fixed teacher, only the first has a gradient.
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

  /// The view that `softCrossEntropy` uses.
  static func view(at temperature: Double) -> FitState.View {
    FitState.View(temperature: temperature, term: .forwardKL)
  }

  /// `−Σ p log q`, and `scale` times its gradient.
  static func softCrossEntropy(
    at state: FitState, scale: Double, gradient: inout [Double]
  ) -> Double {
    state.sum(of: .forwardKL, gradient: &gradient) { _ in scale } + state.teacher.entropy
  }
}

/// Improved KL and its generalisation: a cross entropy and the weighted variance of z − t.
///
///     w = softmax(t/T₂)^γ,  W = Σ w,  δ = z − t
///     L = α CE(softmax(t/T), softmax(z/T)) + β [½ W Σ w δ² − ½ (Σ w δ)²]
///     ∂L/∂z = (α/T)(q_T − p_T) + β w ∘ (W δ − <w, δ>)
///
/// `normalize` divides the bracket by W². `prior` names a file with probabilities to use for
/// softmax(t/T₂), one a token. Infinite where the teacher has no mass.
package struct ImprovedKL: Objective {
  package static let name = "ikl"
  package static let summary = "improved KL: cross entropy and weighted variance of z - t"
  package static let formula = """
    w = softmax(t/T2)^γ,  W = Σ w,  δ = z - t
    L = α soft-ce(T) + β [½ W Σ w δ² - ½ (Σ w δ)²];  the bracket over W² if normalize
    g = (α/T)(q_T - p_T) + β w ∘ (W δ - <w,δ>)
    """
  package static let reference = "Cui et al., arXiv 2305.13948 (IKL), and its successor (GKL)"

  static let alpha = Parameter(
    "alpha", default: 1, .nonNegative, summary: "weight α of the cross entropy")
  static let beta = Parameter(
    "beta", default: 1, .nonNegative, summary: "weight β of the bracket")
  static let temperature = Parameter(
    "temperature", default: 1, .positive, summary: "T of the cross entropy")
  static let weightTemperature = Parameter(
    "weight-temperature", default: 100, .positive, summary: "T2 of the weights")
  static let gamma = Parameter(
    "gamma", default: 1, .nonNegative, summary: "the exponent γ of the weights")
  static let normalize = Parameter(
    "normalize", default: false, summary: "whether the bracket is divided by W²")
  static let prior = Parameter(
    "prior", default: "",
    summary: "a file of probabilities by token to use for softmax(t/T2)")
  package static let parameters: [any ParameterDeclaration] = [
    alpha, beta, temperature, weightTemperature, gamma, normalize, prior,
  ]

  package static var softening: Parameter<Double>? { nil }

  let alpha: Double
  let beta: Double
  let temperature: Double
  let weightTemperature: Double
  let gamma: Double
  let normalize: Bool
  /// w by token before the exponent, nil if the weights are the teacher's.
  private let prior: [Double]?

  package init(_ values: Parameters) throws {
    alpha = values[Self.alpha]
    beta = values[Self.beta]
    temperature = values[Self.temperature]
    weightTemperature = values[Self.weightTemperature]
    gamma = values[Self.gamma]
    normalize = values[Self.normalize]
    prior = try TokenNumbers.read(values[Self.prior], values).map {
      let sum = $0.numbers.reduce(0, +)
      guard $0.numbers.allSatisfy({ $0 >= 0 }), sum > 0, sum.isFinite else {
        throw SpecificationError.inconsistent(
          component: values.component,
          "prior: the numbers in \($0.path) must be at least 0, and some above")
      }
      return $0.numbers.map { $0 / sum }
    }
  }

  package var views: [FitState.View] { [DecoupledKL.view(at: temperature)] }

  package var needsFullSupport: Bool { true }

  package func check(_ teacher: TeacherDistribution) throws(BindingError) {
    if let prior {
      try TokenNumbers.check(teacher, count: prior.count, key: Self.prior.name)
    }
    try checkSupport(of: teacher)
  }

  /// The weights, and their logarithms while they are found.
  package func workingSize(vocabularySize size: Int, contexts: Int) -> Int { 2 * contexts * size }

  package func evaluator(
    for teacher: TeacherDistribution, kernels: VectorKernels
  ) -> any ObjectiveEvaluator {
    Evaluator(objective: self, weights: weights(under: teacher, kernels: kernels))
  }

  private struct Evaluator: ObjectiveEvaluator {
    let objective: ImprovedKL
    /// w by rank.
    let weights: [Double]

    func loss(at state: FitState, gradient: inout [Double]) -> Double {
      guard state.teacher.firstZeroToken == nil else { return .infinity }
      let (alpha, beta) = (objective.alpha, objective.beta)
      let crossEntropy = DecoupledKL.softCrossEntropy(
        at: state.view(at: objective.temperature), scale: alpha / objective.temperature,
        gradient: &gradient)
      let (z, t) = (state.logProbabilities, state.teacher.logProbabilities)
      let moments = state.kernels.moments(weights: weights, of: z, minus: t)
      let scale = objective.normalize ? 1 / moments.mass : moments.mass
      state.kernels.addDeviations(
        beta * scale, weights: weights, of: z, minus: t, centre: moments.mean, to: &gradient)
      return alpha * crossEntropy + beta * scale * moments.squares / 2
    }
  }

  /// w by rank.
  private func weights(
    under teacher: TeacherDistribution, kernels: VectorKernels
  ) -> [Double] {
    var logs = prior.map { kernels.logarithms(teacher.byRank($0)) } ?? teacher.logProbabilities
    if prior == nil {
      var scaled = logs
      kernels.scale(&scaled, by: 1 / weightTemperature)
      var weights = scaled
      kernels.softmax(scaled, logProbabilities: &logs, probabilities: &weights)
      guard gamma != 1 else { return weights }
    }
    kernels.scale(&logs, by: gamma)
    return kernels.exponentials(logs)
  }
}
