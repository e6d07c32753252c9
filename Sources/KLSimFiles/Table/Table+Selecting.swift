// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

extension Table {
  /// A choice of rows: those with one value in a column.
  public struct Selection: Sendable, Equatable {
    /// The column.
    public let column: String
    /// The value that the rows have in it.
    public let value: String

    /// Rows in which a column has a value; numbers are compared as numbers, and specifications in their
    /// canonical form.
    public init(column: String, value: String) {
      self.column = column
      self.value = value
    }
  }

  /// The rows that match all selections.
  ///
  /// - Parameter selections: the selections; several of one column are alternatives.
  /// - Returns: a table of those rows.
  /// - Throws: `InputError.unanswered` if there is no such column, or no such row.
  public func selecting(_ selections: [Selection]) throws(InputError) -> Table {
    var table = self
    for column in selections.map(\.column).uniqued() {
      guard has(column) else {
        throw InputError.unanswered(path: source, reason: absence(of: column))
      }
      let labels = try table.labels(column)
      var wanted: [String] = []
      for selection in selections where selection.column == column {
        wanted.append(try canonical(selection, among: labels))
      }
      let isWanted = labels.texts.map { text in
        wanted.contains { text == $0 || Self.isSameNumber(text, $0) }
      }
      let chosen = labels.codes.indices.filter { isWanted[Int(labels.codes[$0])] }
      guard !chosen.isEmpty else {
        throw InputError.unanswered(
          path: source,
          reason: "no row has \(column)=\(wanted.joined(separator: " or ")); there is"
            + " \(Self.list(labels.texts))" + labels.texts.suggestion(for: wanted[0]))
      }
      if chosen.count < table.rowCount { table = table.rows(chosen) }
    }
    return table
  }

  /// The value of a selection as the column has it.
  private func canonical(
    _ selection: Selection, among labels: Labels
  ) throws(InputError) -> String {
    guard !labels.texts.contains(selection.value) else { return selection.value }
    do {
      return try Axes.canonical(selection.value, in: selection.column, of: kind.axes)
    } catch {
      throw .unanswered(path: source, reason: error.description)
    }
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
