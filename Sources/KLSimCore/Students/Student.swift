// SPDX-License-Identifier: GPL-3.0-or-later

/// A family of parametrised distributions.
public protocol Student: Component {
  /// Whether all contexts of a teacher share one set of parameters, and so must be fitted together.
  static var isShared: Bool { get }

  /// The name of the initialization that is used by default.
  static var defaultInitialization: String { get }

  /// The student of a vocabulary.
  ///
  /// - Parameters:
  ///   - teachers: the teacher of each context, at least one, all of one vocabulary. The student uses
  ///     their rank order, in which tokens are kept, but not their probabilities.
  ///   - positions: the tokens' positions, by token.
  /// - Returns: the map from parameters to logits.
  /// - Throws: `SetupError` if there is no such student.
  func model(
    of teachers: [TeacherDistribution], positions: @autoclosure () -> [Double]
  ) throws -> any StudentModel
}

extension Student {
  public static var isShared: Bool { false }
  public static var defaultInitialization: String { StudentInitialization.name }
}

/// A student of one vocabulary: maps parameters to logits and pulls gradients back.
public protocol StudentModel: Sendable {
  /// The number of parameters.
  var parameterCount: Int { get }

  /// Whether the parameters are the logits of a single context, by rank.
  var parametersAreLogits: Bool { get }

  /// The initial parameters.
  ///
  /// - Parameters:
  ///   - initialization: the initial logits; `StudentInitialization` for the student's own start.
  ///   - seed: the experiment's seed.
  /// - Returns: θ.
  /// - Throws: `SetupError` if the student cannot start from them.
  func start(_ initialization: any Initialization, seed: UInt64) throws -> [Double]

  /// Fills `logits` with the student's logits by rank.
  ///
  /// - Parameters:
  ///   - logits: receives z, V values.
  ///   - context: the context, whose rank order is used.
  ///   - parameters: θ.
  func computeLogits(_ logits: inout [Double], context: Int, of parameters: [Double])

  /// Adds the gradient in the parameters, `Jᵀ ∂L/∂z` with `J = ∂z/∂θ`.
  ///
  /// - Parameters:
  ///   - logitGradient: `∂L/∂z` by rank, V values, which sum to 0.
  ///   - context: the context of these logits.
  ///   - parameters: θ.
  ///   - parameterGradient: receives the sum.
  func pullBack(
    _ logitGradient: [Double], context: Int, at parameters: [Double],
    into parameterGradient: inout [Double])
}

extension StudentModel {
  public var parametersAreLogits: Bool { false }
}

/// One student per context, their parameters one after the other.
struct PerContextModel: StudentModel {
  /// Models of one context each, with the same number of parameters.
  let models: [any StudentModel]

  var parameterCount: Int { models.reduce(0) { $0 + $1.parameterCount } }

  private func range(of context: Int) -> Range<Int> {
    let count = models[context].parameterCount
    return context * count..<(context + 1) * count
  }

  func start(_ initialization: any Initialization, seed: UInt64) throws -> [Double] {
    try models.enumerated().flatMap { context, model in
      try model.start(
        initialization.restricted(to: context..<context + 1, of: models.count), seed: seed)
    }
  }

  func computeLogits(_ logits: inout [Double], context: Int, of parameters: [Double]) {
    models[context].computeLogits(
      &logits, context: 0, of: Array(parameters[range(of: context)]))
  }

  func pullBack(
    _ logitGradient: [Double], context: Int, at parameters: [Double],
    into parameterGradient: inout [Double]
  ) {
    let range = range(of: context)
    var own = Array(parameterGradient[range])
    models[context].pullBack(
      logitGradient, context: 0, at: Array(parameters[range]), into: &own)
    parameterGradient.replaceSubrange(range, with: own)
  }
}

/// The model of one context, or one model per context.
func perContext(
  _ teachers: [TeacherDistribution], _ model: (TeacherDistribution) throws -> any StudentModel
) rethrows -> any StudentModel {
  let models = try teachers.map(model)
  return models.count == 1 ? models[0] : PerContextModel(models: models)
}
