// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// What an optimizer follows: a loss and a gradient in the student's parameters, exact or estimated.
///
/// `LossFunction` is exact. A signal that is estimated from samples starts its random stream in
/// `begin(seed:)`, so that equal seeds give equal runs; it need not be copyable, since a stream is not.
public protocol LearningSignal: ~Copyable {
  /// The student.
  var model: any StudentModel { get }

  /// Teacher and student of every context at the last evaluation.
  var states: [FitState] { get }

  /// Whether an evaluation depends on the parameters alone; false unless a signal says so.
  var isExact: Bool { get }

  /// Begins a run.
  ///
  /// - Parameter seed: the run's seed.
  mutating func begin(seed: UInt64)

  /// Evaluates the signal.
  ///
  /// - Parameters:
  ///   - parameters: θ.
  ///   - gradient: receives `∂L/∂θ`, an estimate of it, or the stated formula where gradients are
  ///     stopped.
  /// - Returns: the losses, one a context.
  @discardableResult
  mutating func evaluate(at parameters: [Double], gradient: inout [Double]) -> [Double]

  /// Lets an optimizer compute the exponentials of the next softmax while it updates the parameters, if
  /// these are logits.
  ///
  /// The next evaluation must then be at the updated parameters.
  ///
  /// - Parameter step: writes logits and `exp(z − shift)` to its arguments, given the shift.
  /// - Returns: whether the step was made; if not, the optimizer makes it in the ordinary way.
  mutating func advance(
    _ step: (_ logits: inout [Double], _ exponentials: inout [Double], _ shift: Double)
      -> BegunSoftmax
  ) -> Bool

  /// The gradient in the logits of one context at the last evaluation, without the context's weight.
  ///
  /// - Parameters:
  ///   - context: the context.
  ///   - gradient: the gradient in θ of that evaluation.
  /// - Returns: one value a rank.
  func logitGradient(context: Int, from gradient: [Double]) -> [Double]
}

extension LearningSignal where Self: ~Copyable {
  public var isExact: Bool { false }

  public mutating func advance(
    _ step: (_ logits: inout [Double], _ exponentials: inout [Double], _ shift: Double)
      -> BegunSoftmax
  ) -> Bool { false }
}

/// The loss of one run as a function of the student's parameters.
///
///     L(θ) = Σ_c w_c L_c,   ∂L/∂θ = Σ_c w_c J_cᵀ ∂L_c/∂z_c
///
/// over the contexts c of the teacher that are fitted together; mostly there is one. A `BatchObjective`
/// has a single loss for all contexts instead. The loss is exact, and independent of the seed.
public struct LossFunction: LearningSignal {
  /// The student.
  public let model: any StudentModel
  private let recipe: ObjectiveRecipe
  /// The objective of each context; none if `batch` is the objective of all.
  private var objectives: [BoundObjective] = []
  private var batch: (any BatchEvaluator)?
  /// The factor of each context's gradient.
  private let weights: [Double]
  /// Teacher and student of every context at the last evaluation.
  public private(set) var states: [FitState]
  /// Whether an optimizer has moved the states to the parameters of the next evaluation.
  private var hasAdvanced = false
  private var logitGradients: [[Double]]
  /// One of them times its weight.
  private var weighted: [Double]

  /// The loss of the runs of a batch.
  ///
  /// - Parameters:
  ///   - batch: the runs, which use it one after the other.
  ///   - kernels: the vector kernels to compute with.
  package init(of batch: FitBatch, kernels: VectorKernels = .best) {
    let recipe = batch.setup.objective.component
    self.recipe = recipe
    model = batch.model
    states = batch.teachers.map {
      FitState(teacher: $0, logits: $0.probabilities, views: recipe.views, kernels: kernels)
    }
    if states.count > 1, let objective = recipe.objective as? any BatchObjective {
      weights = batch.weights.map { _ in 1 }
      let softened = states.map { $0.view(at: recipe.temperature).teacher }
      self.batch = objective.evaluator(for: softened, kernels: kernels)
    } else {
      weights = batch.weights
      objectives = states.map { BoundObjective(recipe, at: $0) }
    }
    logitGradients = batch.teachers.map(\.probabilities)
    weighted = logitGradients[0]
  }

  public var isExact: Bool { true }

  public mutating func begin(seed: UInt64) { hasAdvanced = false }

  public mutating func advance(
    _ step: (_ logits: inout [Double], _ exponentials: inout [Double], _ shift: Double)
      -> BegunSoftmax
  ) -> Bool {
    guard model.parametersAreLogits else { return false }
    states[0].advance(step)
    hasAdvanced = true
    return true
  }

  /// Evaluates the loss and its gradient.
  ///
  /// - Parameters:
  ///   - parameters: θ.
  ///   - gradient: receives `∂L/∂θ`, or the stated formula where gradients are stopped.
  /// - Returns: `L_c`, one a context; for a `BatchObjective` the common loss, as many times.
  @discardableResult
  public mutating func evaluate(
    at parameters: [Double], gradient: inout [Double]
  ) -> [Double] {
    if model.parametersAreLogits {
      if !hasAdvanced { states[0].update(to: parameters) }
      hasAdvanced = false
      swap(&gradient, &logitGradients[0])
      let losses = contextLosses()
      swap(&gradient, &logitGradients[0])
      return losses
    }
    let model = model
    for index in gradient.indices { gradient[index] = 0 }
    for context in states.indices {
      states[context].update { model.computeLogits(&$0, context: context, of: parameters) }
    }
    let losses = contextLosses()
    for context in states.indices {
      let weight = weights[context]
      if weight != 1 {
        for rank in weighted.indices { weighted[rank] = weight * logitGradients[context][rank] }
      }
      model.pullBack(
        weight == 1 ? logitGradients[context] : weighted, context: context, at: parameters,
        into: &gradient)
    }
    return losses
  }

  /// The reduced values of all contexts, and their gradients; the value of a batch is the same for all.
  private mutating func contextLosses() -> [Double] {
    guard batch != nil else {
      var own: [FitState] = []
      swap(&own, &states)
      defer { swap(&own, &states) }
      return objectives.indices.map { context in
        objectives[context].loss(at: context, of: &own, gradient: &logitGradients[context])
      }
    }
    let views = states.map { $0.view(at: recipe.temperature) }
    let loss = batch?.loss(at: views, gradients: &logitGradients) ?? 0
    return states.indices.map {
      recipe.scaled(loss, gradient: &logitGradients[$0], kernels: states[$0].kernels)
    }
  }

  public func logitGradient(context: Int, from gradient: [Double]) -> [Double] {
    model.parametersAreLogits ? gradient : logitGradients[context]
  }
}
