// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimStudies
internal import KLSimCore

/// Which tokens each KL moves towards the teacher.
///
/// In the logits forward KL's gradient is q − p, which has the right sign at every token: an identity, which no
/// verdict counts. Reverse KL's is `q (log(q/p) − KL(q‖p))`: it raises the tokens with
/// 0 < log(q/p) < KL(q‖p), which are too probable already. Near the teacher that band is narrow: KL(q‖p) is of
/// second order in log(q/p).
struct TokenwisePremise: Claim {
  static let name = "todi-premise"
  static let statement =
    "Along training reverse KL lowers the tokens that the student overestimates, as forward KL raises those"
    + " that it underestimates: the gradient in the logits has the wrong sign at less than 5 % of them."
  static let source = "Jung et al., ToDi, arXiv 2505.16297"
  static let setting =
    "chosen here: longtail, Adam at 0.2, start torch-uniform, epochs 0 to 200, reverse KL; forward"
    + " KL, whose gradient is q − p, is not counted"
  static let quantity =
    "the share of those tokens at which the gradient has the wrong sign; missing, and the cell not counted,"
    + " if a student has reached its teacher: KL(q‖p) up to 1e-12"

  struct Cell: ClaimCell {
    enum Side: String, Sendable, CaseIterable {
      case underestimated, overestimated
    }

    let objective: String
    let side: Side
    let epoch: Int

    static let columns = [
      Column.objective,
      Column(
        key: "tokens", .text,
        "underestimated: q < p, to be raised; overestimated: q > p, to be lowered; by more than 1e-12 p"
      ),
      Column.epoch,
    ]
    var values: [Value] { [.text(objective), .text(side.rawValue), Value(epoch)] }
  }

  private static let epochs = [0, 1, 5, 10, 50, 200]
  /// Smaller logarithms of q/p, and a smaller KL(q‖p), could be rounding.
  private static let rounding = 1e-12

  func trials() throws -> [Trial<Cell>] {
    try PaperSettings.conditions(
      teachers: ["longtail", "bimodal", "zipf:size=80", "softmax-normal"],
      optimizers: [("adam", 0.2), ("sgd", 10)],
      initializations: ["torch-uniform", "normal:sigma=3"]
    ).map { condition in
      let objectives = PaperSettings.objectives
      let runs = try PairedRuns(
        condition, objectives: objectives, epochs: Self.epochs[Self.epochs.count - 1], heads: [],
        recorded: [], snapshots: Self.epochs)
      let questions = try objectives.enumerated().flatMap { run, name in
        let objective = try Catalog.objective(name).component
        return Cell.Side.allCases.flatMap { side in
          Self.epochs.map { epoch in
            let states = epoch == 0 ? [] : [FittedState(run: run, epoch: epoch)]
            return FitQuestion(Cell(objective: name, side: side, epoch: epoch), of: states) {
              let share = Self.mistakenShare(of: objective, on: side, at: $0[run].state(epoch))
              return Outcome(share < 0.05, quantity: share)
            }
          }
        }
      }
      return Trial(condition, runs: runs, questions: questions)
    }
  }

  /// The share of a side's tokens that a step against the gradient moves away from the teacher; NaN if the
  /// student has reached it.
  static func mistakenShare(
    of objective: ObjectiveRecipe, on side: Cell.Side, at state: FitState
  ) -> Double {
    guard state.reverseKL > rounding else { return .nan }
    let sign: Double = side == .overestimated ? 1 : -1
    let gradient = objective.evaluate(at: state).gradient
    let tokens = gradient.indices.filter {
      sign * (state.logProbabilities[$0] - state.teacher.logProbabilities[$0]) > rounding
    }
    let mistaken = tokens.count { sign * gradient[$0] < 0 }
    return Double(mistaken) / Double(tokens.count)
  }

  func covers(_ evidence: Evidence<Cell>) -> Bool {
    evidence.cell.objective == ReverseKL.name && evidence.cell.side == .overestimated
      && evidence.mean != nil
  }

  func isPublished(_ evidence: Evidence<Cell>) -> Bool {
    covers(evidence) && evidence.condition == PaperSettings.longTail
  }

  func boundaries(_ evidence: [Evidence<Cell>]) -> [String] {
    let asked = evidence.filter { $0.mean != nil }
    return (asked.filter(covers) + asked.filter { !covers($0) }).grouped {
      "\($0.cell.objective), \($0.cell.side.rawValue) tokens"
    }.map { name, own in
      let shares = own.grouped(by: \.cell.epoch).map { epoch, own in
        (epoch, Words.range(own.compactMap { $0.mean.map { 100 * $0 } }))
      }
      let wrong =
        Set(shares.map(\.1)).count == 1
        ? "\(shares[0].1) % at every epoch"
        : shares.map { "\($1) % at epoch \($0)" }.joined(separator: ", ")
      return "\(name): \(Words.share(of: own)); wrong signs \(wrong)"
    }
  }
}
