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

  /// A summary of no runs yet.
  init(of sequences: SequenceStudy, isQuiet: Bool) {
    tables = isQuiet ? nil : SequenceTables(of: sequences, isAggregated: false)
    lastEpoch = sequences.study.epochs
  }

  /// Adds a run.
  mutating func add(_ result: SequenceStudy.Result) {
    runCount += 1
    rows += tables?.rows(of: result) { $0 == lastEpoch } ?? []
    if let epoch = result.trajectory.divergenceEpoch {
      diverged.append(
        "\(result.setup.signal.specification) on \(result.setup.teacher.specification),"
          + " seed \(result.trajectory.seed), from epoch \(epoch)")
    }
  }

  /// Prints the summary, and warnings on standard error.
  ///
  /// - Parameter isOutput: whether the summary is what goes to standard output, not the records.
  /// - Throws: `OutputError`.
  func show(asOutput isOutput: Bool) throws {
    if let tables, !rows.isEmpty {
      let width = Terminal.width(of: isOutput ? .standardOutput : .standardError)
      let text = try SequenceAnswer(tables, rows: rows, epoch: lastEpoch).text(width: width)
      try Terminal.summarise(text, asOutput: isOutput)
    }
    if let first = diverged.first {
      Terminal.say(
        "klsim: warning: the parameters became infinite or not a number in \(diverged.count) of"
          + " \(runCount) runs, the first: \(first)")
    }
  }
}
