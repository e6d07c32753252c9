// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
internal import KLSimFiles
internal import KLSimNumerics
internal import KLSimSequences

/// The last epoch of runs on sequences, for people: medians over seeds, and which signal leads.
package struct SequenceAnswer: Sendable {
  /// What the summary shows, in the order of its columns.
  private static let shown = [
    "seq_fkl", "seq_rkl", "head_error", "tail_error", "entropy", "void_mass", "repetition",
  ]
  /// What signals are compared in.
  private static let compared = TableKind.sequences.comparedMeasurements

  private let columns: [Column]
  private let rows: [[Value]]
  private let epoch: Int

  /// - Parameters:
  ///   - tables: gives the columns.
  ///   - rows: the records of the last epoch of all runs.
  ///   - epoch: the last epoch.
  package init(_ tables: SequenceTables, rows: [[Value]], epoch: Int) {
    (columns, self.rows, self.epoch) = (tables.columns, rows, epoch)
  }

  /// The text.
  ///
  /// - Parameter width: the number of characters of a line.
  /// - Returns: the lines.
  /// - Throws: `StatisticsError` if GSL finds no quantile, or an error of a comparison.
  package func text(width: Int) throws -> String {
    let table = Table(source: "the records", columns: columns, rows: rows)
    let keys = columns.filter { $0.role == .key && $0 != .seed && $0 != .epoch }.map(\.name)
    let settings = keys.filter { $0 != SignalAxis.column.name }
    let conditions = try table.groups(by: settings)
    let runs = try table.groups(by: settings + [SignalAxis.column.name])
    let rowsOfRuns = Dictionary(grouping: runs.ofRow.indices) { runs.ofRow[$0] }
    let signals = try table.labels(SignalAxis.column.name)
    var blocks: [String] = []
    for (condition, first) in conditions.firstRows.enumerated() {
      let own = runs.firstRows.indices.filter { conditions.ofRow[runs.firstRows[$0]] == condition }
      let cells = try own.map { run in
        let places = rowsOfRuns[run] ?? []
        return [signals.texts[Int(signals.codes[runs.firstRows[run]])]]
          + (try Self.shown.map { name in
            let values = try table.numbers(name)
            return Statistics.quantiles([0.5], of: places.map { values[$0] }.filter { !$0.isNaN })
              .map { digits($0[0], 4) } ?? ""
          })
      }
      let title = try settings.map { try label(table, $0, first) }
      let lines =
        TextTable.title(title + ["epoch \(epoch)", "median over seeds"], width: width)
        + TextTable(header: ["signal"] + Self.shown, rows: cells, headsRows: true)
        .lines(width: width)
      blocks.append(lines.map { $0 + "\n" }.joined())
    }
    if let comparison = try comparison(table) { blocks.append(try comparison.text(width: width)) }
    return blocks.joined(separator: "\n")
  }

  private func label(_ table: Table, _ column: String, _ row: Int) throws -> String {
    let labels = try table.labels(column)
    return Axes.words(column, labels.texts[Int(labels.codes[row])])
  }

  /// Who leads; nil where there is one signal, or too few seeds for a lead.
  private func comparison(_ table: Table) throws -> RecordComparison? {
    guard try table.labels(SignalAxis.column.name).texts.count > 1 else { return nil }
    var question = RecordComparison.Question()
    question.by = SignalAxis.column.name
    question.metrics = Self.compared
    let comparison = try RecordComparison(table, question)
    return comparison.canLead ? comparison : nil
  }
}
