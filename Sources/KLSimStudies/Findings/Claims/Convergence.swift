// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore

/// Both divergences lead a softmax student to its teacher in the time the paper gives them.
public struct Convergence: Claim {
  public static let name = "convergence"
  public static let statement =
    "After 200 epochs of Adam, a softmax student is within a TVD of 0.01 of its teacher, under"
    + " forward and under reverse KL."
  public static let source = "\(PaperSettings.source), section 3: both KLs converge"
  public static let cellColumns = [Column.objective]
  public static let quantity = "the TVD at epoch 200"

  public init() {}

  public func trials() throws -> [Trial] {
    try PaperSettings.conditions(
      teachers: PaperSettings.teachers,
      optimizers: PaperSettings.learningRates.map { ("adam", $0) }
    ).map { condition in
      let runs = try PairedRuns(
        condition, objectives: PaperSettings.objectives, epochs: PaperSettings.epochs,
        recorded: [PaperSettings.epochs])
      return Trial(condition: condition, cells: PaperSettings.objectives.map { [$0] }) {
        try runs($0, $1).map { seed in
          seed.map { run in
            let distance = run.records[0].totalVariation
            return Outcome(distance < Trajectory.convergenceThreshold, quantity: distance)
          }
        }
      }
    }
  }

  public func boundaries(_ evidence: [Evidence]) -> [String] {
    [Words.exceptions(in: evidence) { "\($0.cell[0]) on \($0.condition.words)" }]
  }
}
