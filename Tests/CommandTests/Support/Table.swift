// SPDX-License-Identifier: GPL-3.0-or-later

/// A CSV table, read by RFC 4180 to the letter.
struct Table {
  let header: [String]
  let rows: [Row]

  struct Row {
    fileprivate let fields: [String: String]

    /// What stands in a column.
    subscript(column: String) -> String { fields[column] ?? "no column \(column)" }

    /// The number in a column, NaN where there is none.
    func number(_ column: String) -> Double { fields[column].flatMap { Double($0) } ?? .nan }
  }

  /// Reads a table.
  ///
  /// - Throws: `MalformedTable`.
  init(_ text: String) throws {
    var lines = try Self.lines(text)
    header = lines.isEmpty ? [] : lines.removeFirst()
    let names = header
    rows = try lines.map { fields in
      guard fields.count == names.count else { throw MalformedTable() }
      return Row(fields: Dictionary(zip(names, fields)) { first, _ in first })
    }
  }

  /// The rows in which columns have given values.
  func rows(_ values: KeyValuePairs<String, String>) -> [Row] {
    rows.filter { row in values.allSatisfy { row[$0.key] == $0.value } }
  }

  /// The only such row.
  func row(_ values: KeyValuePairs<String, String>) throws -> Row {
    let found = rows(values)
    guard found.count == 1 else { throw MalformedTable() }
    return found[0]
  }

  /// The values of a column, from top to bottom.
  func column(_ name: String) -> [String] { rows.map { $0[name] } }

  /// The numbers of a column, from top to bottom.
  func numbers(_ name: String) -> [Double] { rows.map { $0.number(name) } }

  /// The fields of every line, quotes removed.
  static func lines(_ text: String) throws -> [[String]] {
    var lines: [[String]] = []
    var fields: [String] = []
    var field: [UInt8] = []
    var isQuoted = false
    for byte in text.utf8 {
      switch (byte, isQuoted) {
      case (UInt8(ascii: "\""), _):
        isQuoted.toggle()
        field.append(byte)
      case (UInt8(ascii: ","), false):
        fields.append(try unquoted(field))
        field = []
      case (UInt8(ascii: "\n"), false):
        lines.append(fields + [try unquoted(field)])
        (fields, field) = ([], [])
      default:
        field.append(byte)
      }
    }
    // Every line, the last too, ends in a line feed.
    guard fields.isEmpty, field.isEmpty, !isQuoted else { throw MalformedTable() }
    return lines
  }

  /// Works on bytes: as a character, a quote is not found where an accent follows it.
  private static func unquoted(_ field: [UInt8]) throws -> String {
    let quote = UInt8(ascii: "\"")
    guard field.contains(quote) else { return String(decoding: field, as: UTF8.self) }
    guard field.count >= 2, field.first == quote, field.last == quote else {
      throw MalformedTable()
    }
    var content: [UInt8] = []
    var quotes = 0
    for byte in field.dropFirst().dropLast() {
      quotes += byte == quote ? 1 : 0
      if byte != quote || quotes.isMultiple(of: 2) { content.append(byte) }
    }
    guard quotes.isMultiple(of: 2) else { throw MalformedTable() }
    return String(decoding: content, as: UTF8.self)
  }
}

/// Text that is not the CSV that was expected.
struct MalformedTable: Error {}
