// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// What the student minimises: a value, and its gradient in the student's logits.
///
/// Both come from an evaluator, which is the objective bound to one teacher. An objective that needs
/// nothing but the `FitState` conforms to `ObjectiveEvaluator` too and is its own evaluator.
public protocol Objective: Component {
  /// The parameter with the temperature of the whole objective; nil if it takes none.
  ///
  /// An objective with another default declares the parameter among its own.
  static var softening: Parameter<Double>? { get }

  /// The temperatures and terms that it needs; they are computed together with the student.
  var views: [FitState.View] { get }

  /// Whether the value is infinite where the teacher gives a token no mass.
  var needsFullSupport: Bool { get }

  /// Whether the gradient holds parts of the value constant, so that it is not that of the value.
  var holdsPartsConstant: Bool { get }

  /// Whether the value has corners, where it has no gradient.
  var hasCorners: Bool { get }

  /// Refuses a teacher under which the value is infinite or does not exist.
  ///
  /// By default it refuses what `needsFullSupport` excludes.
  ///
  /// - Parameter teacher: p.
  /// - Throws: what is wrong with it.
  func check(_ teacher: TeacherDistribution) throws(BindingError)

  /// How many numbers its evaluators keep and work in beside the states and gradients: 0 unless the type says so.
  ///
  /// So the memory of a run is known before it begins.
  ///
  /// - Parameters:
  ///   - size: the vocabulary size, V.
  ///   - contexts: the number of contexts that are evaluated together.
  /// - Returns: about as many.
  func workingSize(vocabularySize size: Int, contexts: Int) -> Int

  /// Binds the objective to a teacher.
  ///
  /// - Parameters:
  ///   - teacher: p, for which the objective exists; the value may be infinite.
  ///   - kernels: the vector kernels for what depends on the teacher alone.
  /// - Returns: what evaluates the objective for students of this teacher.
  func evaluator(
    for teacher: TeacherDistribution, kernels: VectorKernels
  ) -> any ObjectiveEvaluator
}

/// An objective bound to one teacher, with what depends on the teacher alone, and its working arrays.
public protocol ObjectiveEvaluator: Sendable {
  /// The value, and the gradient.
  ///
  /// - Parameters:
  ///   - state: the teacher it is bound to, and a student.
  ///   - gradient: receives `∂L/∂z` by rank, V values, or the stated formula where gradients are
  ///     stopped.
  /// - Returns: L, nats unless the objective says otherwise.
  mutating func loss(at state: FitState, gradient: inout [Double]) -> Double
}

extension Objective {
  public static var softening: Parameter<Double>? { ObjectiveRecipe.temperature }

  public static var refusedParameters: [String] {
    softening == nil
      ? [ObjectiveRecipe.temperature.name, ObjectiveRecipe.temperatureScale.name] : []
  }

  public var views: [FitState.View] { [] }

  public func workingSize(vocabularySize size: Int, contexts: Int) -> Int { 0 }

  public var needsFullSupport: Bool { false }

  public var holdsPartsConstant: Bool { false }

  public var hasCorners: Bool { false }

  public func check(_ teacher: TeacherDistribution) throws(BindingError) {
    try checkSupport(of: teacher)
  }

  /// Refuses a teacher with a token of no mass if the objective needs full support.
  func checkSupport(of teacher: TeacherDistribution) throws(BindingError) {
    if needsFullSupport, let token = teacher.firstZeroToken { throw .infinite(token: token) }
  }
}

extension Objective where Self: ObjectiveEvaluator {
  public func evaluator(
    for teacher: TeacherDistribution, kernels: VectorKernels
  ) -> any ObjectiveEvaluator { self }
}

/// Why an objective cannot be used with a teacher.
public enum BindingError: Error, Equatable {
  /// The value is infinite, for the teacher gives this token no mass.
  case infinite(token: Int)
  /// There is no value, as with a target token that the teacher does not have; with the reason.
  case unsuitable(reason: String)
}

/// An objective that compares the contexts of a teacher with each other.
///
/// The contexts can only be fitted together, and share one value.
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
