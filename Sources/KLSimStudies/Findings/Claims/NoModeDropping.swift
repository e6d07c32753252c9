// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore
internal import KLSimFiles

/// A softmax student keeps every mode of its teacher.
public struct NoModeDropping: Claim {
  public static let name = "no-mode-dropping"
  public static let statement =
    "A softmax student drops no mode of a multimodal teacher: after 200 epochs its mass near every"
    + " mode is within 0.01 of the teacher's and more than half of it, under forward and under"
    + " reverse KL."
  public static let source = "\(PaperSettings.source), section 3: no mode-seeking"
  public static let cellColumns = [Column.objective]
  public static let quantity = "the largest gap between student and teacher in the mass near a mode"

  public init() {}

  public func trials() throws -> [Trial] {
    try PaperSettings.conditions(
      teachers: [
        "bimodal", "overlapping", "mixture", "mixture:weights=0.9/0.09/0.01",
        "mixture:centres=15/40/65/90:widths=2",
      ],
      optimizers: [("adam", 0.1), ("adam", 0.2), ("sgd", 10)],
      initializations: ["torch-uniform", PaperSettings.normal("3"), PaperSettings.normal("10")]
    ).map { condition in
      let runs = try PairedRuns(
        condition, objectives: PaperSettings.objectives, epochs: PaperSettings.epochs,
        metrics: [ModeMassMetric.name], recorded: [PaperSettings.epochs])
      return Trial(condition: condition, cells: PaperSettings.objectives.map { [$0] }) {
        try runs($0, $1).map { seed in
          seed.map { run in
            let (gap, kept) = (run.records[0].extras[0][0] ?? .nan, run.records[0].extras[0][1])
            // A light mode can go as a whole and leave a small gap.
            return Outcome(gap < 0.01 && (kept ?? .nan) > 0.5, quantity: gap)
          }
        }
      }
    }
  }

  public func isHeadline(_ evidence: Evidence) -> Bool {
    evidence.condition.teacher == "bimodal" && evidence.condition.learningRate == 0.1
      && evidence.condition.initialization == PaperSettings.longTail.initialization
  }

  public func boundaries(_ evidence: [Evidence]) -> [String] {
    [Words.exceptions(in: evidence) { "\($0.cell[0]) on \($0.condition.words)" }]
      + evidence.map(\.condition.initialization).uniqued().map { start in
        "from \(start): "
          + Words.exceptions(
            in: evidence.filter { $0.condition.initialization == start }, most: 8
          ) { "\($0.cell[0]) on \($0.condition.words)" }
      }
  }
}
