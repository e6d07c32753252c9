// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimStudies
internal import KLSimCore

/// A softmax student keeps every mode of its teacher.
struct NoModeDropping: Claim {
  static let name = "no-mode-dropping"
  static let statement =
    "A softmax student drops no mode of a multimodal teacher: its mass near every mode is more than"
    + " half of the teacher's, under forward and under reverse KL."
  static let source = "\(PaperSettings.source), section 3: no mode-seeking"
  static let setting = "bimodal, Adam at 0.1, start torch-uniform, epoch 200"
  static let quantity =
    "for modes the least Q/P over the modes, for arrived the TVD"

  struct Cell: ClaimCell {
    enum Question: String, Sendable, CaseIterable {
      case modes, arrived
    }

    let objective: String
    let epoch: Int
    let question: Question

    static let columns = [
      Column.objective, Column.epoch,
      Column(
        key: "question", .text,
        "modes: Q/P > 1/2 at every mode, Q and P the mass near it; arrived: TVD < 0.01"),
    ]
    var values: [Value] { [.text(objective), Value(epoch), .text(question.rawValue)] }
  }

  private static let wide = [PaperSettings.normal("3"), PaperSettings.normal("10")]

  func trials() throws -> [Trial<Cell>] {
    try PaperSettings.conditions(
      teachers: [
        "bimodal", "overlapping", "mixture", "mixture:weights=0.9/0.09/0.01",
        "mixture:centres=15/40/65/90:widths=2",
      ],
      optimizers: [("adam", 0.1), ("adam", 0.2), ("sgd", 10)],
      initializations: ["torch-uniform"] + Self.wide
    ).map { condition in
      let epochs = condition.startsAsPublished ? [PaperSettings.modeEpochs] : [200, 1000, 3000]
      let runs = try PairedRuns(
        condition, objectives: PaperSettings.objectives, epochs: epochs[epochs.count - 1],
        metrics: [ModeMassMetric.name], recorded: epochs)
      let questions = PaperSettings.objectives.enumerated().flatMap { run, objective in
        epochs.flatMap { epoch in
          Cell.Question.allCases.map { question in
            FitQuestion(
              Cell(objective: objective, epoch: epoch, question: question), runs: [run], at: epoch
            ) { records in
              guard question == .modes else { return .converged(records[0]) }
              let kept = records[0].extras[0][1] ?? .nan
              return Outcome(kept > 0.5, quantity: kept)
            }
          }
        }
      }
      return Trial(condition, runs: runs, questions: questions)
    }
  }

  func covers(_ evidence: Evidence<Cell>) -> Bool { evidence.cell.question == .modes }

  func isPublished(_ evidence: Evidence<Cell>) -> Bool {
    covers(evidence) && evidence.condition.isPublishedModes
  }

  func boundaries(_ evidence: [Evidence<Cell>]) -> [String] {
    let published = evidence.filter { $0.condition.startsAsPublished && covers($0) }
    return [
      "from the published start: "
        + Words.exceptions(in: published) { "\($0.cell.objective) \($0.condition.place)" }
    ]
      + Self.wide.flatMap { start in
        PaperSettings.objectives.map { objective in
          let own = evidence.filter {
            $0.condition.initialization == start && $0.cell.objective == objective
          }
          let parts = own.grouped(by: \.cell.epoch).map { epoch, own in
            let calm = own.filter { $0.verdict != .chaotic && covers($0) }
            let kept = calm.count { $0.verdict == .holds }
            let arrived = own.filter { !covers($0) }.count { $0.verdict == .holds }
            return "\(kept) of \(calm.count) at epoch \(epoch) (arrived in \(arrived))"
          }
          return "\(objective) from \(start), in conditions that are not chaotic: "
            + parts.joined(separator: ", ")
        }
      }
  }
}
