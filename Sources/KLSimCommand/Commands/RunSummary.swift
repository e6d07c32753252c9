// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimFiles
internal import KLSimStudies
internal import SystemPackage

/// The summary that `run` gives at the end.
struct RunSummary {
  private static let maximumTables = 12

  /// Nil if it is not to be printed.
  private var comparison: Comparison?
  private var runCount = 0
  private var diverged: [String] = []

  /// A summary of no runs yet.
  init(of fits: FitStudy, isQuiet: Bool) throws {
    comparison = isQuiet ? nil : try Comparison(fits)
  }

  /// Adds the runs of an item of work.
  ///
  /// - Parameters:
  ///   - result: the runs.
  ///   - compared: what is compared of them, or of the items before.
  mutating func add(_ result: FitStudy.Result, compared: [Trajectory]) {
    comparison?.add(compared, of: result.setup)
    // Contexts that share parameters are one run.
    let runs =
      result.setup.isJoint
      ? result.trajectories.grouped(by: \.seed).map(\.elements) : result.trajectories.map { [$0] }
    runCount += runs.count
    func place(_ trajectory: Trajectory, _ epoch: Int) -> String {
      let setup = result.setup
      let context =
        if case .one(let index) = trajectory.context {
          setup.teacher.component.contexts.place(index)
        } else { "" }
      return "\(setup.objective.specification) on \(setup.teacher.specification)"
        + " with \(setup.optimizer.specification) at \(setup.learningRate),"
        + " seed \(trajectory.seed)\(context), from epoch"
        + " \(RunLength.words(epoch: setup.length.epoch(of: epoch)))"
    }
    diverged += runs.compactMap { run in
      run.compactMap { own in own.divergenceEpoch.map { (own, $0) } }.min { $0.1 < $1.1 }.map(place)
    }
  }

  /// Prints the summary, and warnings on standard error.
  ///
  /// - Parameter place: where the summary goes.
  /// - Throws: `OutputError`.
  func show(in place: RecordOptions.SummaryPlace) throws {
    let answer = comparison?.answer()
    let warnings = (answer?.warnings ?? []) + (divergence.map { [$0] } ?? [])
    if let answer {
      if place == .document {
        try Terminal.output(
          .document(
            "run-summary",
            [
              ("runs", JSON(runCount)), ("diverged", JSON(diverged.count)),
              ("tables", .array(answer.tables.map(\.json))), ("warnings", JSON(warnings)),
            ]))
      } else {
        try show(answer.tables, asOutput: place == .output)
      }
    }
    for warning in warnings { Terminal.say("klsim: warning: \(warning)") }
  }

  private func show(_ tables: [ComparisonTable], asOutput isOutput: Bool) throws {
    let width = Terminal.width(of: isOutput ? .standardOutput : .standardError)
    let rest = tables.count - Self.maximumTables
    let text =
      tables.prefix(Self.maximumTables).map { $0.text(width: width) + "\n" }.joined(
        separator: "\n")
      + (rest > 0 ? "\n… and \(rest) more tables; all is in the records\n" : "")
      + ComparisonTable.legend(of: tables.prefix(Self.maximumTables), width: width)
    try Terminal.summarise(text, asOutput: isOutput)
  }

  private var divergence: String? {
    diverged.first.map {
      "the loss became infinite or not a number in \(diverged.count) of \(runCount) runs, the first: \($0)"
    }
  }
}
