// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

/// One table of a comparison: a row a question, a column an objective, and who leads.
package struct ComparisonTable: Sendable {
  /// What a table needs to know of a run.
  struct Run: Sendable {
    let convergenceEpoch: Int?
    /// One an epoch that is shown.
    let records: [EpochRecord?]
  }

  /// What is asked of every run.
  struct Question: Sendable {
    let label: String
    /// Which answers are better; nil if none is.
    let better: Column.Better?
    /// How an answer that is no number reads.
    var infinite = "nan"
    let answer: @Sendable (Run) -> Double?
  }

  private let title: [String]
  private let table: TextTable

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
    let rows = zip(questions, contests).map { question, contest in
      [question.label]
        + contest.entries.map { $0.median.isFinite ? digits($0.median, 4) : question.infinite }
        + (hasLeader ? [question.better == nil ? "" : Self.leader(of: contest)] : [])
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
  private static func leader(of contest: Contest) -> String {
    guard let (entry, share) = contest.leader else { return "tie" }
    let level = contest.entries[entry].level
    guard contest.pairs.contains(where: { $0.difference.count > 1 }) else { return level }
    return "\(level) in \(contest.entries.count > 2 && share < 1 ? "≥ " : "")\(percent(share))"
  }

  /// The questions of a table: total error, head error, tail error and the metrics by epoch, and when
  /// runs converge.
  ///
  /// - Parameters:
  ///   - epochs: the epochs whose records a run has.
  ///   - last: the last epoch that is fitted.
  ///   - head: the place of the head rule.
  ///   - extras: the columns of the metrics.
  /// - Returns: one a row.
  static func questions(epochs: [Int], last: Int, head: Int, extras: [Column]) -> [Question] {
    func rows(_ make: (_ place: Int, _ when: String) -> Question) -> [Question] {
      epochs.enumerated().map { make($0, "at epoch \($1)") }
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
      + [
        Question(
          label: "first epoch with TVD < \(Trajectory.convergenceThreshold)", better: .lower,
          infinite: "never"
        ) { $0.convergenceEpoch.map(Double.init) }
      ]
  }

  /// `Σ |p − q|` at an epoch.
  static func totalError(_ place: Int, _ when: String) -> Question {
    Question(label: "total error \(when)", better: .lower) {
      $0.records[place].map { 2 * $0.totalVariation }
    }
  }
}
