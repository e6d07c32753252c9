// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// Adam as PyTorch computes it.
///
///     m ← β₁ m + (1 − β₁) g,   v ← β₂ v + (1 − β₂) g²
///     θ ← θ − η/(1 − β₁ᵏ) · m / ( √v / √(1 − β₂ᵏ) + ε )          k = 1, 2, …
///
/// ε is added after the bias-corrected root.
package struct Adam: AdamOptimizer {
  package static let name = "adam"
  package static let summary = "Adam, as in PyTorch"
  package static let reference = "Kingma, Ba, arXiv 1412.6980; torch.optim.Adam"

  static let beta1 = Parameter(
    "beta1", default: 0.9, .range(0..<1), summary: "decay β₁ of the mean gradient")
  static let beta2 = Parameter(
    "beta2", default: 0.999, .range(0..<1), summary: "decay β₂ of the mean square")
  static let epsilon = Parameter(
    "epsilon", default: 1e-8, .nonNegative, summary: "ε, added to the root of the mean square")
  package static let parameters: [any ParameterDeclaration] = [beta1, beta2, epsilon]

  package var moments: AdamMoments

  package init(_ values: Parameters) { moments = AdamMoments(Self.coefficients(values)) }

  static func coefficients(_ values: Parameters, weightDecay: Double = 0) -> AdamCoefficients {
    AdamCoefficients(
      beta1: values[beta1], beta2: values[beta2], epsilon: values[epsilon],
      weightDecay: weightDecay)
  }
}

/// An optimizer that is Adam with its own coefficients.
package protocol AdamOptimizer: FusedOptimizer {
  var moments: AdamMoments { get set }
}

/// The state of Adam: its coefficients, and the moments of every parameter.
package struct AdamMoments: Sendable {
  private var coefficients: AdamCoefficients
  /// The mean and the square.
  static let vectorCount = 2
  private var mean: [Double] = []
  private var square: [Double] = []

  init(_ coefficients: AdamCoefficients) { self.coefficients = coefficients }

  mutating func begin(parameterCount: Int) {
    mean = [Double](repeating: 0, count: parameterCount)
    square = mean
    coefficients.begin()
  }

  mutating func step(
    _ parameters: inout [Double], gradient: [Double], learningRate: Double, kernels: VectorKernels
  ) {
    let step = coefficients.step(learningRate: learningRate)
    kernels.adam(&parameters, gradient: gradient, mean: &mean, square: &square, step)
  }

  mutating func step(
    _ parameters: inout [Double], gradient: [Double], learningRate: Double,
    on signal: inout some LearningSignal & ~Copyable, kernels: VectorKernels
  ) {
    let step = coefficients.step(learningRate: learningRate)
    let isDone = signal.advance { logits, exponentials, shift in
      kernels.adam(
        &parameters, gradient: gradient, mean: &mean, square: &square, step, logits: &logits,
        exponentials: &exponentials, shift: shift)
    }
    if isDone { return }
    kernels.adam(&parameters, gradient: gradient, mean: &mean, square: &square, step)
  }

  var fused: BlendProblem.Optimizer? {
    // The fused kernel keeps the moments without their factors 1 − β, and multiplies the √v + ε of two
    // tokens: with such an ε neither under- nor overflows where Adam itself does not.
    guard coefficients.epsilon > 1e-100, coefficients.epsilon < 1e100 else { return nil }
    return .adam(coefficients)
  }
}

extension AdamOptimizer {
  package var vectorCount: Int { AdamMoments.vectorCount }

  package mutating func begin(parameterCount: Int) {
    moments.begin(parameterCount: parameterCount)
  }

  package mutating func step(
    _ parameters: inout [Double], gradient: [Double], learningRate: Double,
    kernels: VectorKernels
  ) {
    moments.step(&parameters, gradient: gradient, learningRate: learningRate, kernels: kernels)
  }

  package mutating func step(
    _ parameters: inout [Double], gradient: [Double], learningRate: Double,
    on signal: inout some LearningSignal & ~Copyable, kernels: VectorKernels
  ) {
    moments.step(
      &parameters, gradient: gradient, learningRate: learningRate, on: &signal, kernels: kernels)
  }

  package var fused: BlendProblem.Optimizer? { moments.fused }
}
