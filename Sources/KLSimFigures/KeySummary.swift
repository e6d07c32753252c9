// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimFiles

/// The values that the rows of a table have in common, and those in which they differ.
struct KeySummary {
  /// The columns with one value, and that value.
  let fixed: [(column: String, value: String)]
  /// The columns with several values, and those.
  let varying: [(column: String, values: [String])]
  /// The condition in words, without the init of a student that has its own start.
  let text: String

  /// Collects the columns that describe a row.
  ///
  /// - Parameters:
  ///   - table: the rows.
  ///   - shown: the columns that the figure shows in another way.
  /// - Throws: `InputError`.
  init(of table: Table, apartFrom shown: Set<String>) throws(InputError) {
    var fixed: [(column: String, value: String)] = []
    var varying: [(column: String, values: [String])] = []
    for name in table.keys where !shown.contains(name) {
      let values = try table.labels(name).texts
      if values.count == 1 {
        fixed.append((name, values[0]))
      } else {
        varying.append((name, values))
      }
    }
    self.fixed = fixed
    self.varying = varying
    text = fixed.filter { !$0.value.isEmpty && ($0.column, $0.value) != ("init", "student") }
      .map(table.words).joined(separator: " · ")
  }

  /// Refuses rows of several conditions.
  ///
  /// - Throws: `FigureError` with a column and a value to select by.
  func requireOne() throws(FigureError) {
    if !varying.isEmpty { throw severalConditions(showing: "one: select it") }
  }

  /// The error of rows of too many conditions.
  ///
  /// - Parameter shown: what the figure shows, and what to select.
  /// - Returns: the error, with the first column in which rows differ.
  func severalConditions(showing shown: String) -> FigureError {
    let (column, values) = (varying[0].column, varying[0].values)
    return FigureError(
      description: "the rows differ in "
        + varying.map { "\($0.column): \(Table.list($0.values))" }.joined(separator: "; in ")
        + "; the figure shows \(shown), e.g. \(column)=\(values[0])",
      remedy: .selectRows(column: column, value: values[0]))
  }

  /// The condition in words, and the number of seeds if it is known.
  func text(seeds count: Int?) -> String {
    let seeds = count.map { "\($0) seed\($0 == 1 ? "" : "s")" } ?? ""
    return [text, seeds].filter { !$0.isEmpty }.joined(separator: " · ")
  }
}

extension Table {
  /// Refuses rows that a figure would draw on top of each other.
  ///
  /// - Parameters:
  ///   - groups: rows that stand for the same point.
  ///   - point: what they have in common, in words.
  /// - Throws: `FigureError` with the column in which they differ.
  func requireSingles(_ groups: Groups, point: String) throws {
    guard groups.count < rowCount else { return }
    var seen = Set<Int>()
    let second = groups.ofRow.firstIndex { !seen.insert($0).inserted } ?? 0
    let first = groups.firstRows[groups.ofRow[second]]
    for name in keys {
      let labels = try labels(name)
      let values = [first, second].map { labels.texts[Int(labels.codes[$0])] }
      if values[0] != values[1] {
        throw FigureError(
          description: "several rows have the same \(point), and differ in \(name):"
            + " \(Table.list(labels.texts)); select one, e.g. \(name)=\(values[0])",
          remedy: .selectRows(column: name, value: values[0]))
      }
    }
    throw malformed(second, "several rows have the same \(point)")
  }
}
