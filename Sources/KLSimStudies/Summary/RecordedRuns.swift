// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimFiles

/// The runs in a table of records, sorted out for a comparison: condition, level, choice, epoch and unit.
struct RecordedRuns {
  /// The runs that differ only in what is compared, or in the seed.
  struct Condition {
    /// The values of `RecordedRuns.keys`.
    let keys: [String]
    /// The same in words, of those that vary.
    let words: String
    let runs: [Run]
    /// The epochs that are compared, ascending: those recorded, or where they differ from run to run those
    /// asked for.
    let epochs: [Double]
  }

  /// The runs of one level under one choice.
  struct Run {
    let level: String
    let choice: [String]
    fileprivate let place: Int
  }

  /// The key columns that tell one condition from another, or that all rows share.
  let keys: [String]
  /// Those that tell one from another.
  let within: [String]
  /// A sentence for each asked epoch that others stand for.
  let notes: [String]
  private let epochCount: Int
  private(set) var conditions: [Condition] = []
  private let table: Table
  /// Whether each row is of a mean over contexts.
  private let areMeans: [Bool]
  private let units: [Pairing.Unit]
  /// The row of a run, epoch and unit.
  private let rows: [Int: Int]

  /// Sorts out a table.
  ///
  /// - Throws: `InputError`, or `StudyError`.
  init(_ table: Table, _ question: RecordComparison.Question) throws {
    let (by, best) = (question.by, question.best)
    // What a context is called comes along with it.
    let contexts = TrailingColumns.contextNames.filter { table.has($0) }
    let isByContext = contexts.contains(by)
    let isWithinContext =
      !isByContext && question.within?.contains(where: contexts.contains) == true
    // The contexts of one student are compared, or told apart, seed by seed.
    let all =
      try isByContext || isWithinContext
      ? table.withoutMeans() : table.independentRuns(comparing: by)
    areMeans = try all.areMeans()
    let units = [Column.seed.name] + (isByContext || isWithinContext ? [] : contexts.prefix(1))
    let own = Set([by, Column.epoch.name] + units + best + question.metrics)
    let others = all.keys.filter {
      !own.contains($0) && (isWithinContext || !contexts.contains($0))
    }
    let varying = try others.filter { try all.labels($0).texts.count > 1 }
    within =
      question.within.map { ($0 + (isWithinContext ? contexts : [])).uniqued() } ?? varying
    if let pooled = varying.first(where: { [within] in !within.contains($0) }) {
      let values = Table.list(try all.labels(pooled).texts)
      throw StudyError(
        "the rows also differ in \(pooled): \(values); name it in `within`"
          + (RecordComparison.Question.isChoice(pooled) ? " or `best`" : "")
          + ", or select one by `where`")
    }
    keys = others
    let levels = try all.labels(by)
    guard levels.texts.count > 1 else {
      throw StudyError(
        "\(by) is \(levels.texts[0]) in all rows: there is nothing to compare"
          + (varying.isEmpty ? "" : "; `by` can be \(varying.joined(separator: ", "))"))
    }
    if case .level(let level) = question.rivals, !levels.texts.contains(level) {
      throw StudyError(
        "`against` \(level): \(by) is one of \(Table.list(levels.texts))"
          + levels.texts.suggestion(for: level))
    }

    let runs = try all.groups(by: within + [by] + best)
    let conditions = try all.groups(by: within)
    let members = Dictionary(grouping: runs.firstRows.indices) {
      conditions.ofRow[runs.firstRows[$0]]
    }
    let chosen = try ChosenEpochs(
      question.epochs, of: all.epochs(of: runs), conditions: Array(members.values))
    notes = chosen.notes
    epochCount = chosen.asked.count
    let places = chosen.ofRun.map { own in Dictionary(grouping: own.indices) { own[$0] } }
    let unit = try all.groups(by: units)
    func codes(_ name: String) throws -> [Int] {
      guard units.contains(name) else { return unit.firstRows.map { _ in 0 } }
      let labels = try all.labels(name)
      return unit.firstRows.map { Int(labels.codes[$0]) }
    }
    self.units = zip(try codes(Column.seed.name), try codes("context")).map(Pairing.Unit.init)
    var rows: [Int: Int] = [:]
    let numbers = try all.numbers(Column.epoch.name)
    for row in 0..<all.rowCount {
      for epoch in places[runs.ofRow[row]][numbers[row]] ?? [] {
        let cell = (runs.ofRow[row] * epochCount + epoch) * unit.count + unit.ofRow[row]
        if let other = rows.updateValue(row, forKey: cell) {
          throw try Self.twice(all, other, row)
        }
      }
    }
    self.rows = rows
    self.table = all

    let values = try Dictionary(
      uniqueKeysWithValues: (others + best + [by]).uniqued().map { ($0, try all.labels($0)) })
    func value(_ name: String, _ row: Int) -> String {
      values[name].map { $0.texts[Int($0.codes[row])] } ?? ""
    }
    self.conditions = conditions.firstRows.enumerated().map { place, row in
      Condition(
        keys: others.map { value($0, row) },
        words: within.map { "\($0)=\(value($0, row))" }.joined(separator: ", "),
        runs: (members[place] ?? []).map { run in
          let first = runs.firstRows[run]
          return Run(level: value(by, first), choice: best.map { value($0, first) }, place: run)
        }, epochs: chosen.epochs(of: members[place] ?? []))
    }
  }

