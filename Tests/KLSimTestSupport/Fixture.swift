// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation

/// A table that PyTorch computed; see `Fixtures/make_fixtures.py`.
struct Fixture {
  /// The rows below the header, each with its fields by column name.
  let rows: [Row]

  struct Row {
    fileprivate let columns: [String: Int]
    fileprivate let fields: [Substring]

    func text(_ column: String) -> String { columns[column].map { String(fields[$0]) } ?? "" }
    /// NaN, which equals nothing, where there is no number.
    func number(_ column: String) -> Double { Double(text(column)) ?? .nan }
    /// −1 where there is no whole number.
    func integer(_ column: String) -> Int { Int(text(column)) ?? -1 }
  }

  /// Reads a table; none of its fields are quoted.
  init(_ name: String) throws {
    guard
      let url = Bundle.module.url(
        forResource: name, withExtension: "csv", subdirectory: "Fixtures")
    else { throw CocoaError(.fileNoSuchFile) }
    let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
    let header = (lines.first ?? "").split(separator: ",")
    let columns = Dictionary(
      zip(header.map(String.init), header.indices), uniquingKeysWith: { first, _ in first })
    rows = lines.dropFirst().map {
      Row(columns: columns, fields: $0.split(separator: ",", omittingEmptySubsequences: false))
    }
  }
}
