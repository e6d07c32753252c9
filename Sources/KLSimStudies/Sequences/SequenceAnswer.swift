// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
package import KLSimFiles
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
    var blocks = try conditions(of: table).map { condition in
      let title = condition.settings.map { Axes.words($0.name, $1) }
      let cells = condition.signals.map { signal, medians in
        [signal] + medians.map { $0.map { digits($0, 4) } ?? "" }
      }
      let lines =
        TextTable.title(title + ["epoch \(epoch)", "median over seeds"], width: width)
        + TextTable(header: ["signal"] + Self.shown, rows: cells, headsRows: true)
        .lines(width: width)
      return lines.map { $0 + "\n" }.joined()
    }
    if let comparison = try comparison(table) { blocks.append(try comparison.text(width: width)) }
    return blocks.joined(separator: "\n")
  }

  /// The same for programs.
  package var members: [(key: String, value: JSON)] {
    get throws {
      let table = Table(source: "the records", columns: columns, rows: rows)
      let tables = try conditions(of: table).map { condition in
        let signals = condition.signals.map { signal, medians in
          JSON.object([("signal", .string(signal))] + zip(Self.shown, medians.map { JSON($0) }))
        }
        return JSON.object([
          ("condition", .object(condition.settings.map { ($0.name, JSON($0.value(of: $1))) })),
          ("medians", .array(signals)),
        ])
      }
      let comparison = try comparison(table).map { try $0.members }
      return [
        ("epoch", JSON(epoch)), ("tables", .array(tables)),
        ("comparison", comparison.map { .object($0) } ?? .null),
      ]
    }
  }

  /// The runs that differ in signal and seed alone.
  private struct Condition {
    /// The other keys, and their values.
    let settings: [(column: Column, value: String)]
    /// Every signal, and its median in each of `shown`, nil for none.
    let signals: [(String, [Double?])]
  }

  private func conditions(of table: Table) throws -> [Condition] {
    let settings = columns.filter {
      $0.role == .key && ![.seed, .epoch, SignalAxis.column].contains($0)
    }
    let conditions = try table.groups(by: settings.map(\.name))
    let runs = try table.groups(by: settings.map(\.name) + [SignalAxis.column.name])
    let rowsOfRuns = Dictionary(grouping: runs.ofRow.indices) { runs.ofRow[$0] }
    return try conditions.firstRows.enumerated().map { condition, first in
      let own = runs.firstRows.indices.filter { conditions.ofRow[runs.firstRows[$0]] == condition }
      return Condition(
        settings: try settings.map { ($0, try text(table, $0.name, first)) },
        signals: try own.map { run in
          let places = rowsOfRuns[run] ?? []
          let medians = try Self.shown.map { name in
            let values = try table.numbers(name)
            return Statistics.quantile(0.5, of: places.map { values[$0] }.filter { !$0.isNaN })
          }
          return (try text(table, SignalAxis.column.name, runs.firstRows[run]), medians)
        })
    }
  }

  private func text(_ table: Table, _ column: String, _ row: Int) throws -> String {
    let labels = try table.labels(column)
    return labels.texts[Int(labels.codes[row])]
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
