// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimFiles

/// A table as a small value of JSON.
///
///     {"rows": N,
///      "columns": [{"name", "meaning", "kind", "role"}],
///      "coded":   [{"columns": [indices], "values": [[texts]], "runs": [start, step, count, …]}],
///      "numbers": [{"column": index, "values": "1.5,,-.25"}]}
///
/// A coded group has one code a row, the place in `values`; a run is `count` codes from `start` on, each `step`
/// more than the one before. Measured numbers are listed, with nothing for a value that does not exist.
struct PageTable {
  private let columns: [Column]
  private let rows: [[String]]
  /// The columns that change together, by name; every other column has its own code or is listed.
  private let groups: [[String]]

  /// A table.
  ///
  /// - Parameters:
  ///   - columns: its columns.
  ///   - rows: the values, one a column.
  ///   - groups: the names of columns that change together.
  init(_ columns: [Column], rows: [[String]], groups: [[String]] = []) {
    self.columns = columns
    self.rows = rows
    self.groups = groups
  }

  var json: JSON {
    let grouped = groups.map { names in names.compactMap(place) }.filter { !$0.isEmpty }
    let known = Set(grouped.joined())
    let others = columns.indices.filter { !known.contains($0) }
    let listed = others.filter { Self.isListed(columns[$0]) }
    let coded = grouped + others.filter { !Self.isListed(columns[$0]) }.map { [$0] }
    return .object([
      ("rows", Self.json(rows.count)),
      (
        "columns",
        .array(
          columns.map {
            .object([
              ("name", .string($0.name)), ("meaning", .string($0.summary)),
              ("kind", .string($0.kind.rawValue)), ("role", .string($0.role.rawValue)),
            ])
          })
      ),
      ("coded", .array(coded.map(code))),
      (
        "numbers",
        .array(
          listed.map { column in
            .object([
              ("column", Self.json(column)),
              ("values", .string(rows.map { Self.short($0[column]) }.joined(separator: ","))),
            ])
          })
      ),
    ])
  }

  private static func isListed(_ column: Column) -> Bool {
    column.role == .measurement && column.kind == .number
  }

  private func place(of name: String) -> Int? { columns.firstIndex { $0.name == name } }

  private func code(_ group: [Int]) -> JSON {
    var codes: [[String]: Int] = [:]
    var values: [[String]] = []
    var runs = CodeRuns()
    for row in rows {
      let value = group.map { row[$0] }
      let code = codes[value] ?? values.count
      if code == values.count {
        codes[value] = code
        values.append(value)
      }
      runs.add(code)
    }
    return .object([
      ("columns", .array(group.map(Self.json))),
      ("values", .array(values.map { .array($0.map { .string($0) }) })),
      ("runs", .array(runs.numbers.map(Self.json))),
    ])
  }

  /// A number in fewer characters: `.25` for `0.25`, `2` for `2.0`, and nothing for one that does not exist.
  static func short(_ text: String) -> String {
    guard text != "nan" else { return "" }
    let sign = text.hasPrefix("-") ? "-" : ""
    var digits = text.dropFirst(sign.count)
    if digits.hasSuffix(".0") { digits = digits.dropLast(2) }
    if digits.hasPrefix("0.") { digits = digits.dropFirst() }
    return sign + digits.replacing("e-0", with: "e-")
  }

  private static func json(_ number: Int) -> JSON { .plain(number.description) }
}

/// Codes as runs of equal steps.
private struct CodeRuns {
  /// The start, step and count of each run.
  private(set) var numbers: [Int] = []

  mutating func add(_ code: Int) {
    let last = numbers.count - 3
    guard last >= 0 else { return numbers += [code, 0, 1] }
    if numbers[last + 2] == 1 { numbers[last + 1] = code - numbers[last] }
    if code == numbers[last] + numbers[last + 1] * numbers[last + 2] {
      numbers[last + 2] += 1
    } else {
      numbers += [code, 0, 1]
    }
  }
}
