// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore

/// A table in memory, column by column.
public struct Table: Sendable {
  /// What a column holds.
  public enum Values: Sendable {
    /// One text per row.
    case texts([String])
    /// One number per row; NaN where there is none.
    case numbers([Double])
    /// One text per row, of which many are equal.
    case labels(Labels)
  }

  /// A column of texts that stores each text once.
  public struct Labels: Sendable {
    /// The index in `texts`, one per row.
    public internal(set) var codes: [Int32] = []
    /// The texts in the order in which they first appear.
    public internal(set) var texts: [String] = []
  }

  /// The origin of the table, for messages.
  public let source: String
  /// The names of the columns, in order.
  public let names: [String]
  /// The names of all columns of the file, read or not.
  private let header: [String]
  /// The number of rows.
  public let rowCount: Int
  private let columns: [String: Values]
  /// The line in the file of each row; empty for a table that was made in memory.
  private let lines: [Int32]

  /// A table made in memory.
  ///
  /// - Parameters:
  ///   - source: its origin, for messages.
  ///   - columns: the columns in order, all of one length.
  public init(source: String, columns: KeyValuePairs<String, Values>) {
    self.init(
      source: source, header: columns.map(\.key), names: columns.map(\.key),
      columns: columns.map(\.value), lines: [])
  }

  /// Rows as a table.
  ///
  /// - Parameters:
  ///   - source: their origin, for messages.
  ///   - columns: the columns, in order.
  ///   - rows: the values, one a column.
  package init(source: String, columns: [Column], rows: [[Value]]) {
    let names = columns.map(\.name)
    let values = columns.indices.map { place -> Values in
      let cells = rows.map { $0[place].description }
      return columns[place].role == .measurement
        ? .numbers(cells.map { Double($0) ?? .nan }) : .labels(Labels(cells))
    }
    self.init(source: source, header: names, names: names, columns: values, lines: [])
  }

  init(source: String, header: [String], names: [String], columns: [Values], lines: [Int32]) {
    self.source = source
    self.header = header
    self.names = names
    self.lines = lines
    rowCount = columns.first?.count ?? 0
    precondition(columns.allSatisfy { [rowCount] in $0.count == rowCount }, "columns of one length")
    self.columns = Dictionary(zip(names, columns)) { first, _ in first }
  }

  /// What kind of table it is, by all columns of the file.
  package var kind: TableKind { TableKind(of: header) }

  /// The key columns, in order.
  public var keys: [String] {
    let results = Set(kind.measurements.map(\.name))
    return names.filter { !results.contains($0) }
  }

  /// The columns of results that the file has, read or not.
  package var measurements: [String] {
    let results = Set(kind.measurements.map(\.name))
    return header.filter(results.contains)
  }

  /// Whether all of these columns exist.
  public func has(_ names: String...) -> Bool { names.allSatisfy { columns[$0] != nil } }

  /// Refuses a table in which columns are missing.
  ///
  /// - Parameters:
  ///   - names: the columns.
  ///   - user: what needs them, for the message.
  /// - Throws: `InputError.malformed` with the names of the missing columns.
  public func require(_ names: [String], for user: String) throws(InputError) {
    let missing = names.filter { columns[$0] == nil }
    guard missing.isEmpty else {
      throw malformed(
        "\(user) needs the column\(missing.count == 1 ? "" : "s")"
          + " \(missing.joined(separator: ", ")); there is \(header.joined(separator: ", "))")
    }
  }

  /// A column as texts.
  ///
  /// - Throws: `InputError.malformed` if there is no such column.
  public func labels(_ name: String) throws(InputError) -> Labels {
    switch try column(name) {
    case .labels(let labels): labels
    case .texts(let texts): Labels(texts)
    case .numbers(let numbers): Labels(numbers.map(Self.text))
    }
  }

