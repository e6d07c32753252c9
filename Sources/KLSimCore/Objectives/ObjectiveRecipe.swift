// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// An objective with what every objective takes.
public struct ObjectiveRecipe: Sendable {
  /// How per-token terms become one loss.
  public enum Reduction: String, ParameterChoice {
    /// The divergence itself.
    case sum
    /// The divergence divided by V, as the paper's notebooks do.
    case mean
  }

  static let reduction = Parameter(
    "reduction", default: Reduction.sum, summary: "mean divides loss and gradient by V")
  static let temperature = Parameter(
    "temperature", default: 1, .positive, summary: "T of softmax(t/T) and softmax(z/T)")
  static let temperatureScale = Parameter(
    "temperature-scale", default: true, summary: "whether T² multiplies the objective at T")

  /// The keys every objective takes after its own, unless it refuses them.
  static let parameters: [any ParameterDeclaration] = [reduction, temperature, temperatureScale]

  /// The objective itself.
  public let objective: any Objective
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

  /// How teacher and student will be looked at.
  var views: [FitState.View] {
    let views = objective.views.map {
      FitState.View(temperature: $0.temperature * temperature, term: $0.term)
    }
    // The objective itself is not at T unless its own views are at 1.
    return views.contains { $0.temperature == temperature }
      ? views : views + [FitState.View(temperature: temperature)]
  }

  /// The objective as a blend of the two KLs of p and q themselves, nil if it is none.
  var blend: (any KLBlend)? { temperature == 1 ? objective.blend : nil }

  /// The softened and reduced value, and its gradient.
  ///
  ///     L_T = T² D(softmax(t/T), softmax(z/T)),   g_T = T g_D;   both over T² without the scale
  ///
  /// - Parameters:
  ///   - state: teacher and student.
  ///   - gradient: receives the gradient in the logits by rank, V values.
  /// - Returns: the loss.
  public func loss(at state: FitState, gradient: inout [Double]) -> Double {
    var loss: Double
    if temperature == 1 {
      loss = objective.loss(at: state, gradient: &gradient)
    } else {
      loss = objective.loss(at: state.view(at: temperature), gradient: &gradient)
      if temperatureScale { loss *= temperature * temperature }
      state.kernels.scale(&gradient, by: temperatureScale ? temperature : 1 / temperature)
    }
    guard reduction == .mean else { return loss }
    let divisor = divisor(vocabularySize: gradient.count)
    state.kernels.divide(&gradient, by: divisor)
    return loss / divisor
  }

  /// The gradient alone.
  func gradient(at state: FitState) -> [Double] {
    var gradient = state.logits
    _ = loss(at: state, gradient: &gradient)
    return gradient
  }

  /// What loss and gradient are divided by: 1, or V.
  func divisor(vocabularySize: Int) -> Double {
    reduction == .mean ? Double(vocabularySize) : 1
  }
}

extension Chosen<ObjectiveRecipe> {
  /// Refuses a teacher under which the loss is infinite or does not exist.
  ///
  /// - Parameters:
  ///   - distribution: the teacher.
  ///   - name: the teacher's specification, for the error.
  /// - Throws: `InfiniteObjective`, which names the token, or `UnsuitableTeacher`.
  public func check(_ distribution: TeacherDistribution, named name: String) throws {
    if let reason = component.objective.refusal(of: distribution) {
      throw UnsuitableTeacher(objective: specification, teacher: name, reason: reason)
    }
    if let token = component.objective.infiniteToken(under: distribution) {
      throw InfiniteObjective(objective: specification, teacher: name, token: token)
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
