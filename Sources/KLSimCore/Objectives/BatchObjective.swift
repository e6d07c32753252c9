// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// An objective that compares the contexts of a teacher with each other.
///
/// Its contexts can only be fitted together; its value is that of all of them.
public protocol BatchObjective: Objective {
  /// Binds the objective to the teachers of all contexts.
  ///
  /// - Parameters:
  ///   - teachers: p, one a context, at least one; none that `check` refuses.
  ///   - kernels: the vector kernels for what depends on the teachers alone.
  /// - Returns: what evaluates the objective for students of these teachers.
  func evaluator(
    for teachers: [TeacherDistribution], kernels: VectorKernels
  ) -> any BatchEvaluator
}

/// A `BatchObjective` bound to the teachers of all contexts.
public protocol BatchEvaluator: Sendable {
  /// The value, and the gradients.
  ///
  /// - Parameters:
  ///   - states: the teachers it is bound to and their students, one a context.
  ///   - gradients: receives `∂L/∂z` by rank, V values a context.
  /// - Returns: L.
  mutating func loss(at states: [FitState], gradients: inout [[Double]]) -> Double
}

extension BatchObjective {
  public func evaluator(
    for teacher: TeacherDistribution, kernels: VectorKernels
  ) -> any ObjectiveEvaluator {
    SingleContext(batch: evaluator(for: [teacher], kernels: kernels))
  }
}

/// A batch of one context.
private struct SingleContext: ObjectiveEvaluator {
  var batch: any BatchEvaluator

  mutating func loss(at state: FitState, gradient: inout [Double]) -> Double {
    var gradients = [gradient]
    let loss = batch.loss(at: [state], gradients: &gradients)
    gradient = gradients[0]
    return loss
  }
}
