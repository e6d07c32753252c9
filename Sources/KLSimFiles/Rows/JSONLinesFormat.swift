// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

extension RowFormat {
  /// One JSON object a row (jsonlines.org).
  ///
  /// JSON has no words for infinity and not a number: they are
  /// the texts `"inf"`, `"-inf"` and `"nan"`. A value that does not exist is `null`.
  public static let jsonLines = RowFormat(
    name: "jsonl", summary: "one JSON object a row", separator: nil,
    lead: { "\($1 ? "{" : ",")\(JSON.quoted($0.name)):" }, end: "}\n", text: JSON.quoted,
    notANumber: "\"nan\"", infinity: "\"inf\"", negativeInfinity: "\"-inf\"", missing: "null")
}
