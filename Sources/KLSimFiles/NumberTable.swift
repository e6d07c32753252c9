// SPDX-License-Identifier: GPL-3.0-or-later

/// A CSV table of numbers, with or without a header.
struct NumberTable {
  let path: String
  /// The names of the columns, nil without a header.
  let names: [String]?
  private let first: CSVReader.Record
  /// Positioned after the first record.
  private let reader: CSVReader

  /// Reads a table.
  ///
  /// - Throws: `InputError.malformed` if there are no numbers, or no CSV.
  init(path: String, bytes: [UInt8]) throws(InputError) {
    self.path = path
    var reader = CSVReader(path: path, bytes: bytes)
    guard let first = try reader.next() else {
      throw .malformed(path: path, line: 0, reason: "the file is empty")
    }
    let isHeader = !first.fields.allSatisfy { Self.number($0) != nil }
    names = isHeader ? first.fields.map { Self.trimmed($0) } : nil
    guard let first = isHeader ? try reader.next() : first else {
      throw .malformed(path: path, line: 0, reason: "there is no number below the header")
    }
    self.first = first
    self.reader = reader
  }

  /// Calls a function with each line below the header; there is at least one.
  func forEach(
    _ body: (CSVReader.Record) throws(InputError) -> Void
  ) throws(InputError) {
    var reader = reader
    try body(first)
    while let record = try reader.next() { try body(record) }
  }

  /// The numbers of a column.
  func numbers(in column: Int) throws(InputError) -> [Double] {
    var numbers: [Double] = []
    try forEach { record throws(InputError) in numbers.append(try number(record, column)) }
    return numbers
  }

  /// All numbers, row by row.
  func rows() throws(InputError) -> [[Double]] {
    var rows: [[Double]] = []
    try forEach { record throws(InputError) in
      var row: [Double] = []
      for column in record.fields.indices { row.append(try number(record, column)) }
      rows.append(row)
    }
    return rows
  }

  /// The number in a column of a line.
  func number(_ record: CSVReader.Record, _ column: Int) throws(InputError) -> Double {
    guard let number = Self.number(record.fields[column]) else {
      throw malformed(record.line, "'\(record.fields[column])' is not a number")
    }
    return number
  }

  /// The index of a column.
  ///
  /// - Parameters:
  ///   - column: its name; empty for the only one.
  ///   - others: columns that an empty name does not stand for.
  /// - Returns: its index.
  /// - Throws: `InputError` if there is none of that name, or several.
  func index(of column: String, besides others: [String] = []) throws(InputError) -> Int {
    guard let names else {
      let count = first.fields.count
      guard column.isEmpty, count == 1 else {
        throw malformed(
          1,
          count == 1
            ? "no header, and so no column '\(column)'"
            : "\(count) columns without a header; name them in the first line")
      }
      return 0
    }
    guard !column.isEmpty else {
      let candidates = names.indices.filter { !others.contains(names[$0]) }
      guard !candidates.isEmpty else {
        throw malformed(1, "there is no column besides \(Self.list(names))")
      }
      guard candidates.count == 1 else {
        throw .ambiguousColumn(path: path, columns: candidates.map { names[$0] })
      }
      return candidates[0]
    }
    let matches = names.indices.filter { names[$0] == column }
    guard matches.count == 1 else {
      let reason = matches.isEmpty ? "no column '\(column)'" : "several columns '\(column)'"
      throw malformed(1, "\(reason); there is \(Self.list(names))")
    }
    return matches[0]
  }

  /// An error in a line.
  func malformed(_ line: Int, _ reason: String) -> InputError {
    .malformed(path: path, line: line, reason: reason)
  }

  /// Names of columns for a message, at most 12.
  static func list(_ names: [String]) -> String {
    let shown = names.prefix(12).map { "'\($0)'" }.joined(separator: ", ")
    return names.count > 12 ? "\(shown), … (\(names.count) in all)" : shown
  }

  /// A field without the blanks around it.
  static func trimmed(_ field: String) -> String {
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
