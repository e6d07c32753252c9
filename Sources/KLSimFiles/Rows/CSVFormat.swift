// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

extension RowFormat {
  /// Comma-separated values with a header: RFC 4180, UTF-8, LF.
  public static let csv = RowFormat(
    name: "csv", summary: "comma-separated values with a header", separator: UInt8(ascii: ","),
    lead: { _, _ in "" }, end: "\n", text: quotedForCSV, notANumber: "nan", infinity: "inf",
    negativeInfinity: "-inf", missing: "")

  /// A field, quoted if necessary.
  private static func quotedForCSV(_ text: String) -> String {
    let special = ",\"\n\r".utf8
    guard text.utf8.contains(where: special.contains) else { return text }
    // By scalars: a quote followed by a combining mark is another character.
    let doubled = text.unicodeScalars.map { $0 == "\"" ? "\"\"" : String($0) }
    return "\"" + doubled.joined() + "\""
  }
}