  /// A column as numbers; an empty field is NaN.
  ///
  /// - Throws: `InputError.malformed` if there is no such column or a text is not a number.
  public func numbers(_ name: String) throws(InputError) -> [Double] {
    if case .numbers(let numbers) = try column(name) { return numbers }
    let labels = try labels(name)
    let values = labels.texts.map { $0.isEmpty ? .nan : Double($0) }
    if let bad = values.firstIndex(of: nil) {
      let row = labels.codes.firstIndex(of: Int32(bad)) ?? 0
      throw malformed(row, "\(name) is '\(labels.texts[bad])', which is not a number")
    }
    let known = values.compactMap { $0 }
    return labels.codes.map { known[Int($0)] }
  }

  /// The epochs, one a row.
  ///
  /// - Throws: `InputError.malformed` if there is no such column, or one is not a number of at least 0.
  package func epochs() throws(InputError) -> [Double] {
    let epochs = try numbers(Column.epoch.name)
    if let row = epochs.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
      throw malformed(row, "epoch is \(epochs[row]), not a number of at least 0")
    }
    return epochs
  }

  /// The epochs that each group of rows has.
  ///
  /// - Throws: `InputError.malformed` as `epochs()`.
  package func epochs(of groups: Groups) throws(InputError) -> [Set<Double>] {
    var known = [Set<Double>](repeating: [], count: groups.count)
    for (row, epoch) in try epochs().enumerated() { known[groups.ofRow[row]].insert(epoch) }
    return known
  }

  /// The table with a column put in the place of one of that name, or after the others.
  package func with(_ name: String, _ values: Values) -> Table {
    var columns = columns
    columns[name] = values
    let names = names.contains(name) ? names : names + [name]
    return Table(
      source: source, header: header, names: names, columns: names.compactMap { columns[$0] },
      lines: lines)
  }

  /// Some of the rows, in the order given.
  public func rows(_ chosen: [Int]) -> Table {
    Table(
      source: source, header: header, names: names,
      columns: names.compactMap { columns[$0]?.rows(chosen) },
      lines: lines.isEmpty ? [] : chosen.map { lines[$0] })
  }

  /// An error in a row, with its line in the file.
  public func malformed(_ row: Int, _ reason: String) -> InputError {
    .malformed(path: source, line: lines.isEmpty ? 0 : Int(lines[row]), reason: reason)
  }

  /// An error in the table as a whole.
  public func malformed(_ reason: String) -> InputError {
    .malformed(path: source, line: 0, reason: reason)
  }

  /// That there is no such column, what there is, and what may have been meant.
  func absence(of name: String) -> String {
    "there is no column '\(name)'; there is \(header.joined(separator: ", "))"
      + header.suggestion(for: name)
  }

  private func column(_ name: String) throws(InputError) -> Values {
    guard let values = columns[name] else {
      throw malformed(absence(of: name))
    }
    return values
  }

  private static func text(_ number: Double) -> String {
    Int(exactly: number)?.description ?? number.description
  }
}

extension Table.Values {
  fileprivate var count: Int {
    switch self {
    case .texts(let texts): texts.count
    case .numbers(let numbers): numbers.count
    case .labels(let labels): labels.codes.count
    }
  }

  fileprivate func rows(_ chosen: [Int]) -> Self {
    switch self {
    case .texts(let texts): .labels(Table.Labels(chosen.map { texts[$0] }))
    case .numbers(let numbers): .numbers(chosen.map { numbers[$0] })
    case .labels(let labels): .labels(labels.rows(chosen))
    }
  }
}

extension Table.Labels {
  /// The texts of a column.
  init(_ column: [String]) {
    var places: [String: Int32] = [:]
    for text in column { append(text, places: &places) }
  }

  mutating func append(_ text: String, places: inout [String: Int32]) {
    let place = places[text] ?? Int32(texts.count)
    if Int(place) == texts.count {
      texts.append(text)
      places[text] = place
    }
    codes.append(place)
  }

  /// Some of the rows, with the texts that they have.
  fileprivate func rows(_ chosen: [Int]) -> Self {
    var places = [Int32](repeating: -1, count: texts.count)
    var kept = Self()
    for row in chosen {
      let code = Int(codes[row])
      if places[code] < 0 {
        places[code] = Int32(kept.texts.count)
        kept.texts.append(texts[code])
      }
      kept.codes.append(places[code])
    }
    return kept
  }
}
