// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimStudies
package import KLSimCore

/// Convergence as the start gets wider, over optimizers and learning rates, as a survival curve.
package struct ConvergenceFromAnywhere: Claim {
  package static let name = "convergence-init"
  package static let statement =
    "Forward and reverse KL bring a softmax student to within a TVD of 0.01 of its teacher from"
    + " every start and with every optimizer, given 1000 epochs."
  package static let source = "\(PaperSettings.source), section 3, without its choice of start"
  package static let setting =
    "longtail, Adam at 0.2, and bimodal, Adam at 0.1; start torch-uniform, epoch 1000"
  package static let quantity = "the first epoch with TVD < 0.01, 1000 where there is none"

  package struct Cell: ClaimCell {
    let objective: String
    let epoch: Int

    package static let columns = [Column.objective, Column.epoch]
    package var values: [Value] { [.text(objective), Value(epoch)] }
  }

  private static let last = 1000
  private static let epochs =
    Array(stride(from: 10, through: 100, by: 10)) + [125, 150, 175, 200, 250, 300, 400, 500]
    + [600, 700, 800, 900, last]
  private static let spreads = ["0.3", "1", "2", "3", "5", "7", "10", "15", "20"]
  private static let optimizers: [(name: String, learningRate: Double)] = [
    ("adam", 0.05), ("adam", 0.1), ("adam", 0.2), ("adam", 1), ("sgd", 1), ("sgd", 10),
  ]

  package init() {}

  package func trials() throws -> [Trial<Cell>] {
    try PaperSettings.conditions(
      teachers: ["longtail", "bimodal"], optimizers: Self.optimizers,
      initializations: [PaperSettings.longTail.initialization]
        + Self.spreads.map(PaperSettings.normal)
    ).map { condition in
      let runs = try PairedRuns(
        condition, objectives: PaperSettings.objectives, epochs: Self.last, recorded: [])
      let questions = PaperSettings.objectives.enumerated().flatMap { run, objective in
        Self.epochs.map { epoch in
          FitQuestion(
            Cell(objective: objective, epoch: epoch), of: [FittedState(run: run, epoch: epoch)]
          ) { fits in
            // A mean over those alone that get there would flatter whoever loses many.
            let reached = fits[run].trajectory.convergenceEpoch
            return Outcome(
              reached.map { $0 <= epoch } ?? false, quantity: Double(reached ?? Self.last))
          }
        }
      }
      return Trial(condition, runs: runs, questions: questions)
    }
  }

  package func covers(_ evidence: Evidence<Cell>) -> Bool { evidence.cell.epoch == Self.last }

  package func isPublished(_ evidence: Evidence<Cell>) -> Bool {
    covers(evidence)
      && (evidence.condition == PaperSettings.longTail || evidence.condition.isPublishedModes)
  }

  package func boundaries(_ evidence: [Evidence<Cell>]) -> [String] {
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

  /// Up to which spread of the start the runs get there, by teacher and learning rate.
  private static func widest(_ evidence: [Evidence<Cell>]) -> String {
    let ends = evidence.grouped(by: \.condition.place).map { _, own in
      // The last that holds before one that does not; a chaotic one says nothing.
      let reached = own.prefix { $0.verdict == .holds || $0.verdict == .chaotic }
      return (reached.lastIndex { $0.verdict == .holds } ?? -1) + 1
    }
    func name(_ count: Int) -> String {
      count == 0 ? "none" : "up to σ = \(spreads[count - 1])"
    }
    let (least, most) = (ends.min() ?? 0, ends.max() ?? 0)
    guard least < most else {
      return "of the starts N(0, σ²) \(name(most)) in all conditions"
    }
    return
      "of the starts N(0, σ²) \(name(least)) … \(name(most)), by teacher and learning rate"
  }

  package var figures: [FigureRequest] {
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
