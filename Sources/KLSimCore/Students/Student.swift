// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// A family of parametrised distributions.
public protocol Student: Component {
  /// Whether one set of parameters serves every context of a teacher, so that its contexts can only
  /// be fitted together.
  static var isShared: Bool { get }

  /// Where it starts unless something else is asked for.
  var defaultStart: Chosen<any Initialization> { get }

  /// The student of a vocabulary.
  ///
  /// - Parameters:
  ///   - teachers: the teacher of each context, at least one, all of one vocabulary. The student
  ///     does not see their probabilities, only the rank order in which its tokens are kept.
  ///   - positions: where the tokens are, by token.
  /// - Returns: the map from parameters to logits.
  /// - Throws: `StudentError` if it cannot be had for them.
  func model(
    of teachers: [TeacherDistribution], positions: @autoclosure () -> [Double]
  ) throws -> any StudentModel
}

extension Student {
  public static var isShared: Bool { false }

  public var defaultStart: Chosen<any Initialization> {
    Chosen(specification: StudentInitialization.name, component: StudentInitialization())
  }
}

/// A student of one vocabulary: maps parameters to logits and pulls a gradient back.
public protocol StudentModel: Sendable {
  /// How many parameters it has.
  var parameterCount: Int { get }

  /// Whether the parameters are the logits of a single context, by rank.
  var parametersAreLogits: Bool { get }

  /// Where it starts.
  ///
  /// - Parameters:
  ///   - initialization: the initial logits asked for; `StudentInitialization` for its own start.
  ///   - seed: the experiment's seed.
  /// - Returns: θ.
  /// - Throws: `InitializationError` if it does not start from these.
  func start(_ initialization: any Initialization, seed: UInt64) throws -> [Double]

  /// Fills `logits` with the student's logits by rank.
  ///
  /// - Parameters:
  ///   - logits: receives z, V values.
  ///   - context: the context, whose rank order it is.
  ///   - parameters: θ.
  func computeLogits(_ logits: inout [Double], context: Int, of parameters: [Double])

  /// Adds what a gradient in the logits is in the parameters, `Jᵀ ∂L/∂z` with `J = ∂z/∂θ`.
  ///
  /// - Parameters:
  ///   - logitGradient: `∂L/∂z` by rank, V values, which sum to 0.
  ///   - context: the context whose logits they are.
  ///   - parameters: θ.
  ///   - parameterGradient: `∂L/∂θ`, to which it is added.
  func pullBack(
    _ logitGradient: [Double], context: Int, at parameters: [Double],
    into parameterGradient: inout [Double])
}

extension StudentModel {
  public var parametersAreLogits: Bool { false }
}

/// A student that does not go with a teacher, an objective or an optimizer.
public struct StudentError: CategorizedError, Equatable {
  public let description: String

  public var category: ErrorCategory { .badData }
}
