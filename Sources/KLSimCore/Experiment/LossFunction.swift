// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// The loss of one run as a function of the student's parameters.
///
///     L(θ) = Σ_c w_c L_c,   ∂L/∂θ = Σ_c w_c J_cᵀ ∂L_c/∂z_c
///
/// over the contexts c of the teacher that are fitted together; mostly there is one. The loss of a
/// `BatchObjective` is one of all contexts instead. It is exact: the seed does not matter to it.
public struct LossFunction: LearningSignal {
  /// The student.
  public let model: any StudentModel
  private var objectives: ContextObjectives
  /// What the gradient of each context is multiplied by.
  private let weights: [Double]
  /// Teacher and student of every context where the loss was taken last.
  public private(set) var states: [FitState]
  /// Whether an optimizer has moved the states on to where the loss is to be taken next.
  private var hasAdvanced = false
  private var logitGradients: [[Double]]
  /// One of them times its weight.
  private var weighted: [Double]

  /// The loss of the runs of a batch.
  ///
  /// - Parameters:
  ///   - batch: the runs, which share it one after the other.
  ///   - kernels: the vector kernels to compute with.
  /// - Throws: `InfiniteObjective`, or `UnsuitableTeacher`.
  package init(of batch: FitBatch, kernels: VectorKernels = .best) throws {
    let objective = batch.setup.objective
    model = batch.model
    weights =
      objective.component.objective is any BatchObjective
      ? batch.weights.map { _ in 1 } : batch.weights
    states = batch.teachers.map {
      FitState(
        teacher: $0, logits: $0.probabilities, views: objective.component.views, kernels: kernels)
    }
    objectives = try ContextObjectives(
      objective, at: states, named: batch.setup.teacher.specification, kernels: kernels)
    logitGradients = batch.teachers.map(\.probabilities)
    weighted = logitGradients[0]
  }

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

  /// Takes the loss and its gradient.
  ///
  /// - Parameters:
  ///   - parameters: θ.
  ///   - gradient: receives `∂L/∂θ`, or the stated formula where gradients are stopped.
  /// - Returns: `L_c`, one a context; for a `BatchObjective` that of all, as many times.
  @discardableResult
  public mutating func evaluate(
    at parameters: [Double], gradient: inout [Double]
  ) -> [Double] {
    if model.parametersAreLogits {
      if !hasAdvanced { states[0].update(to: parameters) }
      hasAdvanced = false
      swap(&gradient, &logitGradients[0])
      let losses = objectives.losses(at: states, gradients: &logitGradients)
      swap(&gradient, &logitGradients[0])
      return losses
    }
    let model = model
    for index in gradient.indices { gradient[index] = 0 }
    for context in states.indices {
      states[context].update { model.computeLogits(&$0, context: context, of: parameters) }
    }
    let losses = objectives.losses(at: states, gradients: &logitGradients)
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

  public func logitGradient(context: Int, from gradient: [Double]) -> [Double] {
    model.parametersAreLogits ? gradient : logitGradients[context]
  }
}
