// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
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
    let label: String
    /// Which answers are better; nil if none is.
    let better: Column.Better?
    /// How an infinite answer reads; nil for `inf`.
    var infinite: String?
    /// The answer; NaN if it is not a number, nil if there is none.
    let answer: @Sendable (Run) -> Double?
  }

  private let title: [String]
  private let table: TextTable
  /// What the pairs say, row by row.
  private let verdicts: [Verdict]

  /// A table.
  ///
  /// - Parameters:
  ///   - title: its title in words.
  ///   - questions: the rows.
  ///   - contests: one a question, of the same levels.
  ///   - choices: a label, and what each level has chosen, in words; nil for no such row.
  init(
    title: [String], questions: [Question], contests: [Contest],
    choices: (label: String, ofLevel: [String: String])?
  ) {
    self.title = title
    let levels = contests.first?.entries.map(\.level) ?? []
    let hasLeader = levels.count > 1
    let isSingle = contests.allSatisfy { $0.pairs.allSatisfy { $0.difference.count == 1 } }
    let verdicts = zip(questions, contests).map { $0.better == nil ? nil : $1.verdict }
    self.verdicts = verdicts.compactMap { $0 }
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
    func rows(_ make: (_ place: Int, _ when: String) -> Question) -> [Question] {
      states.enumerated().map {
        make($0, "at epoch \(RunLength.words(epoch: length.epoch(of: $1)))")
      }
    }
    return rows(totalError)
      + rows { place, when in
        Question(label: "head error \(when)", better: .lower) {
          $0.records[place]?.heads[head].head
        }
      }
      + rows { place, when in
        Question(label: "tail error \(when)", better: .lower) {
          $0.records[place]?.heads[head].tail
        }
      }
      + extras.enumerated().flatMap { index, column in
        rows { place, when in
          Question(label: "\(column.name) \(when)", better: column.better) {
            $0.records[place]?.extras[head][index]
          }
        }
      }
      + (tellsConvergence
        ? [
          Question(
            label: "first epoch with TVD < \(Trajectory.convergenceThreshold)", better: .lower,
            infinite: "never"
          ) { $0.convergenceEpoch }
        ] : [])
  }

  /// `Σ |p − q|` at an epoch.
  static func totalError(_ place: Int, _ when: String) -> Question {
    Question(label: "total error \(when)", better: .lower) {
      $0.records[place]?.totalError
    }
  }
}
