// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimStudies
internal import KLSimCore
internal import KLSimNumerics

/// Whether a comparison at one learning rate says what one at each objective's best rate does.
struct LearningRate: Claim {
  static let name = "learning-rate"
  static let statement =
    "Which of two objectives has the smaller error at one learning rate for both also has it when each runs"
    + " at its own best rate, that of the least total error: the difference has the same sign."
  static let source =
    "the practice of comparing objectives at one learning rate, e.g. \(PaperSettings.source)"
  static let setting = "longtail, rkl against fkl, Adam, both at 0.2; epochs 5, 10 and 50"
  static let quantity =
    "for common and best the error of the objective minus that of fkl, for same the latter, for learns the"
    + " total error minus that at the start"

  struct Cell: ClaimCell {
    enum Question: String, Sendable, CaseIterable {
      case common, best, same, learns
    }

    let objective: String
    let epoch: Int
    let measure: ErrorPart
    let question: Question
    /// The learning rate of the objective, and that of forward KL.
    let rate: Double
    let forwardRate: Double

    static let columns = [
      Column.objective, Column.epoch, ErrorPart.column,
      Column(
        key: "question", .text,
        "common: the objective is ahead of fkl, both at the condition's rate; best: each at that of 0.02 to"
          + " 200 with the smallest median total error at that epoch over 16 other seeds; same: both or"
          + " neither; learns: the error is below that at the start"),
      Column(key: "rate", .number, "learning rate of the objective; that of best for same"),
      Column(key: "fkl_rate", .number, "learning rate of fkl; the same again for learns"),
    ]
    var values: [Value] {
      [
        .text(objective), Value(epoch), .text(measure.rawValue), .text(question.rawValue),
        .number(rate), .number(forwardRate),
      ]
    }
  }

  private static let others = [ReverseKL.name, AdaptiveKL.name, JensenShannon.name]
  private static let epochs = [5, 10, last]
  private static let last = 50
  private static let grid = [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200]

  func trials() throws -> [Trial<Cell>] {
    PaperSettings.conditions(
      teachers: ["longtail", "bimodal", "zipf:size=80"], optimizers: [("adam", 0.2), ("sgd", 1)]
    ).map { condition in
      Trial(condition: condition) { try Self.examination(condition, $0) }
    }
  }

  private static func examination(
    _ condition: Condition, _ kernels: VectorKernels
  ) throws -> Examination<Cell> {
    let objectives = [ForwardKL.name] + others
    let best = try BestRates.find(
      of: objectives, among: grid, at: epochs.map(Double.init), epochs: epochs.max() ?? 0,
      under: condition, kernels)
    let runs = try PairedRuns(
      condition, objectives: objectives.flatMap { name in grid.map { _ in name } },
      learningRates: objectives.flatMap { _ in grid }, epochs: last, recorded: [0] + epochs)
    func run(_ objective: String, at rate: Double) -> Int {
      (objectives.firstIndex(of: objective) ?? 0) * grid.count + (grid.firstIndex(of: rate) ?? 0)
    }
    let comparisons = others.flatMap { objective in
      epochs.flatMap { epoch -> [FitQuestion<Cell>] in
        let common = condition.learningRate
        let own = [objective, ForwardKL.name].map { best[$0]?[Double(epoch)] ?? common }
        let pairs = [common, own[0]].enumerated().map { place, rate in
          [run(objective, at: rate), run(ForwardKL.name, at: place == 0 ? common : own[1])]
        }
        return ErrorPart.allCases.flatMap { measure in
          func cell(_ question: Cell.Question, _ rates: [Double]) -> Cell {
            Cell(
              objective: objective, epoch: epoch, measure: measure, question: question,
              rate: rates[0], forwardRate: rates[1])
          }
          return [
            FitQuestion(cell(.common, [common, common]), runs: pairs[0], at: epoch) {
              measure.smaller($0[0], than: $0[1])
            },
            FitQuestion(cell(.best, own), runs: pairs[1], at: epoch) {
              measure.smaller($0[0], than: $0[1])
            },
            FitQuestion(cell(.same, own), runs: pairs[0] + pairs[1], at: epoch) {
              let best = measure.smaller($0[2], than: $0[3])
              return Outcome(
                measure.smaller($0[0], than: $0[1]).holds == best.holds, quantity: best.quantity)
            },
          ]
        }
      }
    }
    let learning = objectives.flatMap { objective in
      grid.map { rate in
        let place = run(objective, at: rate)
        return FitQuestion(
          Cell(
            objective: objective, epoch: last, measure: .total, question: .learns, rate: rate,
            forwardRate: rate), of: [FittedState(run: place, epoch: last)]
        ) { fits in
          ErrorPart.total.smaller(fits[place].record(last), than: fits[place].record(0))
        }
      }
    }
    return Examination(runs: runs, questions: comparisons + learning, kernels)
  }

  /// Where the common rate is the best of both, the two comparisons are of the same runs.
  func covers(_ evidence: Evidence<Cell>) -> Bool {
    let common = evidence.condition.learningRate
    return evidence.cell.question == .same
      && [evidence.cell.rate, evidence.cell.forwardRate] != [common, common]
  }

  func isPublished(_ evidence: Evidence<Cell>) -> Bool {
    covers(evidence) && evidence.condition == PaperSettings.longTail
      && evidence.cell.objective == ReverseKL.name
  }

  func boundaries(_ evidence: [Evidence<Cell>]) -> [String] {
    evidence.grouped(by: \.condition.optimizer).flatMap { optimizer, all in
      let same = all.filter(covers)
      let leftOut = all.count { $0.cell.question == .same } - same.count
      let identical =
        leftOut == 0 ? "" : "; not asked in \(leftOut) more, whose best rates are the common one"
      let flips = Self.flips(in: all).map {
        "\($0.cell.objective) \($0.cell.measure.rawValue) at epoch \($0.cell.epoch) on"
          + " \($0.condition.teacher)"
      }
      let shown = flips.prefix(4).joined(separator: ", ")
      let more = flips.count > 4 ? " and \(flips.count - 4) more" : ""
      let rates = all.filter { $0.cell.question == .learns }.grouped(by: \.cell.objective).map {
        "\($0) at \(Words.holding("rate", in: $1, by: \.cell.rate) { digits($0) })"
      }
      return [
        "with \(optimizer): \(Words.shares(of: same, by: \.cell.objective))\(identical); the leader changes in"
          + " \(flips.isEmpty ? "none" : shown)\(more)",
        "with \(optimizer) epoch \(Self.last) is better than the start for "
          + rates.joined(separator: ", "),
      ]
    }
  }

  /// The comparisons that are decided for one objective at a common rate and for the other at the best ones.
  private static func flips(in evidence: [Evidence<Cell>]) -> [Evidence<Cell>] {
    let best = evidence.filter { $0.cell.question == .best }
    return zip(evidence.filter { $0.cell.question == .common }, best).compactMap { common, best in
      Set([common.verdict, best.verdict]) == [.holds, .fails] ? best : nil
    }
  }
}
