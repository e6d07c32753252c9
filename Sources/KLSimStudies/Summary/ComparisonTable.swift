// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimNumerics

/// One aligned table of a comparison: a row a question, a column an objective, and who leads.
package struct ComparisonTable: Sendable, CustomStringConvertible {
  /// What a table needs to know of a run.
  struct Run: Sendable {
    let objective: String
    let seed: UInt64
    let convergenceEpoch: Int?
    let records: [EpochRecord]
  }

  /// A question with the answer of every objective for every seed; smaller is better.
  private struct Row {
    let label: String
    let samples: [[Double]]
    /// How an answer that is no number reads.
    let infinite: String
  }

  private let title: String
  private let objectives: [String]
  private let rows: [Row]

  init(title: String, runs: [Run], head: Int, lastEpoch: Int) {
    self.title = title
    let objectives = runs.map(\.objective).reduce(into: [String]()) { names, name in
      if !names.contains(name) { names.append(name) }
    }
    self.objectives = objectives
    func row(
      _ label: String, infinite: String = "nan", _ answer: (Run) -> Double?
    ) -> Row {
      Row(
        label: label,
        samples: objectives.map { name in
          // Not a number is worse than any number.
          runs.filter { $0.objective == name }.map { run in
            answer(run).flatMap { $0.isNaN ? nil : $0 } ?? .infinity
          }
        },
        infinite: infinite)
    }
    func record(_ run: Run, _ epoch: Int) -> EpochRecord? {
      run.records.first { $0.epoch == epoch }
    }
    let epochs = (Comparison.epochs + [lastEpoch]).filter { $0 <= lastEpoch }
    let shown = Set(epochs).sorted()
    rows =
      [
        row("TVD at epoch \(lastEpoch)") { record($0, lastEpoch)?.totalVariation },
        row(
          "first epoch with TVD < \(Trajectory.convergenceThreshold)", infinite: "never"
        ) { $0.convergenceEpoch.map(Double.init) },
      ]
      + shown.map { epoch in
        row("head error at epoch \(epoch)") { record($0, epoch)?.heads[head].head }
      }
      + shown.map { epoch in
        row("tail error at epoch \(epoch)") { record($0, epoch)?.heads[head].tail }
      }
  }

  package var description: String {
    let header = [""] + objectives + (objectives.count > 1 ? ["leads"] : [])
    let body = rows.map { row in
      let medians = row.samples.map { sample in
        let median = Statistics.quantile(0.5, of: sample) ?? .infinity
        return median == .infinity ? row.infinite : digits(median, 4)
      }
      return [row.label] + medians + (objectives.count > 1 ? [leader(of: row)] : [])
    }
    let table = [header] + body
    let widths = header.indices.map { column in table.map { $0[column].count }.max() ?? 0 }
    let lines = table.map { cells in
      cells.indices.map { column in
        let padding = String(repeating: " ", count: widths[column] - cells[column].count)
        return column == 0 ? cells[column] + padding : padding + cells[column]
      }.joined(separator: "  ")
    }
    return ([title] + lines).joined(separator: "\n")
  }

  /// Who has the smallest value, in the largest share of the seeds if there are several; a tie if two
  /// have it in as many.
  private func leader(of row: Row) -> String {
    let seedCount = row.samples.map(\.count).min() ?? 0
    var wins = [Int](repeating: 0, count: objectives.count)
    for seed in 0..<seedCount {
      let values = row.samples.map { $0[seed] }
      let best = values.min()
      let leaders = values.indices.filter { values[$0] == best }
      if leaders.count == 1 { wins[leaders[0]] += 1 }
    }
    guard let most = wins.max(), most > 0, let index = wins.firstIndex(of: most),
      wins.lastIndex(of: most) == index
    else { return "tie" }
    guard seedCount > 1 else { return objectives[index] }
    return "\(objectives[index]) in \(percent(Double(most) / Double(seedCount)))"
  }
}
