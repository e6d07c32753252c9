// SPDX-License-Identifier: GPL-3.0-or-later

/// A measurement that users can add to the records.
public protocol Metric: Component {
  /// The columns of its values.
  static var columns: [Column] { get }

  /// How many arrays of one number a token it works in: none unless the type says so.
  static var vectorCount: Int { get }

  /// One value per column.
  ///
  /// - Parameter moment: a run at an epoch and a cut.
  /// - Returns: the values in the order of `columns`; nil where there is none.
  func values(at moment: Moment) -> [Double?]
}

extension Metric {
  public static var vectorCount: Int { 0 }
}

/// One run at one epoch and one cut: the input of a metric.
public struct Moment {
  /// Teacher and student.
  public let state: FitState
  /// The number of ranks in the head, in 1…V.
  public let headCount: Int
  /// The errors on head and tail.
  public let errors: HeadTailError
  /// The errors at epoch 0 of the run, recorded or not.
  public let startErrors: HeadTailError
  private let gradient: () -> [Double]

  /// The gradient of the objective in the student's logits by rank, V values: `∂L/∂z`, or the stated
  /// formula where gradients are stopped.
  ///
  /// The loss is the context's own, without its weight; for a `BatchObjective` it is that of all
  /// contexts. Every access evaluates it.
  public var logitGradient: [Double] { gradient() }

  /// The ranks of the head, and those of the tail, which may be empty.
  public var parts: [Range<Int>] { [0..<headCount, headCount..<state.logits.count] }

  /// The means of a number per rank over the head and over the tail; nil for an empty tail.
  func means(_ value: (_ rank: Int) -> Double) -> [Double?] {
    parts.map { ranks in
      ranks.isEmpty ? nil : ranks.reduce(0) { $0 + value($1) } / Double(ranks.count)
    }
  }

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
  ///   - headCount: the number of ranks in the head, in 1…V.
  ///   - start: the state at epoch 0; nil if this is epoch 0.
  ///   - objective: the objective of the run.
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
