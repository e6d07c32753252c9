// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimFiles
internal import KLSimSequences
internal import KLSimStudies

/// The summary that `sequence` gives at the end: who leads where, of the records at a few epochs.
struct SequenceSummary {
  private let tables: SequenceTables?
  private var rows: [[Value]] = []
  private var runCount = 0
  private var diverged: [String] = []

  /// A summary of no runs yet.
  init(of sequences: SequenceStudy, isQuiet: Bool) {
    tables = isQuiet ? nil : SequenceTables(of: sequences)
  }

  /// Adds a run.
  mutating func add(_ result: SequenceStudy.Result) {
    runCount += 1
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
    if let first = diverged.first {
      Terminal.say(
        "klsim: warning: the parameters became infinite or not a number in \(diverged.count) of"
          + " \(runCount) runs, the first: \(first)")
    }
  }
}
