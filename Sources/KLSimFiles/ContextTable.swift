// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

/// A table of numbers by context and token, one per line.
struct ContextTable {
  private static let context = "context"
  private static let token = "token"

  /// One row per context.
  let rows: NumberRows

  /// Groups the lines of a table by context; nil if one of the two columns is missing.
  ///
  /// - Parameters:
  ///   - table: the lines.
  ///   - column: the name of the column of numbers; empty if there is only one more column.
  /// - Throws: `InputError.malformed` for a token that is not an index, is given twice, or is missing.
  init?(_ table: NumberTable, column: String) throws(InputError) {
    guard let names = table.names, names.contains(Self.context), names.contains(Self.token) else {
      return nil
    }
    let contextColumn = try table.index(of: Self.context)
    let tokenColumn = try table.index(of: Self.token)
    let valueColumn = try table.index(of: column, besides: [Self.context, Self.token])
    var places: [String: Int] = [:]
    var labels: [String] = []
    var entries: [(context: Int, token: Int, value: Double, line: Int)] = []
    var width = 0
    try table.forEach { record throws(InputError) in
      let label = record.fields[contextColumn]
      let text = NumberTable.trimmed(record.fields[tokenColumn])
      // No vocabulary is larger, and without a bound one line could take all memory.
      guard let token = Int(text), (0..<1 << 24).contains(token) else {
        throw table.malformed(record.line, "'\(text)' is not a token index, 0…16777215")
      }
      let context = places[label] ?? labels.count
      if context == labels.count {
        places[label] = context
        labels.append(label)
      }
      width = max(width, token + 1)
      entries.append((context, token, try table.number(record, valueColumn), record.line))
    }
    let (size, overflows) = width.multipliedReportingOverflow(by: labels.count)
    guard !overflows, entries.count >= size else {
      throw table.malformed(0, Self.gap(entries.map { ($0.context, $0.token) }, labels, width))
    }
    var values = [Double?](repeating: nil, count: size)
    for entry in entries {
      let place = entry.context * width + entry.token
      guard values[place] == nil else {
        throw table.malformed(
          entry.line, "context '\(labels[entry.context])' has token \(entry.token) already")
      }
      values[place] = entry.value
    }
    let numbers = values.compactMap { $0 }
    rows = NumberRows(count: labels.count, width: width, labels: labels) { [width] context in
      Array(numbers[context * width..<(context + 1) * width])
    }
  }

  /// Describes the first line that is missing.
  private static func gap(
    _ present: [(context: Int, token: Int)], _ labels: [String], _ width: Int
  ) -> String {
    var tokens = [Set<Int>](repeating: [], count: labels.count)
    for entry in present { tokens[entry.context].insert(entry.token) }
    let context = tokens.firstIndex { $0.count < width } ?? 0
    let token = (0..<width).first { !tokens[context].contains($0) } ?? 0
    return "context '\(labels[context])' has no line for token \(token);"
      + " every context needs the tokens 0…\(width - 1)"
  }
}
