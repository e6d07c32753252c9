// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
internal import KLSimNumerics

/// There is no other stationary point.
package struct OneMinimum: Claim {
  package static let name = "one-minimum"
  package static let statement =
    "The gradient of forward and of reverse KL in a softmax student's logits is zero at the teacher"
    + " alone: at a TVD above 0.01, at the start and where 1000 epochs of Adam lead to, a component"
    + " differs from zero by more than rounding, however small it is."
  package static let source =
    "\(PaperSettings.source), section 3: the only stationary point of either KL is q = p"
  package static let setting = "a theorem; teachers and starts here: all"
  package static let kind = ClaimKind.check
  package static let quantity = "log10 of the gradient's largest component"

  package struct Cell: ClaimCell {
    let objective: String
    let epoch: Int

    package static let columns = [Column.objective, Column.epoch]
    package var values: [Value] { [.text(objective), Value(epoch)] }
  }

  private static let epochs = [0, 1000]

  package init() {}

  package func trials() throws -> [Trial<Cell>] {
    try PaperSettings.conditions(
      teachers: ["longtail", "bimodal", "mixture"], optimizers: [("adam", PaperSettings.modeRate)],
      initializations: ["1", "5", "20"].map(PaperSettings.normal)
    ).map { condition in
      let runs = try PairedRuns(
        condition, objectives: PaperSettings.objectives, epochs: Self.epochs[1], recorded: [],
        snapshots: Self.epochs)
      let questions = PaperSettings.objectives.enumerated().flatMap { run, objective in
        Self.epochs.map { epoch in
          FitQuestion(
            Cell(objective: objective, epoch: epoch),
            of: epoch == 0 ? [] : [FittedState(run: run, epoch: epoch)]
          ) { fits in
            let state = fits[run].state(epoch)
            let largest =
              objective == ForwardKL.name
              ? Self.largestForward(state) : Self.largestReverse(state)
            let isThere = state.totalVariation <= Trajectory.convergenceThreshold
            return Outcome(isThere || largest > -.infinity, quantity: largest)
          }
        }
      }
      return Trial(condition, runs: runs, questions: questions)
    }
  }

  private static let logOfTen = VectorKernels.best.logarithms([10])[0]

  /// What rounding can make of a difference that is zero.
  private static let rounding = 1e-12

  /// log10 of the largest `|q − p|`; −∞ if it is of rounding.
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

  package func isPublished(_ evidence: Evidence<Cell>) -> Bool { true }

  package func boundaries(_ evidence: [Evidence<Cell>]) -> [String] {
    [
      Words.exceptions(in: evidence) {
        "\($0.cell.objective) at epoch \($0.cell.epoch) on \($0.condition.words)"
      }
    ]
  }
}
