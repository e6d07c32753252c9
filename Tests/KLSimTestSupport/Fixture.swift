// SPDX-License-Identifier: GPL-3.0-or-later

public import Foundation

/// A table that PyTorch computed; see the script beside it in `Fixtures`.
public struct Fixture {
  /// The rows below the header, each with its fields by column name.
  public let rows: [Row]

  public struct Row {
    fileprivate let columns: [String: Int]
    fileprivate let fields: [Substring]

    public func text(_ column: String) -> String {
      columns[column].map { String(fields[$0]) } ?? ""
    }
    /// NaN, which equals nothing, where there is no number.
    public func number(_ column: String) -> Double { Double(text(column)) ?? .nan }
    /// −1 where there is no whole number.
    public func integer(_ column: String) -> Int { Int(text(column)) ?? -1 }
  }

  /// Reads a table; none of its fields holds a comma.
  ///
  /// - Parameters:
  ///   - name: its file in `Fixtures`, without `.csv`.
  ///   - bundle: the resources of the tests.
  /// - Throws: `CocoaError` if there is no such file.
  public init(_ name: String, in bundle: Bundle) throws {
    guard
      let url = bundle.url(
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
