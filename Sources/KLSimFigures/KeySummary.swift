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
  /// - Throws: `FigureError` with the values of one condition to select.
  func requireOne() throws(FigureError) {
    guard !varying.isEmpty else { return }
    // The first values of all columns are those of the first row.
    throw severalConditions(
      showing: "one", selecting: varying.map { .init(column: $0.column, value: $0.values[0]) })
  }

  /// The error of rows of too many conditions.
  ///
  /// - Parameters:
  ///   - shown: how many the figure shows.
  ///   - selections: what leaves so many.
  /// - Returns: the error.
  func severalConditions(
    showing shown: String, selecting selections: [Table.Selection]
  ) -> FigureError {
    FigureError(
      description: "the rows differ in "
        + varying.map { "\($0.column): \(Table.list($0.values))" }.joined(separator: "; in ")
        + "; the figure shows \(shown): select, e.g. "
        + selections.map { "\($0.column)=\($0.value)" }.joined(separator: ", "),
      remedy: .selectRows(selections))
  }

  /// The condition in words, and the number of seeds if it is known.
  func text(seeds count: Int?) -> String {
    let seeds = count.map { "\($0) seed\($0 == 1 ? "" : "s")" } ?? ""
    return [text, seeds].filter { !$0.isEmpty }.joined(separator: " · ")
  }
}

extension Table {
  /// The fewest selections that leave a number of conditions, of those the ones that leave most.
  ///
  /// - Parameters:
  ///   - maximum: the number, at least 1.
  ///   - columns: the columns that tell conditions apart; each is fixed at its first value.
  /// - Returns: the selections; none if there are no more conditions.
  /// - Throws: `InputError` if there is no such column.
  func selections(leaving maximum: Int, of columns: [String]) throws -> [Selection] {
    var (conditions, open) = (try rows(groups(by: columns).firstRows), columns)
    var selections: [Selection] = []
    while conditions.rowCount > maximum, !open.isEmpty {
      let possible = try open.map { column in
        let choice = Selection(column: column, value: try conditions.labels(column).texts[0])
        return (choice, try conditions.selecting([choice]))
      }
      let enough = possible.filter { $0.1.rowCount <= maximum }
      guard
        let next = enough.max(by: { $0.1.rowCount < $1.1.rowCount })
          ?? possible.min(by: { $0.1.rowCount < $1.1.rowCount })
      else { break }
      selections.append(next.0)
      conditions = next.1
      open.removeAll { $0 == next.0.column }
    }
    return selections
  }

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
          remedy: .selectRows([.init(column: name, value: values[0])]))
      }
    }
    throw malformed(second, "several rows have the same \(point)")
  }
}
