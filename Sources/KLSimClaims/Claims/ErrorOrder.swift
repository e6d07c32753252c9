// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimStudies
internal import KLSimCore

/// Forward KL has the smaller head error.
struct HeadFirst: ErrorOrder {
  static let name = "head-first"
  static let statement =
    "In the early epochs (1 to 10) forward KL fits the head first: its head error is below reverse KL's."
  static let order = (leader: "fkl", follower: "rkl")
  static let side = Side.head
}

/// Reverse KL has the smaller tail error.
struct TailFirst: ErrorOrder {
  static let name = "tail-first"
  static let statement =
    "In the early epochs (1 to 10) reverse KL fits the tail first: its tail error is below forward KL's."
  static let order = (leader: "rkl", follower: "fkl")
  static let side = Side.tail
}

/// A claim about which of two objectives has the smaller error on one side of a cut.
///
/// From the paper's start every cut is tried, by absolute error. Other starts and other measures are tried
/// at a few cuts. The error relative to that at the start is not among the measures: paired students share
/// the start, so it orders them as the absolute error does.
protocol ErrorOrder: Claim where Cell == OrderCell {
  /// The objective that is said to have the smaller error, and the other one.
  static var order: (leader: String, follower: String) { get }
  /// The side of the cut on which it is smaller.
  static var side: Side { get }
}

/// A cut, an epoch and a measure of the error.
typealias OrderCell = CutCell<ErrorMeasure>

extension OrderCell {
  /// The early epochs, which these claims are about.
  static let early = 1...10
  static let epochs = [1, 2, 3, 5, 7, 10, 14, 17, 20, 25, 30, 50, 100, 200]
}

extension ErrorOrder {
  static var source: String { "\(PaperSettings.source), section 4" }

  static var setting: String {
    "longtail, Adam at 0.2, epochs 1, 5 and 10, \(side.published); the paper's figure enlarges that"
      + " tail"
  }

  static var quantity: String {
    "the \(side)'s error of \(order.leader) minus that of \(order.follower)"
  }

  /// Nearly uniform students, and students near their teacher.
  private static var otherStarts: [String] {
    ["normal:sigma=0.1", "teacher-noise:sigma=0.5", "teacher-noise"]
  }

  func trials() throws -> [Trial<OrderCell>] {
    let teachers = PaperSettings.teachers + ["zipf"]
    return try PaperSettings.conditions(
      teachers: teachers,
      optimizers: [
        ("adam", 0.05), ("adam", 0.1), ("adam", 0.2), ("adam", 1), ("sgd", 1), ("sgd", 3),
        ("sgd", 10),
      ]
    ).map { try Self.trial($0, epochs: OrderCell.epochs, cuts: Cut.all) }
      + PaperSettings.conditions(
        teachers: teachers, optimizers: [("adam", 0.1), ("adam", 0.2), ("sgd", 1)],
        initializations: Self.otherStarts
      ).map { try Self.trial($0, epochs: PaperSettings.earlyEpochs, cuts: Cut.few) }
  }

  private static func trial(
    _ condition: Condition, epochs: [Int], cuts: (TeacherDistribution) -> [Cut]
  ) throws -> Trial<OrderCell> {
    let teacher = try Catalog.teacher(condition.teacher).distribution(seed: 1)
    let cuts = cuts(teacher)
    let runs = try PairedRuns(
      condition, objectives: [order.leader, order.follower], epochs: epochs[epochs.count - 1],
      heads: cuts.map { "count=\($0.headCount)" }, recorded: epochs,
      snapshots: PaperSettings.earlyEpochs)
    let side = side
    func states(_ epoch: Int) -> [FittedState] {
      [FittedState(run: 0, epoch: epoch), FittedState(run: 1, epoch: epoch)]
    }
    let absolute = epochs.enumerated().flatMap { place, epoch in
      cuts.enumerated().map { head, cut in
        FitQuestion(OrderCell(cut: cut, epoch: epoch, measure: .absolute), of: states(epoch)) {
          fits in
          func error(_ run: Int) -> Double {
            side.error(fits[run].trajectory.records[place].heads[head])
          }
          return Outcome.smaller(error(0), than: error(1))
        }
      }
    }
    let others = ErrorMeasure.allCases.filter { $0 != .absolute }.flatMap { measure in
      PaperSettings.earlyEpochs.flatMap { epoch in
        Cut.few(of: teacher).map { cut in
          FitQuestion(OrderCell(cut: cut, epoch: epoch, measure: measure), of: states(epoch)) {
            let errors = $0.map {
              measure.error(of: $0.student(epoch), to: teacher, over: side.ranks(cut))
            }
            return Outcome.smaller(errors[0], than: errors[1])
          }
        }
      }
    }
    return Trial(condition, runs: runs, questions: absolute + others)
  }

  func covers(_ evidence: Evidence<OrderCell>) -> Bool {
    OrderCell.early.contains(evidence.cell.epoch)
  }

  func isPublished(_ evidence: Evidence<OrderCell>) -> Bool {
    evidence.condition == PaperSettings.longTail && evidence.cell.measure == .absolute
      && evidence.cell.cut.isPublished && PaperSettings.earlyEpochs.contains(evidence.cell.epoch)
  }

  func boundaries(_ evidence: [Evidence<OrderCell>]) -> [String] {
    OrderWords.lines(evidence, side: Self.side)
  }

  var figures: [FigureRequest] {
    let shown: [(teacher: String, optimizer: String, learningRate: Double)] = [
      ("longtail", "adam", 0.2), ("longtail", "sgd", 1), ("bimodal", "adam", 0.1),
      ("zipf", "adam", 0.2),
    ]
    return shown.map { teacher, optimizer, learningRate in
      FigureRequest(
        name: "\(Self.name)-\(teacher)-\(optimizer)", kind: "phase",
        title: "Share of seeds in which \(Self.order.leader) has the smaller \(Self.side) error"
          + " than \(Self.order.follower): \(teacher), \(optimizer) at \(digits(learningRate))",
        selection: [
          ("teacher", teacher), ("optimizer", optimizer),
          ("learning_rate", learningRate.description),
          ("init", PaperSettings.longTail.initialization),
          ("measure", ErrorMeasure.absolute.rawValue),
        ], objectives: [Self.order.leader, Self.order.follower])
    }
  }
}
