// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimSequences
public import KLSimFiles

extension Table {
  /// Reads a file for a figure.
  ///
  /// - Parameters:
  ///   - path: a file, or a folder with a `datapackage.json`, of records, aggregated records, snapshots or evidence.
  ///   - figure: the figure; results that it does not need are not read.
  ///   - selections: choices of rows, as `selecting` takes them.
  /// - Throws: `InputError`.
  public init(
    path: String, for figure: any Figure.Type, where selections: [Selection] = []
  ) throws(InputError) {
    try self.init(paths: [path], for: figure, where: selections)
  }

  /// Reads files for a figure, as one table.
  ///
  /// - Parameters:
  ///   - paths: files, or folders with a `datapackage.json`, at least one, all of one kind: records, aggregated records, snapshots or evidence.
  ///   - figure: the figure; results that it does not need are not read.
  ///   - selections: choices of rows, as `selecting` takes them.
  /// - Throws: `InputError`.
  public init(
    paths: [String], for figure: any Figure.Type, where selections: [Selection] = []
  ) throws(InputError) {
    var files: [TableFiles] = []
    for path in paths {
      files.append(
        try TableFiles(path, for: "the figure '\(figure.name)'") {
          FigureCatalog.figures(of: $0).contains(figure.name)
        })
    }
    let table = try Table(
      files, numbers: figure.numbers, texts: Set(selections.map(\.column)))
    self = try table.selecting(selections)
  }

  /// Refuses a table without the columns that a figure needs.
  func require(_ names: [String], for figure: any Figure.Type) throws(InputError) {
    let others = FigureCatalog.figures(of: kind)
    // A table of no known kind passes for records.
    let isKnown = !others.isEmpty && (kind != .records || has("tvd"))
    guard names.allSatisfy({ has($0) }) || !isKnown || others.contains(figure.name) else {
      throw malformed(
        "these are \(kind.name), which are shown by \(others.joined(separator: ", ")), not by"
          + " \(figure.name)")
    }
    try require(names, for: "the figure '\(figure.name)'")
  }

  /// Whether its rows are of students of sequences.
  var isOfSequences: Bool { has(SignalAxis.column.name) }

  /// The column whose values are lines: the objective, or the signal of students of sequences.
  var subject: String {
    isOfSequences ? SignalAxis.column.name : Column.objective.name
  }

  /// A value of a key column in words; teachers and students of sequences can have the same
  /// specification, so that those say which they are.
  func words(_ column: String, _ value: String) -> String {
    guard isOfSequences else { return Axes.words(column, value) }
    switch column {
    case WorldAxis.column.name, SequenceStudentAxis.column.name, SequenceStartAxis.column.name:
      return "\(column) \(value)"
    case SamplesAxis.column.name: return "\(value) sample\(value == "1" ? "" : "s") a step"
    default: return Axes.words(column, value)
    }
  }

  /// A column of whole numbers.
  func integers(_ name: String) throws(InputError) -> [Int] {
    let numbers = try numbers(name)
    var integers: [Int] = []
    integers.reserveCapacity(numbers.count)
    for (row, number) in numbers.enumerated() {
      guard let integer = Int(exactly: number) else {
        throw malformed(row, "\(name) is \(number), not a whole number")
      }
      integers.append(integer)
    }
    return integers
  }

  /// The rows of the chosen objectives and epochs.
  func choosing(_ options: FigureOptions) throws(InputError) -> Table {
    var table = self
    if let objectives = options.objectives {
      for objective in objectives {
        _ = try selecting([Selection(column: subject, value: objective)])
      }
      table = try selecting(objectives.map { Selection(column: subject, value: $0) })
    }
    if let epochs = options.epochs {
      table = try table.choosing(epochs)
    }
    if let window = options.window {
      let epochs = try table.epochs()
      let last = RunLength.words(epoch: window.upperBound)
      let chosen = epochs.indices.filter { window.contains(epochs[$0]) }
      guard !chosen.isEmpty, window.upperBound <= epochs.max() ?? 0 else {
        throw table.malformed(
          chosen.isEmpty
            ? "there is no epoch from \(RunLength.words(epoch: window.lowerBound)) to \(last); there is"
              + " \(Self.list(Set(epochs)))"
            : "there is no epoch \(last); the last one is"
              + " \(RunLength.words(epoch: epochs.max() ?? 0))")
      }
      table = table.rows(chosen)
    }
    return table
  }

  /// The rows of some epochs, of each setup the recorded ones that are nearest, as
  /// `EpochSelection.epoch(nearest:among:)` finds them.
  private func choosing(_ epochs: [Double]) throws(InputError) -> Table {
    let setups = try groups(by: kind.axes.map { $0.column.name }.filter { has($0) })
    let recorded = try self.epochs(of: setups)
    let states = recorded.map { known in
      epochs.map { EpochSelection.epoch(nearest: $0, among: known) }
    }
    for (place, epoch) in epochs.enumerated() where states.allSatisfy({ $0[place] == nil }) {
      throw malformed(
        "there is no epoch \(RunLength.words(epoch: epoch)); there is"
          + " \(Self.list(recorded.reduce(into: []) { $0.formUnion($1) }))")
    }
    let chosen = states.map { Set($0.compactMap { $0 }) }
    let own = try self.epochs()
    return rows(own.indices.filter { chosen[setups.ofRow[$0]].contains(own[$0]) })
  }

  private static func list(_ epochs: Set<Double>) -> String {
    list(epochs.sorted().map(RunLength.words), maximum: 20)
  }

  /// The rows to sum up over contexts as over seeds: those of single contexts, but of students that share
  /// parameters among contexts those of the means.
  ///
  /// - Parameter facet: the column of which each value gets a panel.
  /// - Returns: the rows, and the columns of contexts; none of these if there are not several contexts.
  /// - Throws: `InputError`, also for contexts that share parameters and have no mean.
  func poolingContexts(
    facet: String?
  ) throws(InputError) -> (table: Table, contexts: [String]) {
    let columns = TrailingColumns.contextNames.filter { has($0) }
    if let facet, columns.contains(facet) { return (self, []) }
    guard try withoutMeans().groups(by: columns).count > 1 else { return (self, []) }
    let table = try independentRuns(comparing: subject)
    return (table, try table.groups(by: columns).count > 1 ? columns : [])
  }
}
