// SPDX-License-Identifier: GPL-3.0-or-later

internal import CKLSimTexts
package import KLSimFiles

/// A page for the browser in one file: a template that never changes, and one JSON document in it.
///
/// The template's script shows every text of the document as text. In the page the document has no character
/// that HTML or JavaScript gives a meaning to, so that no name in a file is read as either.
package struct ReportPage: Sendable {
  /// The version of the document's form, which the script reads.
  static let format = 1
  private let members: [(key: String, value: JSON)]

  /// A page.
  ///
  /// - Parameters:
  ///   - title: its heading.
  ///   - version: klsim's.
  ///   - command: the command line that makes what it shows.
  ///   - caution: what to know before reading it; nil for nothing.
  ///   - parts: what is shown: the script has a section for each member that it knows.
  package init(
    title: String, version: String, command: String, caution: String? = nil,
    parts: [(key: String, value: JSON)]
  ) {
    members =
      [
        ("format", .plain("\(Self.format)")), ("title", .string(title)),
        ("klsim", .string(version)), ("command", .string(command)),
      ] + (caution.map { [("caution", .string($0))] } ?? []) + parts
  }

  /// The page as HTML in UTF-8.
  package var bytes: [UInt8] {
    unsafe Array(String(cString: klsim_page_start()).utf8)
      + Self.escaped(JSON.object(members).line)
      + Array(String(cString: klsim_page_end()).utf8)
  }

  /// JSON in which `<`, `>`, `&` and the line separators U+2028 and U+2029 are escaped, which stand in its
  /// strings alone.
  static func escaped(_ json: String) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(json.utf8.count)
    for scalar in json.unicodeScalars {
      switch scalar {
      case "<": bytes += Array("\\u003c".utf8)
      case ">": bytes += Array("\\u003e".utf8)
      case "&": bytes += Array("\\u0026".utf8)
      case "\u{2028}": bytes += Array("\\u2028".utf8)
      case "\u{2029}": bytes += Array("\\u2029".utf8)
      default: bytes += scalar.utf8
      }
    }
    return bytes
  }
}
