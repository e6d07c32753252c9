// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore

/// Mode-seeking and mean-seeking of a student that cannot represent its teacher.
public struct GaussianModeSeeking: Claim {
  public static let name = "mode-seeking-gaussian"
  public static let statement =
    "A Gaussian student of a teacher with two modes covers both under forward KL, and ends on one"
    + " of them under reverse KL and under Jensen-Shannon, however deep the valley between them."
  public static let source =
    "the folklore of FKL and RKL, e.g. Gu et al., arXiv 2306.08543 (MiniLLM)"
  public static let cellColumns = [
    Column.objective,
    Column(
      "behaviour", .text, "covers: both modes keep half of their mass; seeks: one keeps < 10 %"),
  ]
  public static let quantity =
    "the least share that a mode keeps of its mass after 600 epochs (its Q / P)"

  private static let epochs = 600
  private static let widths = [2, 4, 6, 8, 10, 14]
  /// Where the student's mean starts, give or take 1: beside the lighter mode, beside the heavier.
  private static let starts = [20, 80]
  private static let behaviours = [("fkl", "covers"), ("rkl", "seeks"), ("js", "seeks")]

  public init() {}

  public func trials() throws -> [Trial] {
    try Self.starts.flatMap { start in
      try Self.widths.map { try Self.trial(start: start, width: $0) }
    }
  }

  private static func trial(start: Int, width: Int) throws -> Trial {
    let condition = Condition(
      teacher: "mixture:size=100:centres=30/70:weights=0.4/0.6:widths=\(width)",
      student: student(start), optimizer: "rmsprop", learningRate: 0.1, initialization: "student")
    let runs = try PairedRuns(
      condition, objectives: behaviours.map(\.0), epochs: epochs,
      metrics: [ModeMassMetric.name], recorded: [epochs])
    return Trial(condition: condition, cells: behaviours.map { [$0, $1] }) {
      try runs($0, $1).map { seed in
        zip(seed, behaviours).map { run, behaviour in
          let kept = run.records[0].extras[0][1] ?? .nan
          return Outcome(behaviour.1 == "covers" ? kept >= 0.5 : kept < 0.1, quantity: kept)
        }
      }
    }
  }

  private static func student(_ start: Int) -> String {
    "gaussian:mean=\(start):width=5:spread=0.2"
  }

  public func boundaries(_ evidence: [Evidence]) -> [String] {
    Self.starts.map { start in
      let parts = Self.behaviours.map { objective, behaviour in
        let own = evidence.filter {
          $0.condition.student == Self.student(start) && $0.cell == [objective, behaviour]
        }
        let holding = zip(Self.widths, own).filter { $0.1.verdict == .holds }.map(\.0)
        let widths = Words.stretches(of: holding, among: Self.widths)
        return "\(objective) \(behaviour) at "
          + (holding.isEmpty ? "no width" : "widths \(widths)")
      }
      return "modes at 30 and 70 of widths 2–14, start near \(start): "
        + parts.joined(separator: ", ")
    }
  }
}
