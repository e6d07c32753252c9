// SPDX-License-Identifier: GPL-3.0-or-later

extension Table {
  /// A choice of rows: those with one value in a column.
  public struct Selection: Sendable, Equatable {
    /// The column.
    public let column: String
    /// The value that the rows have in it.
    public let value: String

    /// Rows in which a column has a value; numbers are compared as numbers.
    public init(column: String, value: String) {
      self.column = column
      self.value = value
    }
  }

  /// The rows that match all selections.
  ///
  /// - Parameter selections: the selections; several of one column are alternatives.
  /// - Returns: a table of those rows.
  /// - Throws: `InputError.malformed` if there is no such column, or no such row.
  public func selecting(_ selections: [Selection]) throws(InputError) -> Table {
    var table = self
    for column in selections.map(\.column).uniqued() {
      let wanted = selections.filter { $0.column == column }.map(\.value)
      let labels = try table.labels(column)
      let isWanted = labels.texts.map { text in
        wanted.contains { text == $0 || Self.isSameNumber(text, $0) }
      }
      let chosen = labels.codes.indices.filter { isWanted[Int(labels.codes[$0])] }
      guard !chosen.isEmpty else {
        throw malformed(
          "no row has \(column)=\(wanted.joined(separator: " or ")); there is"
            + " \(Self.list(labels.texts))")
      }
      if chosen.count < table.rowCount { table = table.rows(chosen) }
    }
    return table
  }

  /// A list of texts for a message, cut off after `maximum` of them.
  public static func list(_ texts: [String], maximum: Int = 8) -> String {
    let shown = texts.prefix(maximum).map { $0.isEmpty ? "''" : $0 }.joined(separator: ", ")
    return texts.count > maximum ? "\(shown), … (\(texts.count) in all)" : shown
  }

  private static func isSameNumber(_ text: String, _ other: String) -> Bool {
    guard let number = Double(text), let wanted = Double(other) else { return false }
    return number == wanted
  }
}

extension Sequence where Element: Hashable {
  /// Every element once, in the order in which they first appear.
  public func uniqued() -> [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
