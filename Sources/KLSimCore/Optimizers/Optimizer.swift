// SPDX-License-Identifier: GPL-3.0-or-later

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
  mutating func step(_ parameters: inout [Double], gradient: [Double], learningRate: Double)
}
