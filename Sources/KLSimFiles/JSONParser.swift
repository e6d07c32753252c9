// SPDX-License-Identifier: GPL-3.0-or-later

extension JSON {
  /// Reads a value; nil if the text is not one of JSON, or deeper than 16 levels.
  package init?(parsing text: [UInt8]) {
    var parser = JSONParser(text)
    guard let value = parser.value(depth: 0), parser.isAtEnd else { return nil }
    self = value
  }

  /// The numbers of an array of integers of at least 0, nil if it is none.
  var integers: [Int]? {
    guard case .array(let values) = self else { return nil }
    let integers = values.compactMap { value in
      if case .plain(let text) = value { Int(text) } else { nil }
    }
    return integers.count == values.count && integers.allSatisfy { $0 >= 0 } ? integers : nil
  }
}

/// Reads RFC 8259 text from its beginning.
private struct JSONParser {
  private let text: [UInt8]
  private var position = 0

  init(_ text: [UInt8]) { self.text = text }

  /// Whether only blanks remain.
  var isAtEnd: Bool {
    mutating get { next == nil }
  }

  mutating func value(depth: Int) -> JSON? {
    guard depth < 16, let first = next else { return nil }
    switch first {
    case UInt8(ascii: "{"):
      return items(end: UInt8(ascii: "}")) { parser -> (key: String, value: JSON)? in
        guard let key = parser.string(), parser.takes(UInt8(ascii: ":")),
          let value = parser.value(depth: depth + 1)
        else { return nil }
        return (key, value)
      }.map { .object($0) }
    case UInt8(ascii: "["):
      return items(end: UInt8(ascii: "]")) { $0.value(depth: depth + 1) }.map { .array($0) }
    case UInt8(ascii: "\""):
      return string().map { .string($0) }
    default:
      let start = position
      while position < text.count, !",]} \t\r\n".utf8.contains(text[position]) { position += 1 }
      let plain = String(decoding: text[start..<position], as: UTF8.self)
      return ["true", "false", "null"].contains(plain) || Self.isNumber(text[start..<position])
        ? .plain(plain) : nil
    }
  }

  /// Whether a text is a number as RFC 8259, section 6, has them: no `nan`, `+1`, `01`, `.5` or `0x1`.
  private static func isNumber(_ text: ArraySlice<UInt8>) -> Bool {
    var rest = text
    func take(_ bytes: String) -> UInt8? {
      rest.first.flatMap { bytes.utf8.contains($0) ? rest.removeFirst() : nil }
    }
    func takeDigits() -> Bool {
      let count = rest.count
      rest = rest.drop { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      return rest.count < count
    }
    _ = take("-")
    guard take("0") != nil || takeDigits() else { return false }
    if take(".") != nil, !takeDigits() { return false }
    if take("eE") != nil {
      _ = take("+-")
      guard takeDigits() else { return false }
    }
    return rest.isEmpty
  }

  /// The items between two brackets, with commas between them.
  private mutating func items<Item>(
    end: UInt8, _ item: (inout JSONParser) -> Item?
  ) -> [Item]? {
    position += 1
    var items: [Item] = []
    while !takes(end) {
      guard items.isEmpty || takes(UInt8(ascii: ",")), let item = item(&self) else { return nil }
      items.append(item)
    }
    return items
  }

  private mutating func string() -> String? {
    guard takes(UInt8(ascii: "\"")) else { return nil }
    let start = position
    while position < text.count, text[position] != UInt8(ascii: "\"") {
      position += text[position] == UInt8(ascii: "\\") ? 2 : 1
    }
    guard position < text.count else { return nil }
    defer { position += 1 }
    return String(validating: text[start..<position], as: UTF8.self).flatMap(JSON.unescaped)
  }

  /// The next byte that is not blank, nil at the end.
  private var next: UInt8? {
    mutating get {
      while position < text.count, " \t\r\n".utf8.contains(text[position]) { position += 1 }
      return position < text.count ? text[position] : nil
    }
  }

  private mutating func takes(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    position += 1
    return true
  }
}
