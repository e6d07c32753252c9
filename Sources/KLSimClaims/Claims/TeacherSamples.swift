// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimStudies
internal import KLSimCore

/// What counts teach, beside the distribution from which they are drawn.
struct TeacherSamples: Claim {
  static let name = "teacher-samples"
  static let statement =
    "A whole distribution teaches more than n tokens sampled from it: the student's error is smaller, on the"
    + " head, on the tail and in total."
  static let source =
    "Hinton, Vinyals and Dean, arXiv 1503.02531, section 1 (soft targets carry more information);"
    + " sampled tokens as in Kim and Rush, arXiv 1606.07947"
  static let setting =
    "chosen here: longtail, fkl, Adam at 0.2, n = 80 (one a token), epochs 1 to 200, total error"
  static let quantity =
    "the error of the student of the distribution minus that of the student of counts"

  struct Cell: ClaimCell {
    let objective: String
    let draws: Int
    let epoch: Int
    let measure: ErrorPart

    static let columns = [
      Column.objective, Column(key: "draws", .integer, "number n of tokens sampled"), Column.epoch,
      ErrorPart.column,
    ]
    var values: [Value] {
      [.text(objective), Value(draws), Value(epoch), .text(measure.rawValue)]
    }
  }

  private static let draws = [10, 80, 1000, 10_000]
  private static let epochs = [1, 5, 10, 50, 200]

  func trials() throws -> [Trial<Cell>] {
    try PaperSettings.conditions(
      teachers: ["longtail", "zipf:size=80", "dirichlet"], optimizers: [("adam", 0.2), ("sgd", 10)]
    ).map { condition in
      let objectives = PaperSettings.objectives
      func runs(_ transform: String) throws -> PairedRuns {
        var own = condition
        own.teacher += transform
        return try PairedRuns(
          own, objectives: objectives, epochs: Self.epochs[Self.epochs.count - 1],
          recorded: Self.epochs)
      }
      let sampled = try Self.draws.map { try runs(":samples=\($0)") }
      let questions = Self.draws.enumerated().flatMap { place, draws in
        objectives.enumerated().flatMap { run, objective in
          let pair = [run, (place + 1) * objectives.count + run]
          return Self.epochs.flatMap { epoch in
            ErrorPart.allCases.map { measure in
              FitQuestion(
                Cell(objective: objective, draws: draws, epoch: epoch, measure: measure),
                runs: pair, at: epoch
              ) { measure.smaller($0[0], than: $0[1]) }
            }
          }
        }
      }
      return Trial(condition, runs: .joined(try [runs("")] + sampled), questions: questions)
    }
  }

  func isPublished(_ evidence: Evidence<Cell>) -> Bool {
    evidence.condition == PaperSettings.longTail && evidence.cell.objective == ForwardKL.name
      && evidence.cell.draws == 80 && evidence.cell.measure == .total
  }

  func boundaries(_ evidence: [Evidence<Cell>]) -> [String] {
    let published = evidence.filter(isPublished)
    return [
      "\(PaperSettings.longTail.place), fkl, n = 80, total error: "
        + Words.holding("epoch", in: published, by: \.cell.epoch)
    ]
      + evidence.grouped(by: \.cell.draws).map { draws, own in
        "n = \(draws): "
          + own.grouped(by: \.cell.epoch).map { "\(Words.share(of: $1)) at epoch \($0)" }
          .joined(separator: ", ")
      }
  }
}
