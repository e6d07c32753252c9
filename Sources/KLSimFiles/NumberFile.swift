// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore

/// Reads a column of numbers from a CSV file.
///
/// One number a line, with or without a header; or a table with a header, of which one column is
/// named.
public struct NumberFile: NumberReader {
  public init() {}

  /// The numbers of one column, as written: `nan` and `inf` are for the caller to judge.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - column: the column's name; empty for the only column.
  /// - Returns: one number a line.
  /// - Throws: `InputError`.
  public func numbers(path: String, column: String) throws(InputError) -> [Double] {
    var reader = try CSVReader(path: path)
    guard let first = try reader.next() else {
      throw .malformed(path: path, line: 0, reason: "the file is empty")
    }
    let isHeader = !first.fields.allSatisfy { Self.number($0) != nil }
    let names = first.fields.map { Self.trimmed($0) }
    let index = try Self.index(of: column, in: isHeader ? names : nil, of: first, path: path)
    var numbers: [Double] = []
    var record: CSVReader.Record? = isHeader ? try reader.next() : first
    while let current = record {
      guard let number = Self.number(current.fields[index]) else {
        throw .malformed(
          path: path, line: current.line,
          reason: "'\(current.fields[index])' is not a number")
      }
      numbers.append(number)
      record = try reader.next()
    }
    guard !numbers.isEmpty else {
      throw .malformed(path: path, line: 0, reason: "there is no number below the header")
    }
    return numbers
  }

  private static func index(
    of column: String, in header: [String]?, of first: CSVReader.Record, path: String
  ) throws(InputError) -> Int {
    guard let header else {
      guard column.isEmpty, first.fields.count == 1 else {
        throw .malformed(
          path: path, line: 1,
          reason: first.fields.count == 1
            ? "no header, and so no column '\(column)'"
            : "\(first.fields.count) columns without a header; name them in the first line")
      }
      return 0
    }
    guard !column.isEmpty else {
      guard header.count == 1 else {
        throw .malformed(
          path: path, line: 1,
          reason: "there are several columns; name the one to read: \(list(header))")
      }
      return 0
    }
    let matches = header.indices.filter { header[$0] == column }
    guard matches.count == 1 else {
      let reason = matches.isEmpty ? "no column '\(column)'" : "several columns '\(column)'"
      throw .malformed(path: path, line: 1, reason: "\(reason); there is \(list(header))")
    }
    return matches[0]
  }

  private static func list(_ names: [String]) -> String {
    let shown = names.prefix(12).map { "'\($0)'" }.joined(separator: ", ")
    return names.count > 12 ? "\(shown), … (\(names.count) in all)" : shown
  }

  private static func trimmed(_ field: String) -> String {
    guard let first = field.firstIndex(where: { !isBlank($0) }),
      let last = field.lastIndex(where: { !isBlank($0) })
    else { return "" }
    return String(field[first...last])
  }

  private static func isBlank(_ character: Character) -> Bool {
    character == " " || character == "\t"
  }

  private static func number(_ field: String) -> Double? { Double(trimmed(field)) }
}
