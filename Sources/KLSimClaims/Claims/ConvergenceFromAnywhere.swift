// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimStudies
internal import KLSimCore

/// Convergence as the start gets wider, over optimizers and learning rates, as a survival curve.
struct ConvergenceFromAnywhere: Claim {
  static let name = "convergence-init"
  static let statement =
    "Forward and reverse KL bring a softmax student to within a TVD of 0.01 of its teacher from"
    + " every start and with every optimizer, given 1000 epochs."
  static let source = "\(PaperSettings.source), section 3, without its choice of start"
  static let setting =
    "longtail, Adam at 0.2, and bimodal, Adam at 0.1; start torch-uniform, epoch 1000"
  static let quantity = "the first epoch with TVD < 0.01, 1000 where there is none"

  private static let last = 1000
  private static let epochs =
    Array(stride(from: 10, through: 100, by: 10)) + [125, 150, 175, 200, 250, 300, 400, 500]
    + [600, 700, 800, 900, last]
  private static let spreads = ["0.3", "1", "2", "3", "5", "7", "10", "15", "20"]

  func trials() throws -> [Trial<ObjectiveCell>] {
    try PaperSettings.conditions(
      teachers: ["longtail", "bimodal"],
      optimizers: [
        ("adam", 0.05), ("adam", 0.1), ("adam", 0.2), ("adam", 1), ("sgd", 1), ("sgd", 10),
      ],
      initializations: [PaperSettings.longTail.initialization]
        + Self.spreads.map(PaperSettings.normal)
    ).map { condition in
      let runs = try PairedRuns(
        condition, objectives: PaperSettings.objectives, epochs: Self.last, recorded: [])
      let questions = FitQuestion.each(at: Self.epochs) { fit, cell in
        // Runs that never converge count as `last`: without them the mean would look too good.
        let reached = fit.trajectory.convergenceEpoch
        return Outcome(
          reached.map { $0 <= cell.epoch } ?? false, quantity: Double(reached ?? Self.last))
      }
      return Trial(condition, runs: runs, questions: questions)
    }
  }

  func covers(_ evidence: Evidence<ObjectiveCell>) -> Bool { evidence.cell.epoch == Self.last }

  func isPublished(_ evidence: Evidence<ObjectiveCell>) -> Bool {
    covers(evidence)
      && (evidence.condition == PaperSettings.longTail || evidence.condition.isPublishedModes)
  }

  func boundaries(_ evidence: [Evidence<ObjectiveCell>]) -> [String] {
    let reached = evidence.filter(covers)
    let published = reached.filter(\.condition.startsAsPublished)
    return [
      "from the published start: "
        + Words.exceptions(in: published) { "\($0.cell.objective) \($0.condition.place)" }
    ]
      + PaperSettings.objectives.flatMap { objective in
        ["adam", "sgd"].map { optimizer in
          let own = reached.filter {
            !$0.condition.startsAsPublished && $0.cell.objective == objective
              && $0.condition.optimizer == optimizer
          }
          return "\(objective) with \(optimizer): \(Self.widest(own))"
        }
      }
  }

  /// The widest start from which the runs converge, by teacher and learning rate.
  private static func widest(_ evidence: [Evidence<ObjectiveCell>]) -> String {
    let ends = evidence.grouped(by: \.condition.place).map { _, own in
      // The last that holds before the first that does not; chaotic ones have no verdict.
      let reached = own.prefix { $0.verdict == .holds || $0.verdict == .chaotic }
      return (reached.lastIndex { $0.verdict == .holds } ?? -1) + 1
    }
    func name(_ count: Int) -> String {
      count == 0 ? "none" : "up to σ = \(spreads[count - 1])"
    }
    let (least, most) = (ends.min() ?? 0, ends.max() ?? 0)
    return "of the starts N(0, σ²) "
      + (least < most
        ? "\(name(least)) … \(name(most)), by teacher and learning rate"
        : "\(name(most)) in all conditions")
  }

  var figures: [FigureRequest] {
    ["3", "10", "20"].map { spread in
      FigureRequest(
        name: "\(Self.name)-longtail-adam-sigma\(spread)", kind: "survival",
        title: "Students not yet within TVD 0.01: longtail, Adam at 0.2, start N(0, \(spread)²)",
        selection: [
          ("teacher", "longtail"), ("optimizer", "adam"), ("learning_rate", "0.2"),
          ("init", PaperSettings.normal(spread)),
        ])
    }
  }
}
