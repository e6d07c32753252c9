// SPDX-License-Identifier: GPL-3.0-or-later

internal import Foundation

/// The JSON document of a page for the browser, as its script reads it.
public struct PageDocument {
  /// The text of the document in the page.
  public let text: String
  private let members: [String: Any]

  /// Finds the document in a page.
  public init(page: some Sequence<UInt8>) throws {
    let page = String(decoding: Array(page), as: UTF8.self)
    let start = "<script type=\"application/json\" id=\"document\">\n"
    guard let from = page.range(of: start, options: .literal)?.upperBound,
      let to = page.range(of: "</script>", options: .literal, range: from..<page.endIndex)?
        .lowerBound
    else { throw Missing(what: "document") }
    text = String(page[from..<to])
    let json = try JSONSerialization.jsonObject(with: Data(text.utf8))
    guard let members = json as? [String: Any] else { throw Missing(what: "object") }
    self.members = members
  }

  /// A member.
  public func member<T>(_ name: String, as type: T.Type = T.self) throws -> T {
    guard let value = members[name] as? T else { throw Missing(what: name) }
    return value
  }

  /// The texts of a table, row by row, with the names of its columns.
  public static func rows(_ table: Any?) throws -> (names: [String], rows: [[String]]) {
    guard let table = table as? [String: Any], let count = table["rows"] as? Int,
      let columns = table["columns"] as? [[String: Any]],
      let coded = table["coded"] as? [[String: Any]],
      let numbers = table["numbers"] as? [[String: Any]]
    else { throw Missing(what: "table") }
    var rows = [[String]](repeating: Array(repeating: "?", count: columns.count), count: count)
    for group in coded {
      guard let places = group["columns"] as? [Int], let values = group["values"] as? [[String]],
        let runs = group["runs"] as? [Int]
      else { throw Missing(what: "coded") }
      let codes = stride(from: 0, to: runs.count, by: 3).flatMap { run in
        (0..<runs[run + 2]).map { runs[run] + $0 * runs[run + 1] }
      }
      guard codes.count == count else { throw Missing(what: "codes") }
      for row in 0..<count {
        for (place, value) in zip(places, values[codes[row]]) { rows[row][place] = value }
      }
    }
    for list in numbers {
      guard let place = list["column"] as? Int, let values = list["values"] as? String else {
        throw Missing(what: "numbers")
      }
      let texts = values.split(separator: ",", omittingEmptySubsequences: false)
      guard texts.count == count else { throw Missing(what: "numbers") }
      for row in 0..<count { rows[row][place] = String(texts[row]) }
    }
    return (columns.compactMap { $0["name"] as? String }, rows)
  }

  /// What was looked for.
  public struct Missing: Error {
    let what: String
  }
}
