// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimStudies
internal import KLSimCore

/// A claim about which of two objectives has the smaller error on one side of a cut.
///
/// Where the paper's start is, every cut is tried, by absolute error; other measures and other
/// starts are asked at a few cuts. Error over that at the start is no measure of its own here: paired
/// students share the start, so it orders them as the absolute error does.
protocol ErrorOrder: Claim where Cell == OrderCell {
  /// The objective that is said to be ahead, and the other one.
  static var order: (leader: String, follower: String) { get }
  /// Where it is.
  static var side: Side { get }
}

/// A cut, an epoch and a measure.
struct OrderCell: ClaimCell {
  let cut: Cut
  let epoch: Int
  let measure: ErrorMeasure

  static let columns =
    Cut.columns + [Column.epoch, Column(key: "measure", .text, ErrorMeasure.summary)]
  var values: [Value] { cut.values + [Value(epoch), .text(measure.rawValue)] }

  /// The early epochs, of which such claims speak.
  static let early = 1...10
  static let epochs = [
    1, 2, 3, 5, 7, 10, 14, 17, 20, 25, 30, 50, 100, 200,
  ]
}

extension ErrorOrder {
  package static var setting: String {
    "longtail, Adam at 0.2, epochs 1, 5 and 10, \(side.published); the paper's figure enlarges that"
      + " tail"
  }

  package static var quantity: String {
    "the \(side)'s error of \(order.leader) minus that of \(order.follower)"
  }

  /// Logits that differ by a tenth, and students that know their teacher already.
  private static var otherStarts: [String] {
    ["normal:sigma=0.1", "teacher-noise:sigma=0.5", "teacher-noise"]
  }

  package func trials() throws -> [Trial<OrderCell>] {
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
          let errors = $0.map { side.error($0.trajectory.records[place].heads[head]) }
          return Outcome.smaller(errors[0], than: errors[1])
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

  /// The early epochs, of which the claim speaks.
  package func covers(_ evidence: Evidence<OrderCell>) -> Bool {
    OrderCell.early.contains(evidence.cell.epoch)
  }

  package func isPublished(_ evidence: Evidence<OrderCell>) -> Bool {
    evidence.condition == PaperSettings.longTail && evidence.cell.measure == .absolute
      && evidence.cell.cut.isPublished && PaperSettings.earlyEpochs.contains(evidence.cell.epoch)
  }

  package func boundaries(_ evidence: [Evidence<OrderCell>]) -> [String] {
    OrderWords(evidence, side: Self.side).lines
  }

  package var figures: [FigureRequest] {
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
