// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimStudies
internal import KLSimCore

/// A claim about what one objective works on first: its gradient, and its own head and tail.
protocol ErrorFocus: Claim where Cell == FocusCell {
  /// The objective that is said to favour a side, and the other one.
  static var order: (leader: String, follower: String) { get }
  /// The side.
  static var side: Side { get }
}

/// A cut, and what is asked there.
struct FocusCell: ClaimCell {
  /// What is asked.
  enum Measure: String, Sendable {
    /// The side's share of the gradient's L1 norm in the logits, against the other objective's.
    case gradientShare = "gradient-share"
    /// The side's error over that at the start, against the other side's, under one objective.
    case progress
  }

  let cut: Cut
  let epoch: Int
  let measure: Measure

  static let columns =
    Cut.columns + [
      Column.epoch,
      Column(
        key: "measure", .text,
        "gradient-share: the side's share of sum |dL/dz|, larger than the other objective's; progress:"
          + " the side's error over that at the start, smaller than the other side's"),
    ]
  var values: [Value] { cut.values + [Value(epoch), .text(measure.rawValue)] }
}

extension ErrorFocus {
  package static var setting: String {
    "longtail, Adam at 0.2, \(side.published); gradients at the start, progress at epochs 1, 5 and 10"
  }

  package static var quantity: String {
    "for gradient-share that of \(order.leader) minus that of \(order.follower); for progress under"
      + " \(order.leader) that of the \(side) minus that of the \(side.other)"
  }

  package func trials() throws -> [Trial<FocusCell>] {
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

  package func isPublished(_ evidence: Evidence<FocusCell>) -> Bool {
    evidence.condition == PaperSettings.longTail && evidence.cell.cut.isPublished
  }

  package func boundaries(_ evidence: [Evidence<FocusCell>]) -> [String] {
    evidence.grouped(by: \.condition.initialization).flatMap { start, own -> [String] in
      let published = own.filter { $0.condition == PaperSettings.longTail }
      let others = own.filter { $0.condition != PaperSettings.longTail }
      let isPretrained = start.hasPrefix("teacher-noise")
      let line =
        "\(isPretrained ? "near the teacher" : "elsewhere") (\(start)):"
        + " \(Self.shares(others))"
      return published.isEmpty
        ? [line] : ["\(PaperSettings.longTail.place): \(Self.cuts(published))", line]
    }
  }

  private static func cuts(_ evidence: [Evidence<FocusCell>]) -> String {
    let size = evidence[0].cell.cut.vocabularySize
    return evidence.grouped(by: \.cell.measure).map { measure, own in
      let heads = Words.holding("head count", in: own, by: \.cell.cut.headCount)
      return "\(measure.rawValue) at \(heads)"
    }.joined(separator: ", ") + " of \(size) tokens"
  }

  private static func shares(_ evidence: [Evidence<FocusCell>]) -> String {
    evidence.grouped(by: \.cell.measure).map { measure, own in
      "\(measure.rawValue) \(Words.share(of: own))"
    }.joined(separator: ", ")
  }
}
