// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// Adam as PyTorch computes it.
///
///     m ← β₁ m + (1 − β₁) g,   v ← β₂ v + (1 − β₂) g²
///     θ ← θ − η/(1 − β₁ᵏ) · m / ( √v / √(1 − β₂ᵏ) + ε )          k = 1, 2, …
///
/// ε is added after the bias-corrected root.
package struct Adam: FusedOptimizer {
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

  let beta1: Double
  let beta2: Double
  let epsilon: Double
  private var mean: [Double] = []
  private var square: [Double] = []
  private var beta1Power = 1.0
  private var beta2Power = 1.0

  package init(_ values: Parameters) {
    beta1 = values[Self.beta1]
    beta2 = values[Self.beta2]
    epsilon = values[Self.epsilon]
  }

  package mutating func begin(parameterCount: Int) {
    mean = [Double](repeating: 0, count: parameterCount)
    square = mean
    (beta1Power, beta2Power) = (1, 1)
  }

  package mutating func step(
    _ parameters: inout [Double], gradient: [Double], learningRate: Double,
    kernels: VectorKernels
  ) {
    let coefficients = advance(learningRate)
    kernels.adam(&parameters, gradient: gradient, mean: &mean, square: &square, coefficients)
  }

  package mutating func step(
    _ parameters: inout [Double], gradient: [Double], learningRate: Double,
    on signal: inout some LearningSignal & ~Copyable, kernels: VectorKernels
  ) {
    let coefficients = advance(learningRate)
    let isDone = signal.advance { logits, exponentials, shift in
      kernels.adam(
        &parameters, gradient: gradient, mean: &mean, square: &square, coefficients,
        logits: &logits, exponentials: &exponentials, shift: shift)
    }
    guard !isDone else { return }
    kernels.adam(&parameters, gradient: gradient, mean: &mean, square: &square, coefficients)
  }

  /// The coefficients of the next step.
  private mutating func advance(_ learningRate: Double) -> AdamStep {
    beta1Power *= beta1
    beta2Power *= beta2
    return AdamStep(
      beta1: beta1, beta2: beta2, size: learningRate / (1 - beta1Power),
      rootCorrection: (1 - beta2Power).squareRoot(), epsilon: epsilon)
  }

  package var fused: BlendProblem.Optimizer? {
    // The fused kernel keeps the moments without their factors 1 − β, and multiplies the √v + ε of two
    // tokens: neither may under- or overflow where Adam itself does not.
    guard epsilon > 1e-100, epsilon < 1e100 else { return nil }
    return .adam(beta1: beta1, beta2: beta2, epsilon: epsilon)
  }
}
