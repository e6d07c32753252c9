// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// Moves the parameters of one run down its loss.
///
/// Its state is part of the value: a copy continues independently.
public protocol Optimizer: Component {
  /// Refuses a student that it cannot fit.
  ///
  /// - Parameter model: the student.
  /// - Throws: `SetupError`.
  func check(_ model: any StudentModel) throws(SetupError)

  /// What the next step depends on beside its arguments: none for plain gradient descent.
  ///
  /// A step of an exact loss that changes neither this nor the parameters would be repeated for ever at
  /// this learning rate, so a run leaves the others out. nil, the default, if it changes with every step,
  /// as the moments of Adam do.
  var memory: [Double]? { get }

  /// How many arrays of one number a parameter it takes beside θ and the gradient: what it keeps, and what a step works
  /// in. So the memory of a run is known before it begins.
  var vectorCount: Int { get }

  /// Resets the state, for a number of parameters.
  mutating func begin(parameterCount: Int)

  /// Moves the parameters by one epoch.
  ///
  /// - Parameters:
  ///   - parameters: θ.
  ///   - gradient: `∂L/∂θ`.
  ///   - learningRate: the step size.
  ///   - signal: the loss, last evaluated at θ; the optimizer may evaluate it elsewhere.
  ///   - kernels: the vector kernels to compute with.
  /// - Throws: `SetupError`, or `CancellationError` when the task is cancelled.
  mutating func step(
    _ parameters: inout [Double], gradient: [Double], learningRate: Double,
    on signal: inout some LearningSignal & ~Copyable, kernels: VectorKernels) throws
}

extension Optimizer {
  public func check(_ model: any StudentModel) {}

  public var memory: [Double]? { nil }
}

/// An optimizer that the fused kernel also implements.
package protocol FusedOptimizer: ElementwiseOptimizer {
  /// The same optimizer in the fused kernel; nil if the kernel does not support its parameters.
  var fused: BlendProblem.Optimizer? { get }
}

/// An optimizer that needs only the gradient, and treats every scalar parameter independently.
public protocol ElementwiseOptimizer: Optimizer {
  /// Moves the parameters one step down the gradient.
  ///
  /// - Parameters:
  ///   - parameters: θ.
  ///   - gradient: `∂L/∂θ`.
  ///   - learningRate: the step size.
  ///   - kernels: the vector kernels to compute with.
  mutating func step(
    _ parameters: inout [Double], gradient: [Double], learningRate: Double,
    kernels: VectorKernels)
}

extension ElementwiseOptimizer {
  public mutating func step(
    _ parameters: inout [Double], gradient: [Double], learningRate: Double,
    on signal: inout some LearningSignal & ~Copyable, kernels: VectorKernels
  ) {
    step(&parameters, gradient: gradient, learningRate: learningRate, kernels: kernels)
  }
}
