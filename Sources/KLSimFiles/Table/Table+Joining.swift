// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

extension Table {
  /// Reads several files as one table, as `init(path:numbers:texts:)` reads one.
  ///
  /// A file may lack columns that klsim writes only where they are needed: the context, and choices on
  /// axes that came after the format, which are then the default.
  ///
  /// - Parameters:
  ///   - paths: the files, at least one, all of one kind.
  ///   - numbers: the columns to read as numbers if they exist.
  ///   - texts: the columns of results to read as texts if they exist.
  /// - Throws: `InputError`, also for a column that only some files have.
  package init(
    paths: [String], numbers: Set<String>, texts: Set<String> = []
  ) throws(InputError) {
    var tables: [Table] = []
    for path in paths { tables.append(try Table(path: path, numbers: numbers, texts: texts)) }
    guard tables.count > 1 else {
      self = tables[0]
      return
    }
    let names = tables.flatMap(\.names).uniqued()
    var columns: [Values] = []
    for name in names {
      if numbers.contains(name) {
        var joined: [Double] = []
        for table in tables { joined += try table.numbers(name) }
        columns.append(.numbers(joined))
      } else {
        var joined = Labels()
        var places: [String: Int32] = [:]
        for table in tables {
          let labels =
            try table.has(name)
            ? table.labels(name)
            : Self.absentValue(of: name).map { Labels(Array(repeating: $0, count: table.rowCount)) }
          guard let labels else {
            throw table.malformed(
              "there is no column '\(name)', which another file has; files of one table have the same"
                + " columns")
          }
          for code in labels.codes { joined.append(labels.texts[Int(code)], places: &places) }
        }
        columns.append(.labels(joined))
      }
    }
    self.init(
      source: Self.list(paths), header: names, names: names, columns: columns, lines: [])
  }

  /// The rows of single contexts, where there are any; else those of means over contexts.
  ///
  /// A mean has `mean` as its context, or no context and `mean` as its label.
  package func withoutMeans() throws(InputError) -> Table {
    guard has("context") else { return self }
    let contexts = try labels("context")
    let names = has("context_label") ? try labels("context_label") : nil
    let singles = (0..<rowCount).filter { row in
      let context = contexts.texts[Int(contexts.codes[row])]
      let name = names.map { $0.texts[Int($0.codes[row])] }
      return context != "mean" && !(context.isEmpty && name == "mean")
    }
    return singles.isEmpty || singles.count == rowCount ? self : rows(singles)
  }

  /// What a row says in a column that its file does not have; nil if that cannot be known.
  private static func absentValue(of column: String) -> String? {
    if TrailingColumns.contextColumns.contains(where: { $0.name == column }) { return "" }
    return Axes.all.first { $0.isAddition && $0.column.name == column }?
      .defaults(after: Setup(undecidedFor: 0)).first
  }
}
