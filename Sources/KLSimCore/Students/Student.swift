// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// A family of parametrised distributions.
public protocol Student: Component {
  /// The name of the initialization that is used by default.
  static var defaultInitialization: String { get }

  /// How many numbers the student of a vocabulary takes, so that the memory of a run is known before it begins.
  ///
  /// - Parameters:
  ///   - size: the vocabulary size, V.
  ///   - contexts: the number of contexts.
  ///   - length: the number of tokens of a history; 0 if the contexts are no histories.
  /// - Returns: about as many.
  func numbers(vocabularySize size: Int, contexts: Int, historyLength length: Int) -> StudentSize

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

/// A family of students whose contexts share one set of parameters, and so are fitted together.
public protocol SharedStudent: Student {
  /// The order of the parameters in θ with the shape of each, for files of parameters; empty unless the
  /// type says it.
  static var parameterOrder: String { get }

  /// The student of some contexts.
  ///
  /// - Parameter contexts: the contexts, at least one.
  /// - Returns: the map from parameters to logits.
  /// - Throws: `SetupError` if there is no such student.
  func model(of contexts: StudentContexts) throws -> any StudentModel

  /// Whether a context that no update uses can share all its parameters with others.
  ///
  /// - Parameter length: the number of tokens of a history; 0 if the contexts are no histories.
  /// - Returns: false if every context has parameters of its own.
  func generalises(fromHistoriesOf length: Int) -> Bool
}

/// How many numbers a student takes.
public struct StudentSize: Sendable {
  /// The number of parameters, P.
  public let parameters: Int
  /// The numbers that are kept, or worked in, however many contexts are asked for at a time.
  public let working: Int
  /// The numbers more that are worked in for each context that is asked for at a time.
  public let workingPerContext: Int

  /// - Parameters:
  ///   - parameters: P.
  ///   - working: as many are kept and worked in.
  ///   - workingPerContext: as many more for each context that is asked for at a time.
  public init(parameters: Int, working: Int = 0, workingPerContext: Int = 0) {
    (self.parameters, self.working) = (parameters, working)
    self.workingPerContext = workingPerContext
  }
}

extension SharedStudent {
  public static var parameterOrder: String { "" }

  public func model(
    of teachers: [TeacherDistribution], positions: @autoclosure () -> [Double]
  ) throws -> any StudentModel {
    try model(of: StudentContexts(teachers))
  }
}

extension Catalog {
  /// Whether a student has one set of parameters for all contexts.
  ///
  /// - Parameter student: its specification.
  /// - Returns: false also for a text that names no student.
  package static func sharesParameters(_ student: String) -> Bool {
    guard let name = try? Specification(parsing: student).name else { return false }
    return (try? students.element(name, kind: StudentAxis.name)) is (any SharedStudent.Type)?
  }
}

/// What a student with shared parameters knows of its contexts.
public struct StudentContexts: Sendable {
  /// The tokens in the rank order of each context.
  public let orders: RankOrders
  /// The tokens before the predicted one, one list a context, all of one length; empty if the contexts
  /// are no histories.
  public let histories: [[Int]]

  /// - Parameters:
  ///   - orders: the tokens in the rank order of each context.
  ///   - histories: the tokens before the predicted one, one list a context, or nothing.
  public init(orders: RankOrders, histories: [[Int]] = []) {
    self.orders = orders
    self.histories = histories
  }

  /// The contexts of some teachers.
  init(_ teachers: some Collection<TeacherDistribution>, histories: [[Int]] = []) {
    var orders = RankOrders(
      vocabularySize: teachers.first?.size ?? 1, capacity: teachers.count)
    for teacher in teachers { orders.append(teacher.tokens) }
    self.init(orders: orders, histories: histories)
  }
}

extension Student {
  public static var defaultInitialization: String { StudentInitialization.name }
}

/// A student of one vocabulary: maps parameters to logits and pulls gradients back.
public protocol StudentModel: Sendable {
  /// The number of parameters.
  var parameterCount: Int { get }

  /// The parameters that belong to no context alone, in the order of θ: students of one family, vocabulary
  /// and length of history have as many whatever their contexts. None unless the type says so.
  var sharedParameters: Range<Int> { get }

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

  /// Fills `logits` with those of several contexts, as `computeLogits(_:context:of:)` does one by one.
  ///
  /// - Parameters:
  ///   - logits: receives z, contexts × V values by rank.
  ///   - contexts: the contexts; one may come several times.
  ///   - parameters: θ.
  ///   - kernels: the vector kernels to compute with.
  func computeLogits(
    _ logits: inout [Double], contexts: [Int], of parameters: [Double], kernels: VectorKernels)

  /// Adds the gradients of several contexts in the parameters, in their order, as
  /// `pullBack(_:context:at:into:)` does one by one.
  ///
  /// - Parameters:
  ///   - logitGradients: `∂L/∂z`, contexts × V values by rank.
  ///   - contexts: the contexts of these logits.
  ///   - parameters: θ.
  ///   - parameterGradient: receives the sum.
  ///   - kernels: the vector kernels to compute with.
  func pullBack(
    _ logitGradients: [Double], contexts: [Int], at parameters: [Double],
    into parameterGradient: inout [Double], kernels: VectorKernels)
}

extension StudentModel {
  public var sharedParameters: Range<Int> { 0..<0 }

  public var parametersAreLogits: Bool { false }

  public func computeLogits(
    _ logits: inout [Double], contexts: [Int], of parameters: [Double], kernels: VectorKernels
  ) {
    let size = logits.count / contexts.count
    var row = [Double](repeating: 0, count: size)
    for (place, context) in contexts.enumerated() {
      computeLogits(&row, context: context, of: parameters)
      logits.replaceSubrange(place * size..<(place + 1) * size, with: row)
    }
  }

  public func pullBack(
    _ logitGradients: [Double], contexts: [Int], at parameters: [Double],
    into parameterGradient: inout [Double], kernels: VectorKernels
  ) {
    let size = logitGradients.count / contexts.count
    for (place, context) in contexts.enumerated() {
      pullBack(
        Array(logitGradients[place * size..<(place + 1) * size]), context: context,
        at: parameters, into: &parameterGradient)
    }
  }
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
