// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

/// A table of numbers by context and token, one per line.
struct ContextTable {
  private static let context = "context"
  private static let token = "token"
  /// No vocabulary is larger, and without a bound one line could take all memory.
  private static let tokenLimit = 1 << 24

  /// What the contexts are called, in the order of their first lines; their indices if `isLabelled` is false.
  private var labels: [String] = []
  private let isLabelled: Bool
  private var places: [String: Int] = [:]
  private var contexts: [[Entry]] = []
  private let path: String
  private let name: String
  private let precision: NumberPrecision

  private struct Entry {
    let token: Int
    let value: Double
    /// Its line, from 1; 0 in arrays.
    let line: Int
  }

  /// Groups the lines of a table by context; nil if columns are missing.
  ///
  /// - Parameters:
  ///   - table: the lines.
  ///   - source: names the column of numbers, if there is more than one.
  ///   - needsContext: whether the column `context` is needed.
  /// - Throws: `InputError.malformed` for a token that is not an index, or is given twice.
  init?(
    _ table: NumberTable, _ source: NumberSource, needsContext: Bool = true
  ) throws(InputError) {
    guard let names = table.names, names.contains(Self.token),
      names.contains(Self.context) || !needsContext
    else { return nil }
    let contextColumn = names.contains(Self.context) ? try table.index(of: Self.context) : nil
    let tokenColumn = try table.index(of: Self.token)
    let valueColumn = try table.index(of: source, among: Self.values(among: names))
    (path, name, precision) = (source.path, names[valueColumn], .exact)
    isLabelled = contextColumn != nil
    try table.forEach { record throws(InputError) in
      let text = NumberTable.trimmed(record.fields[tokenColumn])
      guard let token = Int(text), (0..<Self.tokenLimit).contains(token) else {
        throw table.malformed(
          record.line, "'\(text)' is not a token index, 0…\(Self.tokenLimit - 1)")
      }
      let value = try table.number(record, valueColumn)
      add(
        Entry(token: token, value: value, line: record.line),
        to: contextColumn.map { NumberTable.trimmed(record.fields[$0]) } ?? "0")
    }
    try sort()
  }

  /// Groups the numbers of arrays of equal shapes by context; nil if arrays are missing.
  ///
  /// Without an array of contexts each row is one.
  ///
  /// - Parameters: as above, of arrays.
  /// - Throws: as above, and if the arrays have different shapes.
  init?(
    _ file: any ArrayFile, _ source: NumberSource, needsContext: Bool = true
  ) throws(InputError) {
    guard file.names.contains(Self.token),
      file.names.contains(Self.context) || !needsContext
    else { return nil }
    let tokens = try file.named(Self.token, in: source.path)
    let values = try file.array(source, among: Self.values(among: file.names))
    let contexts =
      file.names.contains(Self.context) ? try file.named(Self.context, in: source.path) : nil
    (path, name, precision) = (source.path, values.name, values.precision)
    isLabelled = contexts != nil
    for other in [values] + (contexts.map { [$0] } ?? []) where other.shape != tokens.shape {
      throw .malformed(
        path: path, line: 0,
        reason:
          "'\(other.name)' has the shape \(other.shape) and 'token' \(tokens.shape); they must be"
          + " the same")
    }
    let numbers = values.numbers
    let labels = contexts?.numbers
    for (index, number) in tokens.numbers.enumerated() {
      guard let token = Int(exactly: number), (0..<Self.tokenLimit).contains(token) else {
        throw .malformed(
          path: path, line: 0,
          reason: "'token' has \(number) at index \(index), which is not a token index,"
            + " 0…\(Self.tokenLimit - 1)")
      }
      let label = labels?[index] ?? Double(index / tokens.width)
      guard let context = Int(exactly: label) else {
        throw .malformed(
          path: path, line: 0,
          reason: "'context' has \(label) at index \(index), which is not a whole number")
      }
      add(Entry(token: token, value: numbers[index], line: 0), to: "\(context)")
    }
    try sort()
  }

  /// What the numbers may be called if no name is given: `logprob` if there is one, else any name but
  /// those of contexts and tokens.
  private static func values(among names: [String]) -> [String] {
    names.contains("logprob") ? ["logprob"] : names.filter { $0 != context && $0 != token }
  }

  private mutating func add(_ entry: Entry, to label: String) {
    let context = places[label] ?? labels.count
    if context == labels.count {
      places[label] = context
      labels.append(label)
      contexts.append([])
    }
    contexts[context].append(entry)
  }

  /// Sorts each context by token, and refuses a token that is given twice.
  private mutating func sort() throws(InputError) {
    for context in contexts.indices {
      contexts[context].sort { ($0.token, $0.line) < ($1.token, $1.line) }
      let entries = contexts[context]
      for (first, second) in zip(entries, entries.dropFirst()) where first.token == second.token {
        throw .malformed(
          path: path, line: second.line,
          reason: "\(title(labels[context])) has token \(first.token) already")
      }
    }
  }

  private func title(_ label: String) -> String {
    isLabelled ? "context '\(label)'" : "context \(label)"
  }

  /// The numbers of each context, some tokens or all.
  var lists: TokenLists {
    TokenLists(
      lists: contexts.map { entries in
        TokenLists.List(tokens: entries.map(\.token), values: entries.map(\.value))
      },
      labels: isLabelled ? labels : [], name: name, precision: precision)
  }

  /// One row per context, which has a number for every token.
  ///
  /// - Throws: `InputError.malformed` if a token is missing.
  var rows: NumberRows {
    get throws(InputError) {
      let width = contexts.reduce(0) { max($0, ($1.last?.token ?? 0) + 1) }
      for (label, entries) in zip(labels, contexts) where entries.count < width {
        let token = entries.enumerated().first { $0 != $1.token }?.offset ?? entries.count
        throw .malformed(
          path: path, line: 0,
          reason:
            "\(title(label)) has no line for token \(token); every context needs the tokens"
            + " 0…\(width - 1), or tail=… says where the mass of the others goes")
      }
      let values = contexts.map { $0.map(\.value) }
      return NumberRows(
        count: labels.count, width: width, labels: labels, name: name, precision: precision
      ) { values[$0] }
    }
  }
}
