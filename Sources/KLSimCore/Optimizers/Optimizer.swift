// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// Moves the parameters of one run down its loss.
///
/// The state is inside the value: a copy goes on by itself.
public protocol Optimizer: Component {
  /// Refuses a student that it cannot fit.
  ///
  /// - Parameter model: the student.
  /// - Throws: `StudentError`.
  func check(_ model: any StudentModel) throws(StudentError)

  /// Starts afresh with a state for so many parameters.
  mutating func begin(parameterCount: Int)

  /// Moves the parameters by one epoch.
  ///
  /// - Parameters:
  ///   - parameters: θ.
  ///   - gradient: `∂L/∂θ`.
  ///   - learningRate: the step size.
  ///   - signal: what moves the student, taken last at θ; may be left elsewhere.
  ///   - kernels: the vector kernels to compute with.
  /// - Throws: what keeps it from arriving; `CancellationError` when the task is cancelled.
  mutating func step(
    _ parameters: inout [Double], gradient: [Double], learningRate: Double,
    on signal: inout some LearningSignal & ~Copyable, kernels: VectorKernels) throws
}

extension Optimizer {
  public func check(_ model: any StudentModel) {}
}

/// An optimizer that the fused kernel has, too.
package protocol FusedOptimizer: ElementwiseOptimizer {
  /// The same optimizer in the fused kernel, nil if it has none with these parameters.
  var fused: BlendProblem.Optimizer? { get }
}

/// An optimizer that needs nothing but the gradient, one scalar parameter independent of another.
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

  /// Moves the parameters one step down the gradient, with the best kernels.
  public mutating func step(
    _ parameters: inout [Double], gradient: [Double], learningRate: Double
  ) {
    step(&parameters, gradient: gradient, learningRate: learningRate, kernels: .best)
  }
}

/// An optimizer that cannot go on.
public struct OptimizerError: CategorizedError, Equatable {
  public let description: String

  public var category: ErrorCategory { .badData }
}
