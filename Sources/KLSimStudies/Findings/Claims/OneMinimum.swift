// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore
internal import KLSimNumerics

/// There is nowhere else to get stuck.
public struct OneMinimum: Claim {
  public static let name = "one-minimum"
  public static let statement =
    "The gradient of forward and of reverse KL in a softmax student's logits vanishes only where"
    + " the student equals the teacher: no start, and nothing that 1000 epochs of Adam lead to, has"
    + " a gradient below 1e-6 (sum of magnitudes) at a TVD above 0.01."
  public static let source =
    "\(PaperSettings.source), section 3: the only stationary point of either KL is q = p"
  public static let cellColumns = [
    Column.objective,
    Column("moment", .text, "start: before any update; end: after 1000 epochs"),
  ]
  public static let quantity = "the TVD at that moment"

  private static let last = 1000
  /// Below this a gradient counts as none.
  private static let flat = 1e-6

  public init() {}

  public func trials() throws -> [Trial] {
    try PaperSettings.conditions(
      teachers: ["longtail", "bimodal", "mixture"], optimizers: [("adam", 0.1)],
      initializations: ["1", "3", "5", "10", "20"].map(PaperSettings.normal)
    ).map { condition in
      let runs = try PairedRuns(
        condition, objectives: PaperSettings.objectives, epochs: Self.last, recorded: [],
        snapshots: [0, Self.last])
      let objectives = try PaperSettings.objectives.map { try Catalog.objective($0).component }
      let cells = PaperSettings.objectives.flatMap { [[$0, "start"], [$0, "end"]] }
      return Trial(condition: condition, cells: cells) { seeds, kernels in
        try runs(seeds, kernels).map { seed in
          zip(seed, objectives).flatMap { run, objective in
            run.snapshots.map { snapshot in
              let state = FitState(
                teacher: run.teacher, logits: snapshot.logProbabilities, kernels: kernels)
              let slope = objective.evaluate(at: state).gradient.reduce(0) { $0 + abs($1) }
              let isThere = state.totalVariation <= Trajectory.convergenceThreshold
              return Outcome(slope >= Self.flat || isThere, quantity: state.totalVariation)
            }
          }
        }
      }
    }
  }

  public func isHeadline(_ evidence: Evidence) -> Bool {
    evidence.condition.initialization == PaperSettings.normal("1")
  }

  public func boundaries(_ evidence: [Evidence]) -> [String] {
    let all = Words.exceptions(in: evidence) {
      "\($0.cell[0]) at the \($0.cell[1]) on \($0.condition.teacher), \($0.condition.initialization)"
    }
    let parts = PaperSettings.objectives.map { objective in
      "under \(objective): "
        + Words.exceptions(in: evidence.filter { $0.cell[0] == objective }, most: 12) {
          "the \($0.cell[1]) on \($0.condition.teacher), \($0.condition.initialization)"
        }
    }
    return [all] + parts
  }
}
