// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
package import KLSimFiles
internal import KLSimNumerics

/// Who leads where in a table of records: the levels of one key column, in one measurement, at some epochs.
package struct RecordComparison: Sendable {
  /// What is asked of the records.
  package struct Question: Sendable {
    /// The key column whose values are compared.
    package var by = Column.objective.name
    /// The measurements; `total_error` is head error and tail error together.
    package var metrics = TableKind.records.comparedMeasurements
    /// The epochs, as `EpochSelection.epoch(nearest:among:)` takes them; nil for 1, 5, 10 and the last, as far
    /// as they are recorded.
    package var epochs: [Double]?
    /// The key columns in which every level takes the value that is best for it.
    package var best: [String] = []
    /// The key columns whose every combination has an answer of its own; nil for all that vary.
    package var within: [String]?
    /// Which levels are compared.
    package var rivals = Rivals.all
    /// The confidence of intervals, in (0, 1).
    package var confidence = ConfidenceInterval.defaultConfidence

    /// The default question: which objective has the lower tail error.
    package init() {}

    /// The columns to read as numbers.
    package var numbers: Set<String> {
      Set([Column.epoch.name, "tvd"] + metrics.filter { $0 != Self.totalError.name })
    }

    /// `Σ |p − q|`, which is twice the total variation distance.
    static let totalError = Column("total_error", .number, "Σ |p - q|, twice the tvd")
  }

  /// The levels in one condition, measurement and epoch.
  struct Answer: Sendable {
    /// The values of `keys`.
    let keys: [String]
    let metric: Column
    let epoch: Double
    let contest: Contest
    let pairing: Pairing
    /// The Holm-adjusted p of every pair of the contest, and what follows from it.
    var outcomes: [(adjusted: Double, verdict: Verdict)] = []
  }

  let question: Question
  /// The key columns that tell one condition from another, or that all rows share.
  let keys: [String]
  /// How many p values are adjusted together.
  private(set) var family = 0
  /// Condition by condition, measurement by measurement, epoch by epoch.
  private(set) var answers: [Answer] = []
  /// What there is to be warned of, sentence by sentence.
  package private(set) var warnings: [String] = []
  /// How the question was understood where that may be unexpected, likewise.
  package private(set) var notes: [String] = []

  /// Compares the levels.
  ///
  /// - Parameters:
  ///   - table: records, read with `Question.numbers`.
  ///   - question: what is asked.
  /// - Throws: `InputError` for a table that is none of records, or `StudyError` for a question that it
  ///   has no answer to.
  package init(_ table: Table, _ question: Question) throws {
    let question = try question.checked(against: table)
    self.question = question
    let rows = try RecordedRuns(table, question)
    keys = rows.keys
    let (comparable, others) = rows.split()
    for condition in comparable {
      let pairing = try rows.pairing(of: condition, question.metrics)
      warnings += pairing.warning.map { [$0] } ?? []
      let training = question.best.isEmpty ? nil : rows.training(of: condition)
      let trainingPairs = try training.map { try rows.pairing(of: $0, question.metrics) }
      for metric in question.metrics {
        let column = rows.column(metric)
        for (place, epoch) in condition.epochs.enumerated() {
          var samples = try condition.runs.map { try rows.sample($0, metric, epoch: place) }
          if let training {
            let best = Contest(
              try training.runs.map { try rows.sample($0, metric, epoch: place) },
              over: trainingPairs, better: column.better
            ).entries
            samples = samples.filter { own in
              best.contains { $0.level == own.level && $0.choice == own.choice }
            }
          }
          let contest = Contest(
            samples, over: pairing, better: column.better, rivals: question.rivals,
            confidence: question.confidence)
          answers.append(
            Answer(
              keys: condition.keys, metric: column, epoch: epoch, contest: contest, pairing: pairing
            ))
        }
      }
    }
    guard !comparable.isEmpty else {
      throw StudyError(
        "no two values of \(question.by) were run with the same \(rows.within.joined(separator: ", "))"
          + Question.choices(among: rows.within).prefix(1).map {
            "; `best` chooses one for each, e.g. `best` \($0)"
          }.joined())
    }
    guard answers.contains(where: { !$0.contest.pairs.isEmpty }) else {
      throw StudyError("no seed was run with two values of \(question.by): there are no pairs")
    }
    if let first = others.first {
      warnings.append(
        "\(others.count) of \(rows.conditions.count) conditions have only one value of"
          + " \(question.by), and no answer; the first: \(first.words)")
    }
    notes = rows.notes
    tellChoice(on: Set(rows.conditions.flatMap(\.keys)))
    adjust()
    warn()
  }

  /// Says on which contexts the best choices are made, if some are held out.
  private mutating func tellChoice(on values: Set<String>) {
    guard !question.best.isEmpty, values.contains(Split.heldOut.rawValue) else { return }
    let choice = "the best \(question.best.joined(separator: ", ")) is chosen on"
    if values.contains(Split.train.rawValue) {
      notes.append("\(choice) the training contexts, and taken for those held out")
    } else {
      warnings.append(
        "\(choice) the held-out contexts themselves, which flatters; keep the rows of split=train")
    }
  }

  /// Adjusts the p values of all answers, which are one family.
  private mutating func adjust() {
    var adjusted = SignTest.holm(answers.flatMap { $0.contest.pairs.map(\.difference.p) })[...]
    family = adjusted.count
    for index in answers.indices {
      let contest = answers[index].contest
      answers[index].outcomes = zip(contest.pairs, adjusted).map { [family] pair, adjusted in
        (adjusted, contest.verdict(of: pair, adjusted: adjusted, family: family))
      }
      adjusted = adjusted.dropFirst(contest.pairs.count)
    }
  }

  /// The fewest pairs from which a lead can follow.
  var fewestPairs: Int {
    PairedDifference.fewestPairs(confidence: question.confidence, family: family)
  }

  /// Whether there are enough pairs for a lead.
  var canLead: Bool {
    answers.flatMap(\.contest.pairs).contains { $0.difference.count >= fewestPairs }
  }

  /// What an answer is about: measurement, part of the contexts and epoch.
  private func words(_ answer: Answer) -> String {
    let split = keys.firstIndex(of: Column.split.name).map { answer.keys[$0] } ?? ""
    return [answer.metric.name, split, "epoch \(RunLength.words(epoch: answer.epoch))"]
      .filter { !$0.isEmpty }.joined(separator: ", ")
  }

  private mutating func warn() {
    for answer in answers {
      warnings += answer.contest.edgeWarnings(on: question.best).map {
        "\(words(answer)): \($0)"
      }
    }
    let pairs = answers.flatMap(\.contest.pairs)
    if let unpaired = pairs.map(\.unpaired).max(), unpaired > 0 {
      warnings.append(
        "up to \(unpaired) runs of a pair of levels have no partner of the same seed, and are left out"
      )
    }
    if let least = pairs.map(\.difference.count).min(), least < fewestPairs {
      warnings.append(
        "\(least) pair\(least == 1 ? " is" : "s are") too few for a lead at a confidence of"
          + " \(digits(question.confidence)) in \(family) row\(family == 1 ? "" : "s"): "
          + (family == 1 ? "" : "narrow the question (one metric, epoch or split), or ")
          + "run --seeds \(fewestPairs), or as many contexts")
    }
    warnings += answers.map(\.metric).filter { $0.better == nil }.map {
      "no values of \($0.name) are better than others: here the lower ones lead"
    }
    warnings = warnings.uniqued()
  }
}
