// SPDX-License-Identifier: GPL-3.0-or-later

/// A JSON value whose members keep their order.
package indirect enum JSON: Sendable, ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
  case string(String)
  /// A number, `true`, `false` or `null`, as it is written.
  case plain(String)
  case array([JSON])
  case object([(key: String, value: JSON)])

  package init(stringLiteral value: String) {
    self = .string(value)
  }

  /// The value of a member of an object; nil if there is none.
  package subscript(key: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  /// A string; nil if it is something else.
  package var string: String? { if case .string(let text) = self { text } else { nil } }

  /// A whole number; nil if it is something else.
  package var integer: Int? { if case .plain(let text) = self { Int(text) } else { nil } }

  /// A number; nil if it is something else.
  package var number: Double? { if case .plain(let text) = self { Double(text) } else { nil } }

  /// The values of an array; nil if it is something else.
  package var values: [JSON]? { if case .array(let values) = self { values } else { nil } }

  /// RFC 8259 text on one line.
  package var line: String {
    switch self {
    case .string(let string): Self.quoted(string)
    case .plain(let text): text
    case .array(let values): "[\(values.map(\.line).joined(separator: ","))]"
    case .object(let members):
      "{\(members.map { "\(Self.quoted($0.key)):\($0.value.line)" }.joined(separator: ","))}"
    }
  }

  /// RFC 8259 text, indented.
  ///
  /// - Parameters:
  ///   - indent: what lines after the first begin with.
  ///   - width: a value that fits into a line of so many bytes stands on one; nil for none.
  /// - Returns: the text, without an end of the last line.
  package func text(indent: String = "", width: Int? = nil) -> String {
    let inner = indent + "  "
    if let width, line.utf8.count + indent.utf8.count <= width { return line }
    switch self {
    case .string(let string):
      return Self.quoted(string)
    case .plain(let text):
      return text
    case .array(let values):
      return Self.block(
        values.map { $0.text(indent: inner, width: width) }, between: "[", "]", indent)
    case .object(let members):
      return Self.block(
        members.map {
          "\(Self.quoted($0.key)): \($0.value.text(indent: inner, width: width))"
        },
        between: "{", "}", indent)
    }
  }

  private static func block(
    _ items: [String], between open: String, _ close: String, _ indent: String
  ) -> String {
    guard !items.isEmpty else { return open + close }
    let lines = items.map { "\(indent)  \($0)" }.joined(separator: ",\n")
    return "\(open)\n\(lines)\n\(indent)\(close)"
  }

  static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }

  /// A text without JSON's escapes, nil where one is none of RFC 8259's.
  static func unescaped(_ text: String) -> String? {
    var plain = ""
    var units: [UInt16] = []
    var rest = text.unicodeScalars[...]
    func flush() {
      plain += String(decoding: units, as: UTF16.self)
      units = []
    }
    while let scalar = rest.popFirst() {
      guard scalar == "\\" else {
        flush()
        plain.unicodeScalars.append(scalar)
        continue
      }
      switch rest.popFirst() {
      case "u"?:
        // Two halves of a surrogate pair come one after the other.
        guard let unit = UInt16(String(rest.prefix(4)), radix: 16), rest.count >= 4 else {
          return nil
        }
        units.append(unit)
        rest = rest.dropFirst(4)
        continue
      case let escape?:
        guard let meant = escapes[escape] else { return nil }
        flush()
        plain.unicodeScalars.append(meant)
      case nil: return nil
      }
    }
    flush()
    return plain
  }

  private static let escapes: [Unicode.Scalar: Unicode.Scalar] = [
    "\"": "\"", "\\": "\\", "/": "/", "b": "\u{8}", "f": "\u{C}", "n": "\n", "r": "\r",
    "t": "\t",
  ]
}
