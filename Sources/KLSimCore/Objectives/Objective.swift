// SPDX-License-Identifier: GPL-3.0-or-later

/// What the student minimises: a value, and its gradient in the student's logits.
public protocol Objective: Component {
  /// The key of the temperature at which the whole objective is taken, nil if it cannot be.
  ///
  /// An objective that states another default declares the key among its own.
  static var softening: Parameter<Double>? { get }

  /// How it looks at teacher and student, so that this can be found along with them.
  var views: [FitState.View] { get }

  /// Whether the value is infinite where the teacher gives a token no mass.
  var needsFullSupport: Bool { get }

  /// A token that makes the value infinite because the teacher gives it no mass, nil if none does.
  func infiniteToken(under teacher: TeacherDistribution) -> Int?

  /// Why the objective cannot be had with a teacher, nil if it can.
  func refusal(of teacher: TeacherDistribution) -> String?

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
  public static var softening: Parameter<Double>? { ObjectiveRecipe.temperature }

  public static var refusedParameters: [String] {
    softening == nil
      ? [ObjectiveRecipe.temperature.name, ObjectiveRecipe.temperatureScale.name] : []
  }

  public var views: [FitState.View] { [] }

  public var needsFullSupport: Bool { false }

  public func infiniteToken(under teacher: TeacherDistribution) -> Int? {
    needsFullSupport ? teacher.firstZeroToken : nil
  }

  public func refusal(of teacher: TeacherDistribution) -> String? { nil }

  public var blend: (any KLBlend)? { nil }
}
