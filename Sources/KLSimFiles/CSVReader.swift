// SPDX-License-Identifier: GPL-3.0-or-later

/// Reads RFC 4180 records one by one, each with as many fields as the first.
///
/// Lines end in LF, CRLF or CR. A byte-order mark and blank lines at the end are ignored.
package struct CSVReader: RowReader {
  /// One record and the line on which it starts, from 1.
  package struct Record: Equatable, Sendable {
    package let line: Int
    package let fields: [String]
  }

  private let path: String
  private let bytes: [UInt8]
  /// Where only blanks and ends of lines remain.
  private let end: Int
  private var position: Int
  private var line = 1
  private var width: Int?

  /// Opens a file.
  ///
  /// - Throws: `InputError` if it cannot be read.
  package init(path: String) throws(InputError) {
    self.init(path: path, bytes: try fileBytes(path))
  }

  /// Opens what was read or made in memory; the path is for messages.
  package init(path: String, bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
    end = bytes.lastIndex { !Self.isLineEnd($0) && $0 != UInt8(ascii: " ") }.map { $0 + 1 } ?? 0
    position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
  }

  init(path: String, bytes: [UInt8], header: [String]) {
    self.init(path: path, bytes: bytes)
    width = header.count
  }

  /// The fields of the current record.
  private(set) var fields: [RawField] = []

  mutating func header() throws(InputError) -> [String]? { try next()?.fields }

  /// The next record, nil at the end.
  ///
  /// - Throws: `InputError.malformed` for another number of fields than in the first record, a
  ///   misplaced or unclosed quote, and text that is not UTF-8.
  package mutating func next() throws(InputError) -> Record? {
    guard let start = try advance() else { return nil }
    var texts: [String] = []
    for field in fields { texts.append(try text(field, line: start)) }
    return Record(line: start, fields: texts)
  }

  /// Moves to the next record and sets `fields`.
  ///
  /// - Returns: the line on which it starts, nil at the end.
  /// - Throws: as `next`, except for text that is not UTF-8.
  mutating func advance() throws(InputError) -> Int? {
    guard position < end else { return nil }
    let start = line
    fields.removeAll(keepingCapacity: true)
    fields.append(try field())
    while position < bytes.count, bytes[position] == UInt8(ascii: ",") {
      position += 1
      fields.append(try field())
    }
    endLine()
    if let width, width != fields.count {
      throw malformed(
        start, "\(fields.count) field\(fields.count == 1 ? "" : "s") where line 1 has \(width)")
    }
    width = fields.count
    return start
  }

  /// Whether two fields of the file are the same bytes.
  func isSame(_ field: RawField, _ other: RawField) -> Bool {
    bytes[field.range].elementsEqual(bytes[other.range])
  }

  /// The text of a field.
  ///
  /// - Throws: `InputError.malformed` if it is not UTF-8.
  func text(_ field: RawField, line: Int) throws(InputError) -> String {
    guard let text = String(validating: bytes[field.range], as: UTF8.self) else {
      throw malformed(line, "not UTF-8 text")
    }
    guard field.isEscaped else { return text }
    var plain = String.UnicodeScalarView()
    var isSecond = false
    for scalar in text.unicodeScalars {
      isSecond = scalar == "\"" && !isSecond
      if !isSecond { plain.append(scalar) }
    }
    return String(plain)
  }

  /// Whether the last byte of the file ends a line.
  var isEnded: Bool { bytes.last.map(Self.isLineEnd) ?? true }

  private static func isLineEnd(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
  }

  private mutating func endLine() {
    guard position < bytes.count else { return }
    let isCarriageReturn = bytes[position] == UInt8(ascii: "\r")
    position += 1
    if isCarriageReturn, position < bytes.count, bytes[position] == UInt8(ascii: "\n") {
      position += 1
    }
    line += 1
  }

  private mutating func field() throws(InputError) -> RawField {
    guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
      let start = position
      while position < bytes.count, bytes[position] != UInt8(ascii: ","),
        !Self.isLineEnd(bytes[position])
      {
        position += 1
      }
      return RawField(range: start..<position, isEscaped: false)
    }
    return try quotedField()
  }

  private mutating func quotedField() throws(InputError) -> RawField {
    let startLine = line
    position += 1
    let start = position
    var isEscaped = false
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      guard byte == UInt8(ascii: "\"") else {
        if byte == UInt8(ascii: "\n") { line += 1 }
        continue
      }
      if position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
        isEscaped = true
        position += 1
        continue
      }
      guard
        position == bytes.count || bytes[position] == UInt8(ascii: ",")
          || Self.isLineEnd(bytes[position])
      else { throw malformed(line, "text after a closing quote") }
      return RawField(range: start..<(position - 1), isEscaped: isEscaped)
    }
    throw malformed(startLine, "a quote is not closed")
  }

  func malformed(_ line: Int, _ reason: String) -> InputError {
    .malformed(path: path, line: line, reason: reason)
  }
}
