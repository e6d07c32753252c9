// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimNumerics

/// The KLs have no stationary point but the teacher.
struct OneMinimum: Claim {
  static let name = "one-minimum"
  static let statement =
    "The gradient of forward and of reverse KL in a softmax student's logits is zero at the teacher"
    + " alone: at a TVD above 0.01, at the start and where 1000 epochs of Adam lead to, a component"
    + " differs from zero by more than rounding, however small it is."
  static let source =
    "\(PaperSettings.source), section 3: the only stationary point of either KL is q = p"
  static let setting = "a theorem; teachers and starts here: all"
  static let kind = ClaimKind.check
  static let quantity = "log10 of the gradient's largest component"

  private static let epochs = [0, 1000]

  func trials() throws -> [Trial<ObjectiveCell>] {
    try PaperSettings.conditions(
      teachers: ["longtail", "bimodal", "mixture"], optimizers: [("adam", PaperSettings.modeRate)],
      initializations: ["1", "5", "20"].map(PaperSettings.normal)
    ).map { condition in
      let runs = try PairedRuns(
        condition, objectives: PaperSettings.objectives, epochs: Self.epochs[1], recorded: [],
        snapshots: Self.epochs)
      let questions = FitQuestion.each(at: Self.epochs) { fit, cell in
        let state = fit.state(cell.epoch)
        let largest =
          cell.objective == ForwardKL.name
          ? Self.largestForward(state) : Self.largestReverse(state)
        let isThere = state.totalVariation <= Trajectory.convergenceThreshold
        return Outcome(isThere || largest > -.infinity, quantity: largest)
      }
      return Trial(condition, runs: runs, questions: questions)
    }
  }

  private static let logOfTen = VectorKernels.best.logarithms([10])[0]

  /// The largest difference that rounding alone can cause.
  private static let rounding = 1e-12

  /// log10 of the largest `|q − p|`; −∞ if it is only rounding.
  static func largestForward(_ state: FitState) -> Double {
    let largest = zip(state.probabilities, state.teacher.probabilities).map { abs($0 - $1) }.max()
    guard let largest, largest > rounding else { return -.infinity }
    return VectorKernels.best.logarithms([largest])[0] / logOfTen
  }

  /// log10 of the largest `q |log q − log p − RKL|`, from logarithms, so that q does not underflow.
  static func largestReverse(_ state: FitState) -> Double {
    let slopes = zip(state.logProbabilities, state.teacher.logProbabilities).map { logQ, logP in
      (logQ: logQ, slope: abs(logQ - logP - state.reverseKL), size: abs(logQ) + abs(logP))
    }
    let real = slopes.filter { $0.slope > rounding * (1 + $0.size) }
    let logSlopes = VectorKernels.best.logarithms(real.map(\.slope))
    let sizes = zip(real, logSlopes).map { $0.logQ + $1 }
    return (sizes.max() ?? -.infinity) / logOfTen
  }

  func isPublished(_ evidence: Evidence<ObjectiveCell>) -> Bool { true }

  func boundaries(_ evidence: [Evidence<ObjectiveCell>]) -> [String] {
    [
      Words.exceptions(in: evidence) {
        "\($0.cell.objective) at epoch \($0.cell.epoch) on \($0.condition.words)"
      }
    ]
  }
}
