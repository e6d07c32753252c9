// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimStudies

/// The summary that `run` prints at the end.
struct RunSummary {
  private static let maximumTables = 12

  /// Nil if it is not to be printed.
  private var comparison: Comparison?
  private var runCount = 0
  private var diverged: [String] = []

  /// A summary of no runs yet.
  init(heads: [String], isQuiet: Bool) {
    comparison = isQuiet ? nil : Comparison(heads: heads)
  }

  /// Adds the runs of an item of work.
  mutating func add(_ result: FitStudy.Result) {
    runCount += result.trajectories.count
    comparison?.add(result.trajectories, of: result.setup)
    diverged += result.trajectories.compactMap { trajectory in
      trajectory.divergenceEpoch.map { epoch in
        "\(result.setup.objective.specification) on \(result.setup.teacher.specification)"
          + " with \(result.setup.optimizer.specification) at \(result.setup.learningRate),"
          + " seed \(trajectory.seed), from epoch \(epoch)"
      }
    }
  }

  /// Prints the summary.
  func show() {
    if let tables = comparison?.tables {
      for table in tables.prefix(Self.maximumTables) { Terminal.say("\(table)\n") }
      if tables.count > Self.maximumTables {
        let rest = tables.count - Self.maximumTables
        Terminal.say("… and \(rest) more tables; all is in the records\n")
      }
    }
    if let first = diverged.first {
      Terminal.say(
        "klsim: warning: the loss became infinite or not a number in \(diverged.count) of"
          + " \(runCount) runs, the first: \(first)")
    }
  }
}
