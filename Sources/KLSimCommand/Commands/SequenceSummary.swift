// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimFiles
internal import KLSimSequences
internal import KLSimStudies
internal import SystemPackage

/// The summary that `sequence` gives at the end.
struct SequenceSummary {
  /// Nil if it is not to be printed.
  private let tables: SequenceTables?
  private let lastEpoch: Int
  private var rows: [[Value]] = []
  private var runCount = 0
  private var diverged: [String] = []
  private var infinite: [String] = []

  /// A summary of no runs yet.
  init(of sequences: SequenceStudy, isQuiet: Bool) {
    tables = isQuiet ? nil : SequenceTables(of: sequences, isAggregated: false)
    lastEpoch = sequences.study.epochs
  }

  /// Adds a run.
  mutating func add(_ result: SequenceStudy.Result) {
    runCount += 1
    rows += tables?.rows(of: result) { $0 == lastEpoch } ?? []
    let trajectory = result.trajectory
    func place(_ epoch: Int) -> String {
      "\(result.setup.signal.specification) on \(result.setup.teacher.specification),"
        + " seed \(trajectory.seed), from epoch \(epoch)"
    }
    if let epoch = trajectory.divergenceEpoch { diverged.append(place(epoch)) }
    let finite = trajectory.records.prefix { $0.epoch < trajectory.divergenceEpoch ?? .max }
    if let epoch = finite.first(where: \.hasInfiniteGradient)?.epoch {
      infinite.append(place(epoch))
    }
  }

  /// Prints the summary, and warnings on standard error.
  ///
  /// - Parameter place: where the summary goes.
  /// - Throws: `OutputError`.
  func show(in place: RecordOptions.SummaryPlace) throws {
    let warnings = [
      (diverged, "parameters or logits became infinite or not a number"),
      (
        infinite,
        "the gradient has an infinite mean or variance, as a ratio of probabilities overflows,"
      ),
    ].compactMap { runs, what in
      runs.first.map { "\(what) in \(runs.count) of \(runCount) runs, the first: \($0)" }
    }
    if let tables, !rows.isEmpty {
      let answer = SequenceAnswer(tables, rows: rows, epoch: lastEpoch)
      if place == .document {
        try Terminal.output(
          .document(
            "sequence-summary",
            [("runs", JSON(runCount)), ("diverged", JSON(diverged.count))] + answer.members
              + [("warnings", JSON(warnings))]))
      } else {
        let width = Terminal.width(of: place == .output ? .standardOutput : .standardError)
        try Terminal.summarise(answer.text(width: width), asOutput: place == .output)
      }
    }
    for warning in warnings { Terminal.say("klsim: warning: \(warning)") }
  }
}
