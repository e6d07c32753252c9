// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimStudies
internal import KLSimCore

/// Adaptive KL balances head and tail.
struct AdaptiveBalance: Claim {
  static let name = "akl-balance"
  static let statement =
    "Adaptive KL balances: in the first 50 epochs it is ahead of reverse KL on the head (mass 0.5) and,"
    + " at the same epoch, of forward KL on the far tail (the last 33 of 80 ranks)."
  static let source = "\(PaperSettings.source), section 4: so mix them adaptively"
  static let setting = "longtail, Adam at 0.2, epochs 1, 5 and 10"
  static let quantity =
    "for balance the larger of the two differences of errors, akl's minus the rival's; else the"
    + " difference of total errors (head and tail)"

  struct Cell: ClaimCell {
    enum Question: String, Sendable, CaseIterable {
      case balance
      case totalForward = "total-fkl"
      case totalReverse = "total-rkl"

      /// The runs it is about, of `objectives`.
      var runs: [Int] {
        switch self {
        case .balance: [0, 1, 2]
        case .totalForward: [0, 1]
        case .totalReverse: [0, 2]
        }
      }
    }

    let question: Question
    let epoch: Int

    static let columns = [
      Column(
        key: "question", .text,
        "balance: head error below rkl's and far tail error below fkl's; total-fkl, total-rkl: total"
          + " error below fkl's, rkl's"),
      Column.epoch,
    ]
    var values: [Value] { [.text(question.rawValue), Value(epoch)] }
  }

  private static let epochs = [1, 2, 3, 4, 5, 6, 8, 10, 13, 17, 20, 30, 40, 50]
  private static let objectives = ["akl", "fkl", "rkl"]

  func trials() throws -> [Trial<Cell>] {
    try PaperSettings.conditions(
      teachers: PaperSettings.teachers + ["zipf"],
      optimizers: [("adam", 0.05), ("adam", 0.1), ("adam", 0.2), ("sgd", 1), ("sgd", 10)]
    ).map { condition in
      let size = try Catalog.teacher(condition.teacher).distribution(seed: 1).size
      let runs = try PairedRuns(
        condition, objectives: Self.objectives, epochs: Self.epochs[Self.epochs.count - 1],
        heads: ["mass=0.5", "count=\(Cut.publishedHeadCount(size: size))"], recorded: Self.epochs)
      let questions = Cell.Question.allCases.flatMap { question in
        Self.epochs.map { epoch in
          FitQuestion(
            Cell(question: question, epoch: epoch), runs: question.runs, at: epoch
          ) { records in
            guard question == .balance else {
              return .smaller(records[0].totalError, than: records[1].totalError)
            }
            let head = Outcome.smaller(records[0].heads[0].head, than: records[2].heads[0].head)
            let tail = Outcome.smaller(records[0].heads[1].tail, than: records[1].heads[1].tail)
            return Outcome(
              head.holds && tail.holds, quantity: max(head.quantity, tail.quantity))
          }
        }
      }
      return Trial(condition, runs: runs, questions: questions)
    }
  }

  func covers(_ evidence: Evidence<Cell>) -> Bool { evidence.cell.question == .balance }

  func isPublished(_ evidence: Evidence<Cell>) -> Bool {
    covers(evidence) && evidence.condition == PaperSettings.longTail
      && PaperSettings.earlyEpochs.contains(evidence.cell.epoch)
  }

  func boundaries(_ evidence: [Evidence<Cell>]) -> [String] {
    let published = evidence.filter { $0.condition == PaperSettings.longTail }
    let balance = evidence.filter { covers($0) && $0.condition != PaperSettings.longTail }
    let totals = evidence.filter { !covers($0) && $0.condition != PaperSettings.longTail }
    let epochs = Words.holding(
      "epoch", in: published, by: \.cell.epoch, each: \.cell.question.rawValue)
    return ["\(PaperSettings.longTail.place): \(epochs)"]
      + ["adam", "sgd"].map { optimizer in
        let own = balance.filter { $0.condition.optimizer == optimizer }
        return
          "balance with \(optimizer) on other teachers or at other rates: \(Words.share(of: own))"
      }
      + totals.grouped(by: \.cell.question).map { question, own in
        "\(question.rawValue) there: \(Words.share(of: own))"
      }
  }
}
