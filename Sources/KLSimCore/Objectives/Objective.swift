// SPDX-License-Identifier: GPL-3.0-or-later

/// What the student minimises: a value, and its gradient in the student's logits.
public protocol Objective: Component {
  /// Whether the value is infinite where the teacher gives a token no mass.
  var needsFullSupport: Bool { get }

  /// The objective as a blend of the two KLs, nil if it is none.
  var blend: (any KLBlend)? { get }

  /// The value, and the gradient.
  ///
  /// - Parameters:
  ///   - state: teacher and student.
  ///   - gradient: receives `∂L/∂z` by rank, V values, or the stated formula where gradients are
  ///     stopped.
  /// - Returns: L, nats unless the objective says otherwise.
  func loss(at state: FitState, gradient: inout [Double]) -> Double
}

extension Objective {
  public var needsFullSupport: Bool { false }

  public var blend: (any KLBlend)? { nil }
}
