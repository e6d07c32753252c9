// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
package import KLSimFiles
internal import KLSimNumerics

/// One table of a comparison: a row a question, a column an objective, and who leads.
package struct ComparisonTable: Sendable {
  /// What a table needs to know of a run.
  struct Run: Sendable {
    /// The first epoch with a small TVD, infinite if there is none; nil if that is not known.
    let convergenceEpoch: Double?
    /// One an epoch that is shown.
    let records: [EpochRecord?]
  }

  /// What is asked of every run.
  struct Question: Sendable {
    /// What is measured, in words, and the name of its column.
    let words, measurement: String
    /// When, in epochs; nil for the whole run.
    let epoch: Double?
    /// Which answers are better; nil if none is.
    let better: Column.Better?
    /// How an infinite answer reads; nil for `inf`.
    var infinite: String?
    /// The answer; NaN if it is not a number, nil if there is none.
    let answer: @Sendable (Run) -> Double?

    var label: String {
      epoch.map { "\(words) at epoch \(RunLength.words(epoch: $0))" } ?? words
    }
  }

  private let title: [String]
  private let table: TextTable
  /// What the pairs say, row by row.
  private let verdicts: [Verdict]
  /// The table for programs.
  package let json: JSON

  /// A table.
  ///
  /// - Parameters:
  ///   - title: its title in words.
  ///   - questions: the rows.
  ///   - contests: one a question, of the same levels.
  ///   - choices: a label, and what each level has chosen, in words; nil for no such row.
  ///   - members: what the table is of, for programs.
  init(
    title: [String], questions: [Question], contests: [Contest],
    choices: (label: String, ofLevel: [String: String])?,
    members: [(key: String, value: JSON)]
  ) {
    self.title = title
    let levels = contests.first?.entries.map(\.level) ?? []
    let hasLeader = levels.count > 1
    let isSingle = contests.allSatisfy { $0.pairs.allSatisfy { $0.difference.count == 1 } }
    let verdicts = zip(questions, contests).map { $0.better == nil ? nil : $1.verdict }
    self.verdicts = verdicts.compactMap { $0 }
    json = .object(
      members + [
        (
          "rows",
          .array(
            zip(zip(questions, contests), verdicts).map { $0.0.json(of: $0.1, verdict: $1) })
        )
      ])
    let rows = zip(zip(questions, contests), verdicts).map { row, verdict in
      let (question, contest) = row
      let medians = contest.entries.map { $0.median ?? .nan }
      let texts = zip(digits(medians, telling: verdict?.entry), contest.entries).map {
        $1.median == nil ? "–" : $1.median == .infinity ? question.infinite ?? $0 : $0
      }
      let words = verdict.map { Self.words($0, contest, isSingle: isSingle) } ?? ""
      return [question.label] + texts + (hasLeader ? [words] : [])
    }
    let chosen = choices.map { choices in
      [choices.label] + levels.map { choices.ofLevel[$0] ?? "" } + (hasLeader ? [""] : [])
    }
    table = TextTable(
      header: [""] + levels + (hasLeader ? [isSingle ? "ahead" : "leads"] : []),
      rows: (chosen.map { [$0] } ?? []) + rows)
  }

  /// The table as text.
  ///
  /// - Parameter width: how many characters a line may have.
  /// - Returns: lines without an end of the last.
  package func text(width: Int) -> String {
    (TextTable.title(title, width: width) + table.lines(width: width)).joined(separator: "\n")
  }

  /// Who leads every other, and in which share of the pairs at least.
  private static func words(_ verdict: Verdict, _ contest: Contest, isSingle: Bool) -> String {
    let words = verdict.words(contest.entries.map(\.level), isSingle: isSingle)
    guard case .leads(let entry) = verdict else { return words }
    let share = contest.leastShare(of: entry)
    return "\(words) in \(contest.entries.count > 2 && share < 1 ? "≥ " : "")\(percent(share))"
  }

  /// What the words of tables mean, of those that are there.
  ///
  /// - Parameters:
  ///   - tables: the tables.
  ///   - width: how many characters a line may have.
  /// - Returns: lines, each with an end.
  package static func legend(of tables: some Sequence<ComparisonTable>, width: Int) -> String {
    Verdict.legend(
      of: tables.flatMap(\.verdicts), confidence: ConfidenceInterval.defaultConfidence, family: nil,
      width: width)
  }

  /// The questions of a table: total error, head error, tail error and the metrics by epoch, and when
  /// runs converge.
  ///
  /// - Parameters:
  ///   - states: the states whose records a run has, by updates made.
  ///   - length: the length of the run.
  ///   - head: the place of the head rule.
  ///   - extras: the columns of the metrics.
  ///   - tellsConvergence: whether it is known when runs converge.
  /// - Returns: one a row.
  static func questions(
    states: [Int], of length: RunLength, head: Int, extras: [Column],
    tellsConvergence: Bool = true
  ) -> [Question] {
    func rows(
      _ words: String, _ measurement: String, better: Column.Better? = .lower,
      _ answer: @escaping @Sendable (EpochRecord) -> Double?
    ) -> [Question] {
      states.indices.map { place in
        Question(
          words: words, measurement: measurement, epoch: length.epoch(of: states[place]),
          better: better
        ) { $0.records[place].flatMap(answer) }
      }
    }
    return rows("total error", RecordComparison.Question.totalError.name) { $0.totalError }
      + rows("head error", "head_error") { $0.heads[head].head }
      + rows("tail error", "tail_error") { $0.heads[head].tail }
      + extras.enumerated().flatMap { index, column in
        rows(column.name, column.name, better: column.better) { $0.extras[head][index] }
      }
      + (tellsConvergence
        ? [
          Question(
            words: "first epoch with TVD < \(Trajectory.convergenceThreshold)",
            measurement: "convergence_epoch", epoch: nil, better: .lower, infinite: "never"
          ) { $0.convergenceEpoch }
        ] : [])
  }
}
