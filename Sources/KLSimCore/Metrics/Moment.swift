// SPDX-License-Identifier: GPL-3.0-or-later

/// One run at one epoch, seen at one cut: all that a metric can ask for.
public struct Moment {
  /// Teacher and student.
  public let state: FitState
  /// How many ranks are head, in 1…V.
  public let headCount: Int
  /// The errors on head and tail.
  public let errors: HeadTailError
  /// The errors at epoch 0 of the run, recorded or not.
  public let startErrors: HeadTailError
  private let gradient: () -> [Double]

  /// The gradient of the objective in the student's logits by rank, V values: `∂L/∂z`, or the stated
  /// formula where gradients are stopped.
  ///
  /// It is that of the context's own loss, whatever the context weighs; of a `BatchObjective` that
  /// of the loss of all contexts. A student of few parameters has it before it is pulled back.
  public var logitGradient: [Double] { gradient() }

  /// The ranks of the head, and those of the tail, which may be none.
  public var parts: [Range<Int>] {
    [0..<headCount, headCount..<state.logits.count]
  }

  /// A moment of a fit.
  init(
    state: FitState, headCount: Int, errors: HeadTailError, startErrors: HeadTailError,
    logitGradient: @escaping () -> [Double]
  ) {
    self.state = state
    self.headCount = headCount
    self.errors = errors
    self.startErrors = startErrors
    gradient = logitGradient
  }

  /// A moment of a run of one context.
  ///
  /// - Parameters:
  ///   - state: teacher and student.
  ///   - headCount: how many ranks are head, in 1…V.
  ///   - start: the same at epoch 0; nil if this is epoch 0.
  ///   - objective: what the run minimises.
  package init(
    _ state: FitState, headCount: Int, since start: FitState? = nil,
    minimising objective: ObjectiveRecipe
  ) {
    let errors = state.headTailErrors(headCounts: [headCount])[0]
    self.init(
      state: state, headCount: headCount, errors: errors,
      startErrors: start.map { $0.headTailErrors(headCounts: [headCount])[0] } ?? errors,
      logitGradient: { objective.evaluate(at: state).gradient })
  }
}
