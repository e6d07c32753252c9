// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimStudies
internal import KLSimCore

/// Mode-seeking and mean-seeking of a student that cannot represent its teacher.
struct GaussianModeSeeking: Claim {
  static let name = "mode-seeking-gaussian"
  static let statement =
    "A Gaussian student of a teacher with two modes covers both under forward KL, and ends on one"
    + " of them under reverse KL and under Jensen-Shannon."
  static let source =
    "the folklore of FKL and RKL, e.g. Gu et al., arXiv 2306.08543 (MiniLLM), figure 2"
  static let setting =
    "chosen here: forward and reverse KL, modes 40 apart of width 4, gradient flow from beside either mode"
  static let quantity =
    "the least share that a mode keeps of its mass at the end (its Q / P)"

  struct Cell: ClaimCell {
    let objective: String
    let behaviour: String

    static let columns = [
      Column.objective,
      Column(
        key: "behaviour", .text,
        "covers: both modes keep half of their mass; seeks: one keeps < 10 %"),
    ]
    var values: [Value] { [.text(objective), .text(behaviour)] }
  }

  private static let widths = [4, 6, 8, 10, 14]
  /// The student's initial mean, within 1: beside the lighter mode, beside the heavier.
  private static let starts = [20, 80]
  private static let cells = [
    Cell(objective: "fkl", behaviour: "covers"), Cell(objective: "rkl", behaviour: "seeks"),
    Cell(objective: "js", behaviour: "seeks"),
  ]
  /// Small steps, and enough of them to converge; and one rate whose first step multiplies σ by e.
  private static let optimizers: [(name: String, learningRate: Double, epochs: Int)] = [
    ("gradient-flow", 10, 100), ("natural-gradient", 0.1, 600), ("rmsprop", 0.01, 2000),
    ("rmsprop", 0.1, 600),
  ]

  func trials() throws -> [Trial<Cell>] {
    try Self.optimizers.flatMap { name, learningRate, epochs in
      try Self.starts.flatMap { start in
        try Self.widths.map { width in
          try Self.trial(
            Condition(
              teacher: Self.teacher(width), student: Self.student(start), optimizer: name,
              learningRate: learningRate, initialization: "student"), epochs: epochs)
        }
      }
    }
  }

  private static func trial(_ condition: Condition, epochs: Int) throws -> Trial<Cell> {
    let runs = try PairedRuns(
      condition, objectives: cells.map(\.objective), epochs: epochs,
      metrics: [ModeMassMetric.name], recorded: [epochs])
    let questions = cells.enumerated().map { run, cell in
      FitQuestion(cell, runs: [run], at: epochs) { records in
        let kept = records[0].extras[0][1] ?? .nan
        return Outcome(cell.behaviour == "covers" ? kept >= 0.5 : kept < 0.1, quantity: kept)
      }
    }
    return Trial(condition, runs: runs, questions: questions)
  }

  private static func teacher(_ width: Int) -> String {
    "mixture:size=100:centres=30/70:weights=0.4/0.6:widths=\(width)"
  }

  private static func student(_ start: Int) -> String {
    "gaussian:mean=\(start):width=5:spread=0.2"
  }

  func isPublished(_ evidence: Evidence<Cell>) -> Bool {
    evidence.condition.optimizer == "gradient-flow" && evidence.cell.objective != "js"
      && evidence.condition.teacher == Self.teacher(4)
  }

  func boundaries(_ evidence: [Evidence<Cell>]) -> [String] {
    let widths = Dictionary(uniqueKeysWithValues: Self.widths.map { (Self.teacher($0), $0) })
    return evidence.grouped(by: \.condition.training).map { training, own in
      let parts = own.grouped(by: \.cell).map { cell, own in
        let starts = own.grouped(by: \.condition.student).map { _, own in
          Words.holding("width", in: own) { widths[$0.condition.teacher] ?? 0 }
        }
        let places =
          Set(starts).count == 1
          ? starts[0]
          : zip(starts, Self.starts).map { "\($0) from \($1)" }.joined(separator: " and ")
        return "\(cell.objective) \(cell.behaviour) at \(places)"
      }
      return "modes at 30 and 70, \(training): \(parts.joined(separator: ", "))"
    }
  }
}
