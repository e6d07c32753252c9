// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimStudies
internal import KLSimCore
internal import KLSimFiles
internal import KLSimNumerics

/// Whether each KL is the lower one for the student that minimised it, on contexts it has not seen.
struct CapacityShared: Claim {
  static let name = "capacity-shared"
  static let statement =
    "After 30 epochs of minibatches a log-bilinear student has the lower forward KL if it was trained by"
    + " forward KL and the lower reverse KL if it was trained by reverse KL, on held-out contexts as on"
    + " training contexts, at every rank."
  static let source =
    "what each KL is minimised for; \(PaperSettings.source), and arXiv 2306.08543 (MiniLLM), compare"
    + " students by such measures"
  static let setting =
    "chosen here: held-out contexts at epoch 30, next word after 60 pairs of words, batches of 4"
  static let quantity =
    "the KL's mean over the contexts of the student trained by it minus that of the other student"
  static let maximumSeeds = 128

  struct Cell: ClaimCell {
    enum Measure: String, Sendable, CaseIterable {
      case fkl, rkl

      func value(_ record: EpochRecord) -> Double {
        self == .fkl ? record.forwardKL : record.reverseKL
      }
    }

    let measure: Measure
    let split: Split
    let epoch: Int

    static let columns = [
      Column(key: "measure", .text, "the KL that is measured: fkl or rkl"),
      Column(key: "split", .text, "contexts trained on (train), or held-out: the mean over them"),
      Column(key: "epoch", .integer, "number of passes over the training contexts"),
    ]
    var values: [Value] { [.text(measure.rawValue), .text(split.rawValue), Value(epoch)] }
  }

  private static let epochs = [2, 10, 30]
  private static let last = 30
  private static let ranks = [1, 4, 20]
  private static let rates = [0.01, 0.03]

  func trials() throws -> [Trial<Cell>] {
    Self.ranks.flatMap { rank in
      Self.rates.map { rate in
        var condition = SharedSetting.first.condition
        condition.student = SharedSetting.student(rank: rank)
        condition.learningRate = rate
        return Trial(condition: condition) { [condition] kernels in
          let runs = try PairedRuns(
            condition, objectives: Cell.Measure.allCases.map(\.rawValue), epochs: Self.last,
            heads: [], recorded: Self.epochs)
          return Examination(runs: runs, questions: Self.questions, kernels)
        }
      }
    }
  }

  private static var questions: [FitQuestion<Cell>] {
    Cell.Measure.allCases.enumerated().flatMap { run, measure in
      Split.allCases.flatMap { split in
        epochs.map { epoch in
          FitQuestion(
            Cell(measure: measure, split: split, epoch: epoch), runs: [run, 1 - run],
            at: Double(epoch), split
          ) { .smaller(measure.value($0[0]), than: measure.value($0[1])) }
        }
      }
    }
  }

  func covers(_ evidence: Evidence<Cell>) -> Bool { evidence.cell.epoch == Self.last }

  func isPublished(_ evidence: Evidence<Cell>) -> Bool {
    covers(evidence) && evidence.cell.split == .heldOut
  }

  func boundaries(_ evidence: [Evidence<Cell>]) -> [String] {
    let lines = evidence.grouped(by: \.cell.split).flatMap { split, own in
      own.grouped(by: \.cell.measure).map { measure, own in
        let parts = own.grouped(by: \.condition).map { condition, own in
          let shares = own.map { digits(100 * $0.observedShare, 2) }.joined(separator: "/")
          return "rank \(condition.student.split(separator: "=").last ?? "") at"
            + " \(condition.learningRate) \(shares)"
        }
        return
          "\(measure.rawValue) of \(split.rawValue) contexts is lower for the student trained by it"
          + " in (%, epochs 2/10/30): \(parts.joined(separator: ", "))"
      }
    }
    return ["at epoch 30 \(Words.shares(of: evidence.filter(covers), by: \.cell.split.rawValue))"]
      + lines
  }
}
