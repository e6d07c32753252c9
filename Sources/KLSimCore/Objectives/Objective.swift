// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// What the student minimises: a value, and its gradient in the student's logits.
///
/// Both come from an evaluator, which is the objective bound to one teacher. An objective that needs
/// nothing but the `FitState` conforms to `ObjectiveEvaluator` too and is its own evaluator.
public protocol Objective: Component {
  /// The key of the temperature at which the whole objective is taken, nil if it cannot be.
  ///
  /// An objective that states another default declares the key among its own.
  static var softening: Parameter<Double>? { get }

  /// The temperatures and terms at which it takes teacher and student; they are worked out
  /// together with the student.
  var views: [FitState.View] { get }

  /// Whether the value is infinite where the teacher gives a token no mass.
  var needsFullSupport: Bool { get }

  /// Whether the gradient holds parts of the value constant, so that it is not that of the value.
  var holdsPartsConstant: Bool { get }

  /// Whether the value has corners, where it has no gradient.
  var hasCorners: Bool { get }

  /// Refuses a teacher under which the value is infinite or does not exist.
  ///
  /// The default goes by `needsFullSupport`.
  ///
  /// - Parameter teacher: p.
  /// - Throws: what is wrong with it.
  func check(_ teacher: TeacherDistribution) throws(BindingError)

  /// Binds the objective to a teacher.
  ///
  /// - Parameters:
  ///   - teacher: p, for which the objective exists; where `check` says that the value is infinite,
  ///     the evaluator's is.
  ///   - kernels: the vector kernels for what depends on the teacher alone.
  /// - Returns: what evaluates the objective for students of this teacher.
  func evaluator(
    for teacher: TeacherDistribution, kernels: VectorKernels
  ) -> any ObjectiveEvaluator
}

/// An objective bound to one teacher, with what it knows of the teacher and the arrays it works in.
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
