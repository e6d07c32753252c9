// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// An optimizer that is Adam with coefficients of its own.
package protocol AdamOptimizer: FusedOptimizer {
  /// Its state.
  var moments: AdamMoments { get set }
}

/// The state of Adam: its coefficients, and the moments of every parameter.
package struct AdamMoments: Sendable {
  private var coefficients: AdamCoefficients
  private var mean: [Double] = []
  private var square: [Double] = []

  /// The state before `begin`.
  package init(_ coefficients: AdamCoefficients) {
    self.coefficients = coefficients
  }

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
    guard !isDone else { return }
    kernels.adam(&parameters, gradient: gradient, mean: &mean, square: &square, step)
  }

  var fused: BlendProblem.Optimizer? {
    // The fused kernel keeps the moments without their factors 1 − β, and multiplies the √v + ε of two
    // tokens: neither may under- or overflow where Adam itself does not.
    guard coefficients.epsilon > 1e-100, coefficients.epsilon < 1e100 else { return nil }
    return .adam(coefficients)
  }
}

extension AdamOptimizer {
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
