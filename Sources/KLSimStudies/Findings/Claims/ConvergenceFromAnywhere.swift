// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore

/// Convergence as the start gets wider, over optimizers and learning rates, as a survival curve.
public struct ConvergenceFromAnywhere: Claim {
  public static let name = "convergence-init"
  public static let statement =
    "Forward and reverse KL bring a softmax student to within a TVD of 0.01 of its teacher from"
    + " every start and with every optimizer, given 1000 epochs."
  public static let source = "\(PaperSettings.source), section 3, without its choice of start"
  public static let cellColumns = [Column.objective, Column.epoch]
  public static let quantity = "the first epoch with TVD < 0.01, 1000 where there is none"

  private static let last = 1000
  private static let epochs =
    Array(stride(from: 10, through: 100, by: 10)) + [125, 150, 175, 200, 250, 300, 400, 500]
    + [600, 700, 800, 900, last]
  private static let spreads = ["0.3", "1", "2", "3", "5", "7", "10", "15", "20"]
  private static let optimizers: [(name: String, learningRate: Double)] = [
    ("adam", 0.05), ("adam", 0.2), ("adam", 1), ("sgd", 1), ("sgd", 10),
  ]

  public init() {}

  public func trials() throws -> [Trial] {
    try PaperSettings.conditions(
      teachers: ["longtail", "bimodal"], optimizers: Self.optimizers,
      initializations: [PaperSettings.longTail.initialization]
        + Self.spreads.map(PaperSettings.normal)
    ).map { condition in
      let runs = try PairedRuns(
        condition, objectives: PaperSettings.objectives, epochs: Self.last, recorded: [])
      let cells = PaperSettings.objectives.flatMap { objective in
        Self.epochs.map { [objective, $0.description] }
      }
      return Trial(condition: condition, cells: cells) {
        try runs($0, $1).map { seed in
          seed.flatMap { run in
            // A mean over those alone that get there would flatter whoever loses many.
            let reached = run.convergenceEpoch
            return Self.epochs.map { epoch in
              Outcome(
                reached.map { $0 <= epoch } ?? false, quantity: Double(reached ?? Self.last))
            }
          }
        }
      }
    }
  }

  public func covers(_ evidence: Evidence) -> Bool { evidence.cell[1] == Self.last.description }

  public func isHeadline(_ evidence: Evidence) -> Bool {
    covers(evidence) && evidence.condition == PaperSettings.longTail
  }

  public func boundaries(_ evidence: [Evidence]) -> [String] {
    evidence.filter(covers).publishedFirst(by: \.place).map { place, reached in
      let parts = PaperSettings.objectives.map { objective in
        let own = reached.filter {
          $0.condition.initialization != PaperSettings.longTail.initialization
            && $0.cell[0] == objective
        }
        return "\(objective) \(Self.spread(own))"
      }
      return "\(place): \(parts.joined(separator: ", "))"
    }
  }

  /// Up to which spread of the start the runs get there.
  private static func spread(_ evidence: [Evidence]) -> String {
    let verdicts = evidence.map(\.verdict)
    guard let end = verdicts.firstIndex(where: { $0 != .holds }) else {
      return "for all normal starts up to σ = \(spreads[spreads.count - 1])"
    }
    let widest = spreads.count - 1
    let reached = "\(percent(evidence[widest].observedShare)) at σ = \(spreads[widest])"
    return end == 0
      ? "for none of the normal starts (\(reached))"
      : "for normal starts up to σ = \(spreads[end - 1]) (\(reached))"
  }

  public var figures: [FigureRequest] {
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
