// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimStudies
internal import KLSimCore

/// Forward KL works on the head first.
struct HeadFocus: ErrorFocus {
  static let name = "head-focus"
  static let statement =
    "Forward KL focuses on the head: at the start a larger share of its gradient lies there than of"
    + " reverse KL's, and its own head error shrinks faster than its tail error."
  static let order = (leader: "fkl", follower: "rkl")
  static let side = Side.head
}

/// Reverse KL works on the tail first.
struct TailFocus: ErrorFocus {
  static let name = "tail-focus"
  static let statement =
    "Reverse KL focuses on the tail: at the start a larger share of its gradient lies there than of"
    + " forward KL's, and its own tail error shrinks faster than its head error."
  static let order = (leader: "rkl", follower: "fkl")
  static let side = Side.tail
}

/// A claim about the side on which an objective works first: by its gradient, and by its progress there and
/// on the other side.
protocol ErrorFocus: Claim where Cell == FocusCell {
  /// The objective that is said to work on the side first, and the other one.
  static var order: (leader: String, follower: String) { get }
  /// The side.
  static var side: Side { get }
}

/// A cut, an epoch and a measure of focus.
typealias FocusCell = CutCell<FocusMeasure>

enum FocusMeasure: String, CutMeasure {
  /// The side's share of the gradient's L1 norm in the logits, against the other objective's.
  case gradientShare = "gradient-share"
  /// The side's error relative to that at the start, against the other side's, under one objective.
  case progress

  static let summary =
    "gradient-share: the side's share of sum |dL/dz|, larger than the other objective's; progress:"
    + " the side's error over that at the start, smaller than the other side's"
}

extension ErrorFocus {
  static var source: String {
    "\(PaperSettings.source), section 4: what the gradient acts on in the first epochs"
  }

  static var setting: String {
    "longtail, Adam at 0.2, \(side.published); gradients at the start, progress at epochs 1, 5 and 10"
  }

  static var quantity: String {
    "for gradient-share that of \(order.leader) minus that of \(order.follower); for progress under"
      + " \(order.leader) that of the \(side) minus that of the \(side.other)"
  }

  func trials() throws -> [Trial<FocusCell>] {
    try PaperSettings.conditions(
      teachers: PaperSettings.teachers + ["zipf"],
      optimizers: [("adam", 0.1), ("adam", 0.2), ("sgd", 1)],
      initializations: [
        "torch-uniform", "normal:sigma=0.1", "teacher-noise:sigma=0.5", "teacher-noise",
      ]
    ).map(Self.trial)
  }

  private static func trial(_ condition: Condition) throws -> Trial<FocusCell> {
    let cuts = Cut.some(of: try Catalog.teacher(condition.teacher).distribution(seed: 1))
    let objectives = [order.leader, order.follower]
    let epochs = PaperSettings.earlyEpochs
    let runs = try PairedRuns(
      condition, objectives: objectives, epochs: epochs[epochs.count - 1],
      heads: cuts.map { "count=\($0.headCount)" }, recorded: [0] + epochs, snapshots: [0])
    let recipes = try objectives.map { try Catalog.objective($0).component }
    let side = side
    let gradients = cuts.map { cut in
      FitQuestion(FocusCell(cut: cut, epoch: 0, measure: .gradientShare), of: []) { fits in
        let state = fits[0].state(0)
        let shares = recipes.map { recipe in
          let sizes = recipe.evaluate(at: state).gradient.map(abs)
          return sizes[side.ranks(cut)].reduce(0, +) / sizes.reduce(0, +)
        }
        return Outcome(shares[0] > shares[1], quantity: shares[0] - shares[1])
      }
    }
    let progress = epochs.flatMap { epoch in
      cuts.enumerated().map { head, cut in
        FitQuestion(
          FocusCell(cut: cut, epoch: epoch, measure: .progress),
          of: [FittedState(run: 0, epoch: epoch)]
        ) { fits in
          let (start, now) = (fits[0].record(0).heads[head], fits[0].record(epoch).heads[head])
          func left(_ side: Side) -> Double { side.error(now) / side.error(start) }
          return Outcome.smaller(left(side), than: left(side.other))
        }
      }
    }
    return Trial(condition, runs: runs, questions: gradients + progress)
  }

  func isPublished(_ evidence: Evidence<FocusCell>) -> Bool {
    evidence.condition == PaperSettings.longTail && evidence.cell.cut.isPublished
  }

  func boundaries(_ evidence: [Evidence<FocusCell>]) -> [String] {
    evidence.grouped(by: \.condition.initialization).flatMap { start, own -> [String] in
      let published = own.filter { $0.condition == PaperSettings.longTail }
      let others = own.filter { $0.condition != PaperSettings.longTail }
      let isPretrained = start.hasPrefix("teacher-noise")
      let line =
        "\(isPretrained ? "near the teacher" : "elsewhere") (\(start)): "
        + Words.shares(of: others, by: \.cell.measure.rawValue)
      return published.isEmpty
        ? [line] : ["\(PaperSettings.longTail.place): \(Self.cuts(published))", line]
    }
  }

  private static func cuts(_ evidence: [Evidence<FocusCell>]) -> String {
    Words.holding(
      "head count", in: evidence, by: \.cell.cut.headCount, each: \.cell.measure.rawValue)
      + " of \(evidence[0].cell.cut.vocabularySize) tokens"
  }
}
