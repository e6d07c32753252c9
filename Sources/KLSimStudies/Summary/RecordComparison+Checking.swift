// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimFiles

extension RecordComparison.Question {
  /// The question in canonical words, if the columns of a table can play their parts in it.
  ///
  /// - Throws: `InputError` for a table that is none of records, or `StudyError`.
  func checked(against table: Table) throws -> Self {
    guard table.kind.isOfRecords else {
      let advice =
        switch table.kind {
        case .aggregates: "their seeds cannot be paired; run again without --aggregate"
        case .estimates:
          "bias and variance of signals beside exact losses, which plot shows by --figure estimators or mse;"
            + " to compare signals in training, record it by sequence"
        default: "records are needed, from run or sequence"
        }
      throw table.malformed("these are \(table.kind.name): \(advice)")
    }
    try table.require([Column.seed.name, Column.epoch.name], for: "a comparison")
    try checkMetrics(table)
    try checkKey(by, of: "by", in: table)
    guard best.isEmpty || by != Column.split.name else {
      throw StudyError(
        "`by` split and `best`: the best \(best.joined(separator: ", ")) is chosen on the training"
          + " contexts, for both splits alike; leave out `best`, and select one value by `where`")
    }
    for name in best {
      try checkKey(name, of: "best", in: table)
      guard Self.isChoice(name), name != by else {
        throw StudyError(
          "`best` \(name): a column that is chosen in training, other than \(by), is needed, such as"
            + " \(Table.list(Self.choices(among: table.keys.filter { $0 != by })))")
      }
      guard within?.contains(name) != true else {
        throw StudyError(
          "`best` and `within` both name \(name): either every level takes its best \(name), or each"
            + " \(name) has an answer of its own")
      }
    }
    for name in within ?? [] {
      try checkKey(name, of: "within", in: table)
      guard name != by else {
        throw StudyError("`within` \(name): a key column other than \(by) is needed")
      }
    }
    var question = self
    if case .level(let level) = rivals, try !table.labels(by).texts.contains(level) {
      question.rivals = .level(try Axes.canonical(level, in: by, of: table.kind.axes))
    }
    return question
  }

  /// The names of columns that questions can be about, apart from those that programs add.
  package static var columns: Set<String> {
    keys.union(
      (TableKind.records.measurements + TableKind.sequences.measurements).map(\.name)
        + [totalError.name])
  }

  private static var keys: Set<String> {
    Set(
      TableKind.axes.map { $0.column.name }
        + [Column.seed.name, Column.head.name, Column.epoch.name, Column.split.name]
        + TrailingColumns.contextNames)
  }

  private func checkMetrics(_ table: Table) throws(StudyError) {
    let totals = table.has("tvd") ? [Self.totalError.name] : []
    let (known, keys) = (table.measurements + totals, Self.keys)
    for name in metrics where !totals.contains(name) {
      guard !keys.contains(name), table.has(name) else {
        throw StudyError(
          "`metric` \(name): \(keys.contains(name) ? "it is a key column" : "there is no such column");"
            + " measurements are \(known.joined(separator: ", "))" + Self.remedy(for: name, known))
      }
    }
    if metrics.contains("loss"), ([by] + best).contains(Column.objective.name) {
      throw StudyError(
        "`metric` loss: the losses of different objectives are different quantities; compare"
          + " tail_error, tvd or another measurement")
    }
  }

  /// How a measurement is recorded that a table does not have, or what may be meant.
  private static func remedy(for name: String, _ known: [String]) -> String {
    let metric = Catalog.metrics.first { metric in
      metric.name == name || metric.columns.contains { $0.name == name }
    }
    guard let metric else { return known.suggestion(for: name) }
    return "; run with `metric` \(metric.name) to record it"
  }

  /// Refuses a column that does not tell runs apart, apart from seeds.
  private func checkKey(
    _ name: String, of part: String, in table: Table
  ) throws(StudyError) {
    let others = [Column.seed.name, Column.epoch.name]
    let keys = table.keys.filter { !others.contains($0) && !metrics.contains($0) }
    guard !keys.contains(name) else { return }
    let reason =
      switch name {
      case Column.seed.name: "seeds make the pairs"
      case Column.epoch.name: "`at` chooses epochs"
      case Self.totalError.name: "it is a measurement"
      default: table.measurements.contains(name) ? "it is a measurement" : "there is no such column"
      }
    throw StudyError(
      "`\(part)` \(name): \(reason); key columns are \(keys.joined(separator: ", "))"
        + keys.suggestion(for: name))
  }

  /// Whether a key column is something that is chosen in training, so that each level can have its best.
  static func isChoice(_ column: String) -> Bool {
    let others = [TeacherAxis.column, .head, .seed, .epoch, .split].map(\.name)
    return !(others + TrailingColumns.contextNames).contains(column)
  }

  /// Those of some key columns that are chosen in training: the tuned ones first, and of these numbers.
  static func choices(among columns: [String]) -> [String] {
    let tuned = Axes.all.filter { $0.isTuned }.map { $0.column }
    let first = (tuned.filter { $0.kind == .number } + tuned).map(\.name).uniqued()
    return first.filter(columns.contains)
      + columns.filter { isChoice($0) && !first.contains($0) }
  }
}