  /// The conditions in which there are several levels, and the others.
  func split() -> (comparable: [Condition], others: [Condition]) {
    let isComparable = conditions.map { Set($0.runs.map(\.level)).count > 1 }
    func chosen(_ isChosen: Bool) -> [Condition] {
      zip(conditions, isComparable).filter { $1 == isChosen }.map(\.0)
    }
    return (chosen(true), chosen(false))
  }

  /// The column of a measurement.
  func column(_ metric: String) -> Column {
    let total = RecordComparison.Question.totalError
    if metric == total.name { return total }
    return table.kind.measurements.first { $0.name == metric }
      ?? Column(metric, .number, "a measurement")
  }

  /// The condition of the training contexts where one is of held-out contexts.
  func training(of condition: Condition) -> Condition? {
    guard let place = keys.firstIndex(of: Column.split.name),
      condition.keys[place] == Split.heldOut.rawValue
    else { return nil }
    var wanted = condition.keys
    wanted[place] = Split.train.rawValue
    return conditions.first { $0.keys == wanted }
  }

  /// The row of a run in an epoch.
  private func row(_ run: Run, epoch: Int, unit: Int) -> Int? {
    rows[(run.place * epochCount + epoch) * units.count + unit]
  }

  /// The values of a run, one a unit.
  func sample(_ run: Run, _ metric: String, epoch: Int) throws(InputError) -> Sample {
    let isTotal = metric == RecordComparison.Question.totalError.name
    let numbers = try table.numbers(isTotal ? "tvd" : metric)
    return Sample(
      level: run.level, choice: run.choice,
      values: units.indices.map { unit in
        row(run, epoch: epoch, unit: unit).map { isTotal ? 2 * numbers[$0] : numbers[$0] }
      })
  }

  /// What counts as one pair in a condition.
  ///
  /// - Parameters:
  ///   - condition: the condition.
  ///   - metrics: what is compared; copies agree in all of these, and in TVD.
  /// - Returns: its pairs.
  /// - Throws: `InputError` for a column that has no numbers.
  func pairing(of condition: Condition, _ metrics: [String]) throws(InputError) -> Pairing {
    var columns: [[Double]] = []
    for name in (["tvd"] + metrics).uniqued() where table.has(name) {
      columns.append(try table.numbers(name))
    }
    let place = keys.firstIndex(of: TeacherAxis.column.name)
    let teachers = place.map { [condition.keys[$0]] } ?? condition.runs.map(\.level)
    let areDrawn = teachers.contains {
      (try? Catalog.teacher($0))?.component.drawsContexts == true
    }
    func allRows(_ unit: Int) -> [Int?] {
      condition.runs.flatMap { run in
        (0..<epochCount).map { row(run, epoch: $0, unit: unit) }
      }
    }
    let first = units.indices.lazy.compactMap { allRows($0).compactMap { $0 }.first }.first
    let areMeans = first.map { self.areMeans[$0] } ?? false
    return Pairing(units, areDrawn: areDrawn, areMeans: areMeans) { unit in
      let rows = allRows(unit)
      guard rows.contains(where: { $0 != nil }) else { return nil }
      return rows.flatMap { row in columns.map { column in row.map { column[$0] } } }
    }
  }

  private static func twice(_ table: Table, _ first: Int, _ second: Int) throws -> InputError {
    let run = try table.keys.map { name in
      let labels = try table.labels(name)
      return "\(name)=\(labels.texts[Int(labels.codes[second])])"
    }
    return table.malformed(
      second, "a run is there twice: \(run.joined(separator: ", ")); is a file given twice?")
  }
}
