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

/// An objective bound to the teachers of contexts that are fitted together.
struct ContextObjectives: Sendable {
  /// One a context; none where there is a batch.
  private var each: [BoundObjective] = []
  private var batch: (any BatchEvaluator)?
  private let recipe: ObjectiveRecipe

  /// Binds an objective.
  ///
  /// - Parameters:
  ///   - objective: what is minimised.
  ///   - states: the teacher and a student of each context, which know how the objective looks at them.
  ///   - name: the teacher's specification, for errors.
  ///   - kernels: the vector kernels for what depends on the teachers alone.
  /// - Throws: `InfiniteObjective`, or `UnsuitableTeacher`.
  init(
    _ objective: Chosen<ObjectiveRecipe>, at states: [FitState], named name: String,
    kernels: VectorKernels
  ) throws {
    let recipe = objective.component
    self.recipe = recipe
    for state in states { try objective.check(state.teacher, named: name) }
    let softened = states.map { $0.view(at: recipe.temperature).teacher }
    if states.count > 1, let batch = recipe.objective as? any BatchObjective {
      self.batch = batch.evaluator(for: softened, kernels: kernels)
    } else {
      each = softened.map { BoundObjective(recipe, softened: $0, kernels: kernels) }
    }
  }

  /// The reduced values of all contexts, and their reduced gradients.
  ///
  /// - Parameters:
  ///   - states: teacher and student, one a context.
  ///   - gradients: receives the gradient in the logits by rank, V values a context.
  /// - Returns: the losses, one a context; that of a batch is the same for all.
  mutating func losses(at states: [FitState], gradients: inout [[Double]]) -> [Double] {
    let views = batch == nil ? states : states.map { $0.view(at: recipe.temperature) }
    guard let loss = batch?.loss(at: views, gradients: &gradients) else {
      return states.indices.map { each[$0].loss(at: states[$0], gradient: &gradients[$0]) }
    }
    return states.indices.map {
      recipe.scaled(loss, gradient: &gradients[$0], kernels: states[$0].kernels)
    }
  }
}
