// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

/// A buffer for CSV text: RFC 4180, UTF-8, LF.
struct CSVBuffer: TextOutputStream {
  private(set) var bytes: [UInt8] = []
  private var isAtLineStart = true

  /// Appends a text field, quoted if necessary.
  mutating func append(_ text: String) {
    append(raw: Self.quoted(text).utf8)
  }

  /// Appends an integer field.
  mutating func append(_ value: some BinaryInteger) {
    append(raw: value.description.utf8)
  }

  /// Appends the shortest decimal that reads back to the number; `inf`, `-inf`, `nan`; an empty field
  /// for nil.
  mutating func append(_ value: Double?, as kind: Column.Kind = .number) {
    guard let value else { return append(raw: "".utf8) }
    guard !value.isNaN else { return append(raw: "nan".utf8) }
    if kind == .integer, let integer = Int(exactly: value) { return append(integer) }
    separate()
    value.write(to: &self)
  }

  /// Appends fields that are CSV already, as rendered by `row`.
  mutating func append(raw field: some Collection<UInt8>) {
    separate()
    bytes += field
  }

  private mutating func separate() {
    if !isAtLineStart { bytes.append(UInt8(ascii: ",")) }
    isAtLineStart = false
  }

  /// Appends text to the current field, unquoted.
  mutating func write(_ text: String) {
    bytes += text.utf8
  }

  /// The same: numbers are written through this without a string for each.
  mutating func _writeASCII(_ text: UnsafeBufferPointer<UInt8>) {
    unsafe bytes += text
  }

  mutating func endLine() {
    bytes.append(UInt8(ascii: "\n"))
    isAtLineStart = true
  }

  /// Fields separated by commas, quoted if necessary: part of a line.
  static func row(_ fields: [String]) -> [UInt8] {
    Array(fields.map(quoted).joined(separator: ",").utf8)
  }

  private static let special = Array(",\"\n\r".utf8)

  private static func quoted(_ text: String) -> String {
    guard text.utf8.contains(where: { special.contains($0) }) else { return text }
    // By scalars: a quote followed by a combining mark is another character.
    let doubled = text.unicodeScalars.map { $0 == "\"" ? "\"\"" : String($0) }
    return "\"" + doubled.joined() + "\""
  }
}
