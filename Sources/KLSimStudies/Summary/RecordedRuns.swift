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
  /// The epochs that are compared, ascending.
  let epochs: [Int]
  private(set) var conditions: [Condition] = []
  private let table: Table
  private let unitCount: Int
  /// The row of a run, epoch and unit.
  private let rows: [Int: Int]

  /// Sorts out a table.
  ///
  /// - Throws: `InputError`, or `StudyError`.
  init(_ table: Table, _ question: RecordComparison.Question) throws {
    let (by, best) = (question.by, question.best)
    let all = try Self.singles(table, for: question)
    let units = [Column.seed.name, "context"].filter { all.has($0) && $0 != by }
    let own = Set([by, Column.epoch.name] + units + best + question.metrics)
    // What a context is called comes along with it.
    let others = all.keys.filter { !own.contains($0) && $0 != "context_label" }
    let varying = try others.filter { try all.labels($0).texts.count > 1 }
    within = question.within ?? varying
    for name in within + best {
      guard all.keys.contains(name), name != by, !units.contains(name), name != Column.epoch.name
      else {
        throw StudyError(
          "`\(best.contains(name) ? "best" : "within")` \(name): a key column other than \(by) is"
            + " needed, such as \((varying + others).prefix(3).joined(separator: ", "))")
      }
    }
    if let pooled = varying.first(where: { [within] in !within.contains($0) }) {
      let values = Table.list(try all.labels(pooled).texts)
      throw StudyError(
        "the rows also differ in \(pooled): \(values); name it in `within` or `best`, or select one by"
          + " `where`")
    }
    keys = others
    let levels = try all.labels(by)
    guard levels.texts.count > 1 else {
      throw StudyError(
        "\(by) is \(levels.texts[0]) in all rows: there is nothing to compare"
          + (varying.isEmpty ? "" : "; `by` can be \(varying.joined(separator: ", "))"))
    }
    if case .level(let level) = question.rivals, !levels.texts.contains(level) {
      throw StudyError("`against` \(level): \(by) is one of \(Table.list(levels.texts))")
    }

    let runs = try all.groups(by: within + [by] + best)
    let recorded = try Self.epochs(of: all, runs)
    epochs = try Self.chosen(question.epochs, of: recorded)
    let places = Dictionary(uniqueKeysWithValues: zip(epochs, epochs.indices))
    let unit = try all.groups(by: units)
    unitCount = unit.count
    var rows: [Int: Int] = [:]
    let numbers = try all.numbers(Column.epoch.name)
    for row in 0..<all.rowCount {
      guard let epoch = places[Int(numbers[row])] else { continue }
      let cell = (runs.ofRow[row] * epochs.count + epoch) * unit.count + unit.ofRow[row]
      if let other = rows.updateValue(row, forKey: cell) {
        throw try Self.twice(all, other, row)
      }
    }
    self.rows = rows
    self.table = all

    let conditions = try all.groups(by: within)
    let values = try Dictionary(
      uniqueKeysWithValues: (others + best + [by]).uniqued().map { ($0, try all.labels($0)) })
    func value(_ name: String, _ row: Int) -> String {
      values[name].map { $0.texts[Int($0.codes[row])] } ?? ""
    }
    let members = Dictionary(grouping: runs.firstRows.indices) {
      conditions.ofRow[runs.firstRows[$0]]
    }
    self.conditions = conditions.firstRows.enumerated().map { place, row in
      Condition(
        keys: others.map { value($0, row) },
        words: within.map { "\($0)=\(value($0, row))" }.joined(separator: ", "),
        runs: (members[place] ?? []).map { run in
          let first = runs.firstRows[run]
          return Run(level: value(by, first), choice: best.map { value($0, first) }, place: run)
        })
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
    return TableKind.records.measurements.first { $0.name == metric }
      ?? Column(metric, .number, "a measurement")
  }

  /// The values of a run, one a unit.
  func sample(_ run: Run, _ metric: String, epoch: Int) throws(InputError) -> Sample {
    let isTotal = metric == RecordComparison.Question.totalError.name
    let numbers = try table.numbers(isTotal ? "tvd" : metric)
    return Sample(
      level: run.level, choice: run.choice,
      values: (0..<unitCount).map { unit in
        let row = rows[(run.place * epochs.count + epoch) * unitCount + unit]
        return row.map { isTotal ? 2 * numbers[$0] : numbers[$0] }
      })
  }

  /// The rows of single runs, without means over contexts where there are rows of contexts.
  private static func singles(
    _ table: Table, for question: RecordComparison.Question
  ) throws -> Table {
    guard table.kind == .records else {
      let advice =
        table.kind == .aggregates
        ? "their seeds cannot be paired; run again without --aggregate" : "records are needed"
      throw table.malformed("these are \(table.kind.name): \(advice)")
    }
    try table.require(
      [question.by, Column.seed.name] + question.numbers.sorted(), for: "a comparison")
    return try table.withoutMeans()
  }

  /// The epochs that are recorded of every run, ascending.
  private static func epochs(of table: Table, _ runs: Table.Groups) throws -> [Int] {
    var known = [Set<Int>](repeating: [], count: runs.count)
    for (row, number) in try table.numbers(Column.epoch.name).enumerated() {
      guard let epoch = Int(exactly: number) else {
        throw table.malformed(row, "epoch is \(number), not a whole number")
      }
      known[runs.ofRow[row]].insert(epoch)
    }
    return known.dropFirst().reduce(known[0]) { $0.intersection($1) }.sorted()
  }

  private static func chosen(_ asked: [Int]?, of recorded: [Int]) throws(StudyError) -> [Int] {
    guard let last = recorded.last else {
      throw StudyError("no epoch is recorded of all runs; select runs by `where`")
    }
    guard let asked else {
      return Comparison.earlyEpochs.filter { $0 < last && recorded.contains($0) } + [last]
    }
    let missing = asked.filter { !recorded.contains($0) }
    guard missing.isEmpty else {
      throw StudyError(
        "`at`: \(Table.list(missing.map(\.description))) is not recorded of all runs; recorded is"
          + " \(Table.list(recorded.map(\.description)))")
    }
    return Set(asked).sorted()
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
