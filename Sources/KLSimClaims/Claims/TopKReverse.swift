// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimStudies
internal import KLSimCore

/// Whether reverse KL of some tokens alone drives the student's mass off them.
///
/// Truncated at the teacher's k largest tokens, `Σ_S q log(q/p)` is least at Q_S = P_S/e, where it is −P_S/e;
/// with the teacher renormalised, at Q_S = 1/e.
struct TopKReverse: Claim {
  static let name = "topk-reverse"
  static let statement =
    "Reverse KL of the k most probable tokens alone, not renormalised, drives the student's mass off them:"
    + " whether these are the teacher's or the student's k, the student ends with more than 0.01 less mass on"
    + " them than the teacher has."
  static let source =
    "the truncated reverse KL of public trainers, e.g. the code of verl; a rest in one bucket:"
    + " Shenfeld et al., arXiv 2601.19897"
  static let setting =
    "chosen here: longtail, Adam at 0.2, start torch-uniform, epoch 100, truncate, every k"
  static let quantity = "the student's mass on the k tokens minus the teacher's, Q - P"

  struct Cell: ClaimCell {
    let mode: String
    let selection: String
    let count: Int
    let epoch: Int

    static let columns = [
      Column(key: "mode", .text, "what becomes of the other tokens"),
      Column(key: "select", .text, "whose k most probable tokens are kept"),
      Column(key: "k", .integer, "number of tokens kept"),
      Column.epoch,
    ]
    var values: [Value] { [.text(mode), .text(selection), Value(count), Value(epoch)] }
  }

  private static let truncated = "truncate"
  private static let modes = [truncated, "renormalize-teacher", "clamp", "renormalize", "bucket"]
  private static let selections = ["teacher", "student"]
  private static let counts = [5, 20, 40]
  private static let epochs = [10, last]
  private static let last = 100
  private static let margin = 0.01

  func trials() throws -> [Trial<Cell>] {
    let choices = Self.modes.flatMap { mode in
      Self.selections.flatMap { selection in
        Self.counts.map { (mode: mode, selection: selection, count: $0) }
      }
    }
    return try PaperSettings.conditions(
      teachers: ["longtail", "zipf:size=80", "softmax-normal"],
      optimizers: [("adam", 0.2), ("sgd", 10)],
      initializations: ["torch-uniform", "teacher-noise:sigma=0.1"]
    ).map { condition in
      let runs = try PairedRuns(
        condition,
        objectives: choices.map {
          "topk-kl:k=\($0.count):direction=reverse:mode=\($0.mode):select=\($0.selection)"
        }, epochs: Self.last, heads: [], recorded: [], snapshots: Self.epochs)
      let questions = choices.enumerated().flatMap { run, choice in
        Self.epochs.map { epoch in
          let cell = Cell(
            mode: choice.mode, selection: choice.selection, count: choice.count, epoch: epoch)
          return FitQuestion(cell, of: [FittedState(run: run, epoch: epoch)]) { fits in
            let state = fits[run].state(epoch)
            let kept =
              choice.selection == "teacher"
              ? Array(0..<choice.count) : state.topRanks(choice.count) ?? []
            let excess = kept.reduce(0) {
              $0 + state.probabilities[$1] - state.teacher.probabilities[$1]
            }
            return Outcome(excess < -Self.margin, quantity: kept.isEmpty ? .nan : excess)
          }
        }
      }
      return Trial(condition, runs: runs, questions: questions)
    }
  }

  /// What is not renormalised, once it is trained; the other modes are there to compare.
  func covers(_ evidence: Evidence<Cell>) -> Bool {
    evidence.cell.mode == Self.truncated && evidence.cell.epoch == Self.last
  }

  func isPublished(_ evidence: Evidence<Cell>) -> Bool {
    covers(evidence) && evidence.condition == PaperSettings.longTail
  }

  func boundaries(_ evidence: [Evidence<Cell>]) -> [String] {
    func range(of means: [Double]) -> String {
      guard let least = means.min(), let most = means.max() else { return "unknown" }
      return "\(digits(least, 2)) to \(digits(most, 2))"
    }
    func words(_ own: [Evidence<Cell>]) -> String {
      own.grouped(by: \.cell.selection).map { selection, own in
        "\(selection)'s k \(Words.share(of: own)), Q - P \(range(of: own.compactMap(\.mean)))"
      }.joined(separator: ", ")
    }
    return evidence.filter { $0.cell.epoch == Self.last }.grouped(by: \.cell.mode).map {
      mode, own in
      let parts = own.grouped(by: \.condition.initialization).map { "from \($0) \(words($1))" }
      return "\(mode) \(parts.joined(separator: "; "))"
    }
  }
}
