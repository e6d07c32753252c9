// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// Turns gradients into steps, one scalar parameter independent of another.
///
/// The state is inside the value: a copy goes on by itself.
public protocol Optimizer: Component {
  /// Starts afresh with a state for so many scalar parameters.
  mutating func begin(parameterCount: Int)

  /// Moves the parameters one step down the gradient.
  ///
  /// - Parameters:
  ///   - parameters: θ of every run of a batch, one after the other.
  ///   - gradient: `∂L/∂θ`, in the same order.
  ///   - learningRate: the step size.
  ///   - kernels: who does the arithmetic.
  mutating func step(
    _ parameters: inout [Double], gradient: [Double], learningRate: Double,
    kernels: VectorKernels)

  /// The same optimizer in the fused kernel, nil if it has none.
  var fused: BlendProblem.Optimizer? { get }
}

extension Optimizer {
  public var fused: BlendProblem.Optimizer? { nil }

  /// Moves the parameters one step down the gradient, with the best kernels.
  public mutating func step(
    _ parameters: inout [Double], gradient: [Double], learningRate: Double
  ) {
    step(&parameters, gradient: gradient, learningRate: learningRate, kernels: .best)
  }
}
