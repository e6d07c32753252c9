// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// An objective bound to a teacher, with its temperature and reduction.
///
///     L_T = T² D(softmax(t/T), softmax(z/T)),   g_T = T g_D;   both over T² without the scale
package struct BoundObjective: Sendable {
  private let recipe: ObjectiveRecipe
  /// The objective itself, bound to the softened teacher.
  private var evaluator: any ObjectiveEvaluator

  /// Binds to a teacher that is softened already, without checking.
  init(_ recipe: ObjectiveRecipe, softened teacher: TeacherDistribution, kernels: VectorKernels) {
    self.recipe = recipe
    evaluator = recipe.objective.evaluator(for: teacher, kernels: kernels)
  }

  /// The softened and reduced value, and its gradient.
  ///
  /// - Parameters:
  ///   - state: the teacher it is bound to, and a student.
  ///   - gradient: receives the gradient in the logits by rank, V values.
  /// - Returns: the loss, nats unless the objective says otherwise.
  package mutating func loss(at state: FitState, gradient: inout [Double]) -> Double {
    let loss =
      recipe.temperature == 1
      ? evaluator.loss(at: state, gradient: &gradient)
      : evaluator.loss(at: state.view(at: recipe.temperature), gradient: &gradient)
    return recipe.scaled(loss, gradient: &gradient, kernels: state.kernels)
  }

  /// The gradient alone.
  ///
  /// - Parameter state: the teacher it is bound to, and a student.
  /// - Returns: the gradient in the logits by rank.
  package mutating func gradient(at state: FitState) -> [Double] {
    var gradient = state.logits
    _ = loss(at: state, gradient: &gradient)
    return gradient
  }
}

extension Chosen<ObjectiveRecipe> {
  /// Refuses a teacher under which the loss is infinite or does not exist.
  ///
  /// - Parameters:
  ///   - distribution: the teacher.
  ///   - name: the teacher's specification, for the error.
  /// - Throws: `InfiniteObjective`, which names the token, or `UnsuitableTeacher`.
  package func check(_ distribution: TeacherDistribution, named name: String) throws {
    do {
      try component.objective.check(distribution)
    } catch {
      throw named(error, name)
    }
  }

  /// Binds the objective to a teacher.
  ///
  /// - Parameters:
  ///   - distribution: the teacher.
  ///   - name: the teacher's specification, for the error.
  ///   - kernels: the vector kernels for what depends on the teacher alone.
  /// - Returns: what evaluates the objective for students of this teacher.
  /// - Throws: as `check(_:named:)`.
  package func bind(
    to distribution: TeacherDistribution, named name: String, kernels: VectorKernels = .best
  ) throws -> BoundObjective {
    do {
      return try component.bind(to: distribution, kernels: kernels)
    } catch {
      throw named(error, name)
    }
  }

  /// The error with the names of objective and teacher.
  private func named(_ error: BindingError, _ teacher: String) -> any CategorizedError {
    switch error {
    case .infinite(let token):
      InfiniteObjective(objective: specification, teacher: teacher, token: token)
    case .unsuitable(let reason):
      UnsuitableTeacher(objective: specification, teacher: teacher, reason: reason)
    }
  }
}

/// An objective that cannot be had with a teacher, such as one of a token that is not there.
public struct UnsuitableTeacher: CategorizedError, Equatable {
  /// The objective's specification.
  public let objective: String
  /// The teacher's specification.
  public let teacher: String
  /// What is wrong, and what to do.
  public let reason: String

  public var category: ErrorCategory { .badData }

  public var description: String { "\(objective) with the teacher \(teacher): \(reason)" }
}

/// An objective that is infinite because the teacher gives a token no mass.
public struct InfiniteObjective: CategorizedError, Equatable {
  /// The objective's specification.
  public let objective: String
  /// The teacher's specification.
  public let teacher: String
  /// The token of probability 0.
  public let token: Int

  public var category: ErrorCategory { .badData }

  /// The specification of a similar teacher under which the objective is finite.
  public var smoothedTeacher: String { "\(teacher):smooth=1e-6" }

  public var description: String {
    "\(objective) is infinite: the teacher \(teacher) gives token \(token) probability 0; smooth the"
      + " teacher, e.g. \(smoothedTeacher)"
  }
}
