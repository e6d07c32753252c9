// SPDX-License-Identifier: GPL-3.0-or-later

/// Reads RFC 4180 records one by one, each as long as the first.
///
/// Lines end in LF, CRLF or CR. A byte-order mark and blank lines at the end are passed over.
public struct CSVReader {
  /// One record and the line on which it starts, from 1.
  public struct Record: Equatable, Sendable {
    public let line: Int
    public let fields: [String]
  }

  private let path: String
  private let bytes: [UInt8]
  private var position: Int
  private var line = 1
  private var width: Int?

  /// Opens a file.
  ///
  /// - Throws: `InputError` if it cannot be read.
  public init(path: String) throws(InputError) {
    self.init(path: path, bytes: try fileBytes(path))
  }

  init(path: String, bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
    position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
  }

  /// The next record, nil at the end.
  ///
  /// - Throws: `InputError.malformed` for a record of another length than the first, a quote out
  ///   of place or not closed, and text that is not UTF-8.
  public mutating func next() throws(InputError) -> Record? {
    guard position < bytes.count, !onlyBlanksRemain else { return nil }
    let start = line
    var fields = [try field()]
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
    return Record(line: start, fields: fields)
  }

  private var onlyBlanksRemain: Bool {
    bytes[position...].allSatisfy { Self.isLineEnd($0) || $0 == UInt8(ascii: " ") }
  }

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

  private mutating func field() throws(InputError) -> String {
    guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
      let start = position
      while position < bytes.count, bytes[position] != UInt8(ascii: ","),
        !Self.isLineEnd(bytes[position])
      {
        position += 1
      }
      return try text(bytes[start..<position])
    }
    return try quotedField()
  }

  private mutating func quotedField() throws(InputError) -> String {
    let start = line
    var content: [UInt8] = []
    position += 1
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      guard byte == UInt8(ascii: "\"") else {
        if byte == UInt8(ascii: "\n") { line += 1 }
        content.append(byte)
        continue
      }
      if position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
        content.append(byte)
        position += 1
        continue
      }
      guard
        position == bytes.count || bytes[position] == UInt8(ascii: ",")
          || Self.isLineEnd(bytes[position])
      else { throw malformed(line, "text after a closing quote") }
      return try text(content[...])
    }
    throw malformed(start, "a quote is not closed")
  }

  private func text(_ bytes: ArraySlice<UInt8>) throws(InputError) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw malformed(line, "not UTF-8 text")
    }
    return text
  }

  private func malformed(_ line: Int, _ reason: String) -> InputError {
    .malformed(path: path, line: line, reason: reason)
  }
}
