// SPDX-License-Identifier: GPL-3.0-or-later

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

  /// The keys every objective takes after its own.
  static let parameters: [any ParameterDeclaration] = [reduction]

  /// The objective itself.
  public let objective: any Objective
  let reduction: Reduction

  init(objective: any Objective, _ values: Parameters) {
    self.objective = objective
    reduction = values[Self.reduction]
  }

  /// The reduced value, and the reduced gradient.
  ///
  /// - Parameters:
  ///   - state: teacher and student.
  ///   - gradient: receives the gradient in the logits by rank, V values.
  /// - Returns: the loss.
  public func loss(at state: FitState, gradient: inout [Double]) -> Double {
    let loss = objective.loss(at: state, gradient: &gradient)
    guard reduction == .mean else { return loss }
    let divisor = divisor(vocabularySize: gradient.count)
    for rank in gradient.indices { gradient[rank] /= divisor }
    return loss / divisor
  }

  /// What loss and gradient are divided by: 1, or V.
  func divisor(vocabularySize: Int) -> Double {
    reduction == .mean ? Double(vocabularySize) : 1
  }
}

extension Chosen<ObjectiveRecipe> {
  /// Refuses a teacher under which the loss is infinite.
  ///
  /// - Parameters:
  ///   - distribution: the teacher.
  ///   - name: the teacher's specification, for the error.
  /// - Throws: `InfiniteObjective`, which names the token.
  public func check(
    _ distribution: TeacherDistribution, named name: String
  ) throws(InfiniteObjective) {
    guard component.objective.needsFullSupport, let token = distribution.firstZeroToken else {
      return
    }
    throw InfiniteObjective(objective: specification, teacher: name, token: token)
  }
}

/// An objective that is infinite because the teacher gives a token no mass.
public struct InfiniteObjective: Error, Equatable, CustomStringConvertible {
  /// The objective's specification.
  public let objective: String
  /// The teacher's specification.
  public let teacher: String
  /// The token of probability 0.
  public let token: Int

  public var description: String {
    // As a shell reads it back.
    let quotedTeacher = teacher.split(separator: "'", omittingEmptySubsequences: false)
      .joined(separator: "'\\''")
    return "\(objective) is infinite: the teacher \(teacher) gives token \(token) probability 0; "
      + "smooth it, e.g. --teacher '\(quotedTeacher):smooth=1e-6'"
  }
}
