// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// An objective with the parameters that every objective takes.
///
///     L_T = T² D(softmax(t/T), softmax(z/T)),   g_T = T g_D;   both over T² without the scale
package struct ObjectiveRecipe: Sendable {
  /// How the terms of the tokens become one loss.
  package enum Reduction: String, ParameterChoice {
    /// The divergence itself.
    case sum
    /// The divergence divided by V, as in the paper's notebooks.
    case mean
  }

  static let reduction = Parameter(
    "reduction", default: Reduction.sum, summary: "mean divides loss and gradient by V")
  static let temperature = Parameter(
    "temperature", default: 1, .positive, summary: "T of softmax(t/T) and softmax(z/T)")
  static let temperatureScale = Parameter(
    "temperature-scale", default: true, summary: "whether T² multiplies the objective at T")

  /// The keys that every objective takes after its own, unless it refuses them.
  static let parameters: [any ParameterDeclaration] = [reduction, temperature, temperatureScale]

  /// The objective itself.
  package let objective: any Objective
  let reduction: Reduction
  /// T: the objective is that of `softmax(t/T)` and `softmax(z/T)`.
  let temperature: Double
  let temperatureScale: Bool

  init(objective: any Objective, _ values: Parameters) {
    self.objective = objective
    reduction = values[Self.reduction]
    let softening = type(of: objective).softening
    temperature = softening.map { values[$0] } ?? 1
    temperatureScale = softening == nil || values[Self.temperatureScale]
  }

  /// The temperatures and terms at which the objective takes teacher and student.
  package var views: [FitState.View] {
    let views = objective.views.map {
      FitState.View(temperature: $0.temperature * temperature, term: $0.term)
    }
    // The objective itself is not at T unless its own views are at 1.
    return views.contains { $0.temperature == temperature }
      ? views : views + [FitState.View(temperature: temperature)]
  }

  /// The objective as a blend of the two KLs of p and q themselves, nil if it is none.
  var blend: (any KLBlend)? { temperature == 1 ? objective as? any KLBlend : nil }

  /// The terms whose sum over tokens is the objective up to a constant; nil if it is no such sum.
  package var terms: [WeightedTerm]? {
    guard temperature == 1, reduction == .sum else { return nil }
    if let sum = objective as? any TokenwiseObjective { return sum.terms }
    guard case .fixed(let forward, let reverse) = blend?.rule else { return nil }
    return [WeightedTerm(.blend(forward: forward, reverse: reverse))]
  }

  /// Value and gradient at a single state; for many states of one teacher, `BoundObjective` is faster.
  ///
  /// - Parameter state: a teacher for which the objective exists, and a student.
  /// - Returns: the loss, infinite if the objective's `check` refuses the teacher for that, and its
  ///   gradient in the logits by rank.
  package func evaluate(at state: FitState) -> (loss: Double, gradient: [Double]) {
    let view = state.view(at: temperature)
    var evaluator = objective.evaluator(for: view.teacher, kernels: state.kernels)
    var gradient = state.logits
    let loss = evaluator.loss(at: view, gradient: &gradient)
    return (scaled(loss, gradient: &gradient, kernels: state.kernels), gradient)
  }

  /// Applies temperature scale and reduction to the value and the gradient of `objective`.
  func scaled(_ loss: Double, gradient: inout [Double], kernels: VectorKernels) -> Double {
    var loss = loss
    if temperature != 1 {
      if temperatureScale { loss *= temperature * temperature }
      kernels.scale(&gradient, by: temperatureScale ? temperature : 1 / temperature)
    }
    guard reduction == .mean else { return loss }
    let divisor = divisor(vocabularySize: gradient.count)
    kernels.divide(&gradient, by: divisor)
    return loss / divisor
  }

  /// The divisor of loss and gradient: 1, or V.
  func divisor(vocabularySize: Int) -> Double {
    reduction == .mean ? Double(vocabularySize) : 1
  }
}

/// An objective bound to a teacher, with its temperature and reduction.
package struct BoundObjective: Sendable {
  private let recipe: ObjectiveRecipe
  /// The objective itself, bound to the softened teacher.
  private var evaluator: any ObjectiveEvaluator

  /// Binds an objective to the teacher of a state, for which it must exist.
  package init(_ recipe: ObjectiveRecipe, at state: FitState) {
    self.recipe = recipe
    evaluator = recipe.objective.evaluator(
      for: state.view(at: recipe.temperature).teacher, kernels: state.kernels)
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

  /// The value of one of several states; otherwise as `loss(at:gradient:)`.
  package mutating func loss(
    at index: Int, of states: inout [FitState], gradient: inout [Double]
  ) -> Double {
    states.withElement(at: index) { loss(at: $0, gradient: &gradient) }
  }
}

extension Array {
  /// Calls a function with an element, which is taken out meanwhile instead of being copied.
  fileprivate mutating func withElement<Result>(
    at index: Int, _ body: (Element) -> Result
  ) -> Result {
    precondition(indices.contains(index))
    return unsafe withUnsafeMutableBufferPointer { elements in
      let place = unsafe elements.baseAddress.unsafelyUnwrapped + index
      let element = unsafe place.move()
      let result = body(element)
      unsafe place.initialize(to: element)
      return result
    }
  }
}

extension Chosen<ObjectiveRecipe> {
  /// Refuses a teacher under which the loss is infinite or does not exist.
  ///
  /// - Parameters:
  ///   - distribution: the distribution of one context.
  ///   - teacher: the teacher, for the error.
  ///   - context: the index of the context, for the error.
  /// - Throws: `InfiniteObjective` or `UnsuitableTeacher`.
  package func check(
    _ distribution: TeacherDistribution, of teacher: Chosen<TeacherRecipe>, context: Int = 0
  ) throws {
    let place = teacher.component.contexts.place(context)
    do {
      try component.objective.check(distribution)
    } catch BindingError.infinite(let token) {
      throw InfiniteObjective(
        objective: specification, teacher: teacher.specification, place: place, token: token,
        reason: teacher.component.zeroReason)
    } catch BindingError.unsuitable(let reason) {
      throw UnsuitableTeacher(
        objective: specification, teacher: teacher.specification + place, reason: reason)
    }
  }
}

/// An objective that does not exist for a teacher, as with a target token that the teacher does not have.
public struct UnsuitableTeacher: CategorizedError, Equatable {
  /// The objective's specification.
  public let objective: String
  /// The teacher's specification, and the context if it has several.
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
  /// The context, such as `, context 3 ('b')`; empty if the teacher has but one.
  public let place: String
  /// The token of probability 0.
  public let token: Int
  /// Why the teacher may give tokens no mass, and what to do; empty if nothing is known.
  public let reason: String

  public var category: ErrorCategory { .badData }

  /// The specification of a similar teacher under which the objective is finite.
  public var smoothedTeacher: String { "\(teacher):smooth=1e-6" }

  public var description: String {
    "\(objective) is infinite: token \(token) has probability 0 under the teacher \(teacher)\(place)"
      + (reason.isEmpty ? "" : " (\(reason))")
      + "; choose an objective that is finite there, such as fkl, or smooth the teacher, e.g."
      + " \(smoothedTeacher)"
  }
}
