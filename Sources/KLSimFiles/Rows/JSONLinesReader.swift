// SPDX-License-Identifier: GPL-3.0-or-later

/// Reads JSON Lines (jsonlines.org): one flat object a line, all with the names of the first, in its
/// order.
struct JSONLinesReader: RowReader {
  private let path: String
  private let bytes: [UInt8]
  private var position = 0
  private var line = 0
  private var names: [String] = []
  private(set) var fields: [RawField] = []
  /// Whether the first row has been read for its names and is the next one to return.
  private var isFirstPending = false

  init(path: String, bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
  }

  init(path: String, bytes: [UInt8], header: [String]) {
    self.init(path: path, bytes: bytes)
    names = header
  }

  mutating func header() throws(InputError) -> [String]? {
    guard try parse(expecting: nil) != nil else { return nil }
    isFirstPending = true
    return names
  }

  mutating func advance() throws(InputError) -> Int? {
    guard !isFirstPending else {
      isFirstPending = false
      return line
    }
    return try parse(expecting: names)
  }

  /// Reads an object.
  ///
  /// - Parameter expected: the names that it must have, nil to take them from it.
  /// - Returns: the line on which it is, nil at the end.
  /// - Throws: `InputError.malformed`.
  private mutating func parse(expecting expected: [String]?) throws(InputError) -> Int? {
    skipBlanks(andLines: true)
    guard position < bytes.count else { return nil }
    line += 1
    fields.removeAll(keepingCapacity: true)
    try take(UInt8(ascii: "{"), "an object '{…}'")
    var place = 0
    repeat {
      let key = try value()
      guard bytes[key.range.lowerBound - 1] == UInt8(ascii: "\"") else {
        throw malformed(line, "a name in double quotes was expected")
      }
      if let expected {
        let name = try text(key, line: line)
        guard place < expected.count, expected[place] == name else {
          throw malformed(line, "'\(name)' where line 1 has other names, or another order")
        }
      } else {
        names.append(try text(key, line: line))
      }
      try take(UInt8(ascii: ":"), "':' after a name")
      fields.append(try value())
      place += 1
      skipBlanks()
    } while takes(UInt8(ascii: ","))
    try take(UInt8(ascii: "}"), "',' or '}' after a value")
    guard place == names.count else {
      throw malformed(line, "\(place) values where line 1 has \(names.count)")
    }
    skipBlanks()
    guard position == bytes.count || takes(UInt8(ascii: "\n")) else {
      throw malformed(line, "text after the object")
    }
    return line
  }

  /// Reads a text, a number, `null`, `true` or `false`.
  private mutating func value() throws(InputError) -> RawField {
    skipBlanks()
    guard position < bytes.count else { throw malformed(line, "the object does not end") }
    guard takes(UInt8(ascii: "\"")) else {
      let start = position
      while position < bytes.count, !",}: \t\r\n{[]".utf8.contains(bytes[position]) {
        position += 1
      }
      guard position > start else {
        throw malformed(line, "a text, a number or null was expected: rows are flat")
      }
      return RawField(range: start..<position, isEscaped: false)
    }
    let start = position
    var isEscaped = false
    while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
      if bytes[position] == UInt8(ascii: "\\") {
        isEscaped = true
        position += 1
      }
      position += 1
    }
    guard position < bytes.count else { throw malformed(line, "a quote is not closed") }
    position += 1
    return RawField(range: start..<(position - 1), isEscaped: isEscaped)
  }

  private mutating func skipBlanks(andLines: Bool = false) {
    while position < bytes.count,
      " \t\r".utf8.contains(bytes[position]) || andLines && bytes[position] == UInt8(ascii: "\n")
    {
      if bytes[position] == UInt8(ascii: "\n") { line += 1 }
      position += 1
    }
  }

  private mutating func takes(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  private mutating func take(_ byte: UInt8, _ expected: String) throws(InputError) {
    skipBlanks()
    guard takes(byte) else { throw malformed(line, "\(expected) was expected") }
  }

  func text(_ field: RawField, line: Int) throws(InputError) -> String {
    guard let text = String(validating: bytes[field.range], as: UTF8.self) else {
      throw malformed(line, "not UTF-8 text")
    }
    let isQuoted = bytes[field.range.lowerBound - 1] == UInt8(ascii: "\"")
    guard field.isEscaped else { return text == "null" && !isQuoted ? "" : text }
    guard let plain = JSON.unescaped(text) else {
      throw malformed(line, "'\(text)' has an escape that JSON does not know")
    }
    return plain
  }

  func isSame(_ field: RawField, _ other: RawField) -> Bool {
    field.isEscaped == other.isEscaped && bytes[field.range].elementsEqual(bytes[other.range])
      && bytes[field.range.lowerBound - 1] == bytes[other.range.lowerBound - 1]
  }

  var isEnded: Bool { bytes.last.map { $0 == UInt8(ascii: "\n") } ?? true }

  func malformed(_ line: Int, _ reason: String) -> InputError {
    .malformed(path: path, line: line, reason: reason)
  }
}
