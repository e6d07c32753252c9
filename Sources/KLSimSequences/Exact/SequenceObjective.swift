// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore

/// A loss of whole sequences, with its exact value and gradient.
package protocol SequenceObjective: Component {
  /// Refuses a world for which it does not exist or cannot be computed.
  ///
  /// - Throws: `SetupError`.
  func check(_ space: JointSpace) throws

  /// Prepares for many students of one world.
  func evaluator(in space: JointSpace) throws -> any SequenceEvaluator
}

/// A `SequenceObjective` bound to a world.
package protocol SequenceEvaluator: Sendable {
  /// The value, and the gradient.
  ///
  /// - Parameters:
  ///   - student: the student.
  ///   - gradient: receives `∂L/∂z`, histories of the student × V.
  /// - Returns: L, nats unless the objective says otherwise.
  mutating func loss(at student: StudentTable, gradient: inout [Double]) -> Double
}

extension SequenceObjective {
  package func check(_ space: JointSpace) throws {}
}
