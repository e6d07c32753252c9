// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimStudies

/// What `run` says when it is done.
struct RunSummary {
  private static let mostTables = 12

  /// Nil if nobody is to see it.
  private var comparison: Comparison?
  private var runCount = 0
  private var diverged: [String] = []

  /// Nothing to say yet.
  init(heads: [String], isQuiet: Bool) {
    comparison = isQuiet ? nil : Comparison(heads: heads)
  }

  /// Takes note of a batch.
  mutating func add(_ digest: RunPlan.Digest) {
    runCount += digest.runCount
    comparison?.add(digest.trajectories, of: digest.setup)
    diverged += digest.trajectories.compactMap { trajectory in
      trajectory.divergenceEpoch.map { epoch in
        "\(digest.setup.objective.specification) on \(digest.setup.teacher.specification)"
          + " with \(digest.setup.optimizer.specification) at \(digest.setup.learningRate),"
          + " seed \(trajectory.seed), from epoch \(epoch)"
      }
    }
  }

  /// Says it.
  func show() {
    if let tables = comparison?.tables {
      for table in tables.prefix(Self.mostTables) { Terminal.say("\(table)\n") }
      if tables.count > Self.mostTables {
        Terminal.say("… and \(tables.count - Self.mostTables) more tables; all is in the records\n")
      }
    }
    if let first = diverged.first {
      Terminal.say(
        "klsim: warning: the loss became infinite or not a number in \(diverged.count) of"
          + " \(runCount) runs, the first: \(first)")
    }
  }
}
