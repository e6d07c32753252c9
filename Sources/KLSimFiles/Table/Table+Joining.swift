// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

extension Table {
  /// Reads several tables as one, as `init(path:numbers:texts:)` reads one.
  ///
  /// A file may lack columns that klsim writes only where they are needed: the context, and choices on
  /// axes that came after the format, which are then the default.
  ///
  /// - Parameters:
  ///   - files: the tables, at least one, all of one kind.
  ///   - numbers: the columns to read as numbers if they exist.
  ///   - texts: the columns of results to read as texts if they exist.
  /// - Throws: `InputError`, also for a column that only some files have.
  package init(
    _ files: [TableFiles], numbers: Set<String>, texts: Set<String> = []
  ) throws(InputError) {
    var tables: [Table] = []
    for file in files { tables.append(try Table(file, numbers: numbers, texts: texts)) }
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
      source: Self.list(files.map(\.source)), header: names, names: names, columns: columns,
      lines: [])
  }

  /// Whether each row is of a mean over contexts: it has `mean` as its context, or no context and `mean` as
  /// its label.
  package func areMeans() throws(InputError) -> [Bool] {
    guard has("context") else { return Array(repeating: false, count: rowCount) }
    let contexts = try labels("context")
    let names = has("context_label") ? try labels("context_label") : nil
    return contexts.codes.indices.map { row in
      let context = contexts.texts[Int(contexts.codes[row])]
      let name = names.map { $0.texts[Int($0.codes[row])] }
      return context == "mean" || context.isEmpty && name == "mean"
    }
  }

  /// The rows of single contexts, where there are any; else those of means over contexts.
  package func withoutMeans() throws(InputError) -> Table {
    let areMeans = try areMeans()
    let singles = (0..<rowCount).filter { !areMeans[$0] }
    return singles.isEmpty || singles.count == rowCount ? self : rows(singles)
  }

  /// The rows whose differences are draws of their own: those of single contexts, but of students that share
  /// parameters among contexts those of the means.
  ///
  /// - Parameter column: whose values are compared; if it is the student, one that shares makes all means.
  /// - Returns: those rows.
  /// - Throws: `InputError`, also for runs of several contexts that share parameters and have no mean.
  package func independentRuns(comparing column: String) throws(InputError) -> Table {
    guard has("context", StudentAxis.column.name) else { return try withoutMeans() }
    let students = try labels(StudentAxis.column.name)
    let areShared = students.texts.map(Catalog.sharesParameters)
    guard let sharing = areShared.firstIndex(of: true) else { return try withoutMeans() }
    let (areMeans, contexts) = try (areMeans(), labels("context"))
    let isOfAll = column == StudentAxis.column.name
    func shares(_ row: Int) -> Bool { isOfAll || areShared[Int(students.codes[row])] }
    let runs = try groups(by: keys.filter { !TrailingColumns.contextNames.contains($0) })
    var hasMean = [Bool](repeating: false, count: runs.count)
    var (hasSingle, hasSeveral) = (hasMean, hasMean)
    for row in 0..<rowCount {
      let run = runs.ofRow[row]
      if areMeans[row] {
        hasMean[run] = true
      } else {
        let isOneOfSeveral = !contexts.texts[Int(contexts.codes[row])].isEmpty
        hasSeveral[run] = hasSeveral[run] || hasSingle[run] && isOneOfSeveral
        hasSingle[run] = true
      }
    }
    let lacksMean = (0..<rowCount).contains { row in
      shares(row) && hasSeveral[runs.ofRow[row]] && !hasMean[runs.ofRow[row]]
    }
    guard !lacksMean else {
      throw .unanswered(
        path: source,
        reason:
          "the contexts of \(students.texts[sharing]) share parameters, so that only their means are"
          + " draws of their own, and means are missing: run again with --contexts mean or both, or select"
          + " one context")
    }
    return rows(
      (0..<rowCount).filter { row in
        let run = runs.ofRow[row]
        return areMeans[row] == (hasMean[run] && (shares(row) || !hasSingle[run]))
      })
  }

  /// What a row says in a column that its file does not have; nil if that cannot be known.
  private static func absentValue(of column: String) -> String? {
    if (TrailingColumns.contextNames + [Column.split.name]).contains(column) { return "" }
    return TableKind.axes.first { $0.isAddition && $0.column.name == column }?
      .defaults(after: Choices()).first
  }
}
