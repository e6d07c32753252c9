// SPDX-License-Identifier: GPL-3.0-or-later

/// A JSON value whose members keep their order.
enum JSON: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
  case string(String)
  case array([JSON])
  case object(KeyValuePairs<String, JSON>)

  init(stringLiteral value: String) {
    self = .string(value)
  }

  /// RFC 8259 text, indented.
  func text(indent: String = "") -> String {
    let inner = indent + "  "
    switch self {
    case .string(let string):
      return Self.quoted(string)
    case .array(let values):
      return Self.block(values.map { $0.text(indent: inner) }, between: "[", "]", indent)
    case .object(let members):
      return Self.block(
        members.map { "\(Self.quoted($0.key)): \($0.value.text(indent: inner))" },
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

  private static func quoted(_ text: String) -> String {
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
}
