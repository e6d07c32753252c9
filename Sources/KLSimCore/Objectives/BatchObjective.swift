// SPDX-License-Identifier: GPL-3.0-or-later

/// An objective that compares the contexts of a teacher with each other.
///
/// Its contexts can only be fitted together; its value is that of all of them.
public protocol BatchObjective: Objective {
  /// The value, and the gradients.
  ///
  /// - Parameters:
  ///   - states: teacher and student, one a context, at least one.
  ///   - gradients: receives `∂L/∂z` by rank, V values a context.
  /// - Returns: L.
  func loss(at states: [FitState], gradients: inout [[Double]]) -> Double
}

extension BatchObjective {
  public func loss(at state: FitState, gradient: inout [Double]) -> Double {
    var gradients = [gradient]
    let loss = loss(at: [state], gradients: &gradients)
    gradient = gradients[0]
    return loss
  }
}

extension ObjectiveRecipe {
  /// The reduced values of all contexts, and their reduced gradients.
  ///
  /// - Parameters:
  ///   - states: teacher and student, one a context.
  ///   - gradients: receives the gradient in the logits by rank, V values a context.
  /// - Returns: the losses, one a context; that of a `BatchObjective` is the same for all.
  func losses(at states: [FitState], gradients: inout [[Double]]) -> [Double] {
    if states.count > 1, let batch = objective as? any BatchObjective {
      let loss = batch.loss(at: states, gradients: &gradients)
      let divisor = divisor(vocabularySize: states[0].logits.count)
      for context in gradients.indices {
        for rank in gradients[context].indices { gradients[context][rank] /= divisor }
      }
      return [Double](repeating: loss / divisor, count: states.count)
    }
    return states.indices.map { loss(at: states[$0], gradient: &gradients[$0]) }
  }
}
