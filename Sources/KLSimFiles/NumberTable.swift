// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

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

  /// The index of the column that a source means.
  ///
  /// - Parameters:
  ///   - source: names it, if there is more than one.
  ///   - candidates: what an empty name may stand for; nil for every column.
  /// - Returns: its index.
  /// - Throws: `InputError` if there is none of that name, or several.
  func index(
    of source: NumberSource, among candidates: [String]? = nil
  ) throws(InputError) -> Int {
    guard source.name.isEmpty || source.part == .column else {
      let part = source.part.rawValue
      throw malformed(
        0, "a CSV file has no \(part) '\(source.name)'; name one of its columns by column=…")
    }
    guard let names else {
      let count = first.fields.count
      guard source.name.isEmpty, count == 1 else {
        throw malformed(
          1,
          count == 1
            ? "no header, and so no column '\(source.name)'"
            : "\(count) columns without a header; name them in the first line")
      }
      return 0
    }
    guard source.name.isEmpty else { return try index(of: source.name) }
    let candidates = candidates ?? names
    guard let first = candidates.first else {
      throw malformed(1, "there is no column besides \(listed(names))")
    }
    guard candidates.count == 1 else {
      throw .ambiguous(path: path, part: .column, names: listed(candidates))
    }
    return try index(of: first)
  }

  /// The index of the column of a name.
  ///
  /// - Throws: `InputError` if there is none of that name, or several.
  func index(of name: String) throws(InputError) -> Int {
    let names = names ?? []
    let matches = names.indices.filter { names[$0] == name }
    guard matches.count == 1 else {
      let reason = matches.isEmpty ? "no column '\(name)'" : "several columns '\(name)'"
      throw malformed(1, "\(reason); there is \(listed(names))")
    }
    return matches[0]
  }

  /// An error in a line.
  func malformed(_ line: Int, _ reason: String) -> InputError {
    .malformed(path: path, line: line, reason: reason)
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
