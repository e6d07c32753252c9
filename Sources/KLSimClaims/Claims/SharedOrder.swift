// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimStudies
internal import KLSimCore
internal import KLSimFiles
internal import KLSimNumerics

/// A claim about which objectives have the smaller error early on, where contexts share parameters.
///
/// Each pair is compared at the setting's learning rate, and in some settings each objective at the rate
/// that is best for it at that epoch.
protocol SharedOrder: Claim where Cell == SharedOrderCell {
  /// The objectives that are said to be ahead, and the one that they are compared with.
  static var order: (leaders: [String], follower: String) { get }
  /// The parts of the error.
  static var parts: [ErrorPart] { get }
  /// The head rules.
  static var heads: [String] { get }
}

/// A comparison of two objectives on contexts that share parameters.
struct SharedOrderCell: ClaimCell {
  let leader: RatedObjective
  let follower: RatedObjective
  let rates: MixingRates
  let part: ErrorPart
  let head: String
  let split: Split
  let epoch: Double

  static let columns = [
    Column(key: "objective", .text, "specification of the objective that is said to be ahead"),
    Column(key: "rival", .text, "specification of the other objective"),
    ErrorPart.column,
    Column.head,
    Column(key: "split", .text, "contexts trained on (train), or held-out: the mean over them"),
    Column.pass,
    Column(
      key: "rates", .text,
      "common: both at the condition's rate; best: each at that of the smallest median total error on"
        + " the training contexts at that epoch over 16 other seeds"),
    Column(key: "rate", .number, "learning rate of the objective"),
    Column(key: "rival_rate", .number, "learning rate of the other one"),
  ]
  var values: [Value] {
    [
      .text(leader.objective), .text(follower.objective), .text(part.rawValue), .text(head),
      .text(split.rawValue), .number(epoch), .text(rates.rawValue), .number(leader.learningRate),
      .number(follower.learningRate),
    ]
  }

  var isEarly: Bool { SharedSetting.early.contains(epoch) }
}

extension SharedOrder {
  static var setting: String { "\(SharedSetting.words); each at one rate and at its own best" }
  static var quantity: String {
    "the objective's mean error over the contexts minus that of the other one"
  }
  static var maximumSeeds: Int { 128 }

  func trials() throws -> [Trial<SharedOrderCell>] {
    SharedSetting.all.map { setting in
      Trial(condition: setting.condition) { try Self.examination(setting, $0) }
    }
  }

  private static func examination(
    _ setting: SharedSetting, _ kernels: VectorKernels
  ) throws -> Examination<SharedOrderCell> {
    let (condition, objectives) = (setting.condition, order.leaders + [order.follower])
    let epochs = SharedSetting.compared.filter { $0 <= Double(setting.epochs) }
    let best =
      setting.rates.isEmpty
      ? [:]
      : try BestRates.find(
        of: objectives, among: setting.rates, at: epochs, epochs: setting.epochs, under: condition,
        kernels)
    func rated(_ objective: String, _ rates: MixingRates, _ epoch: Double) -> RatedObjective {
      let own = rates == .best ? best[objective]?[epoch] : nil
      return RatedObjective(objective: objective, learningRate: own ?? condition.learningRate)
    }
    let choices: [MixingRates] = setting.rates.isEmpty ? [.common] : [.common, .best]
    let runs = choices.flatMap { rates in
      epochs.flatMap { epoch in objectives.map { rated($0, rates, epoch) } }
    }.uniqued()
    let comparisons = choices.flatMap { rates in
      epochs.flatMap { epoch in
        order.leaders.flatMap { leader in
          Self.questions(
            rated(leader, rates, epoch), rated(order.follower, rates, epoch), rates, epoch, runs)
        }
      }
    }
    return Examination(
      runs: try PairedRuns(
        condition, objectives: runs.map(\.objective), learningRates: runs.map(\.learningRate),
        epochs: setting.epochs, heads: SharedSetting.heads, recordedAt: epochs),
      questions: comparisons, kernels)
  }

  /// The questions about a pair at an epoch.
  private static func questions(
    _ leader: RatedObjective, _ follower: RatedObjective, _ rates: MixingRates, _ epoch: Double,
    _ runs: [RatedObjective]
  ) -> [FitQuestion<SharedOrderCell>] {
    let places = [leader, follower].compactMap(runs.firstIndex(of:))
    return Split.allCases.flatMap { split in
      parts.flatMap { part in
        heads.map { head in
          let cut = SharedSetting.heads.firstIndex(of: head) ?? 0
          return FitQuestion(
            SharedOrderCell(
              leader: leader, follower: follower, rates: rates, part: part, head: head,
              split: split, epoch: epoch), runs: places, at: epoch, split
          ) { part.smaller($0[0], than: $0[1], cut: cut) }
        }
      }
    }
  }

  func covers(_ evidence: Evidence<SharedOrderCell>) -> Bool { evidence.cell.isEarly }
}
