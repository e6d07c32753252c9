// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

extension Table {
  /// Reads a table that klsim wrote, or another in one of its formats, packed by gzip or not: JSON Lines
  /// where the path ends in `.jsonl` or the first byte is `{`, else CSV with a header.
  ///
  /// Of the columns of results only those that are asked for are read.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - numbers: the columns to read as numbers if they exist; a value that does not exist is NaN.
  ///   - texts: the columns of results to read as texts if they exist.
  /// - Throws: `InputError`, also for a file without rows, or without an end of its last line.
  public init(path: String, numbers: Set<String>, texts: Set<String> = []) throws(InputError) {
    try self.init(TableFiles(file: path), numbers: numbers, texts: texts)
  }

  /// Reads a table of one or several files, as `init(path:numbers:texts:)` reads one.
  ///
  /// - Throws: as that.
  init(
    _ files: TableFiles, numbers: Set<String>, texts: Set<String> = []
  ) throws(InputError) {
    let path = files.paths[0]
    let bytes = try fileBytes(path)
    if RowFormat.ending(of: path) == RowFormat.jsonLines.name || bytes.first == UInt8(ascii: "{") {
      try self.init(JSONLinesReader(path: path, bytes: bytes), files, numbers, texts)
    } else {
      try self.init(CSVReader(path: path, bytes: bytes), files, numbers, texts)
    }
  }

  /// Reads a table whose first file a reader has been opened for.
  private init<Reader: RowReader>(
    _ first: Reader, _ files: TableFiles, _ numbers: Set<String>, _ texts: Set<String>
  ) throws(InputError) {
    var reader = first
    guard let header = try reader.header() else {
      throw .malformed(path: files.paths[0], line: 0, reason: "the file is empty")
    }
    let counts = Dictionary(header.map { ($0, 1) }, uniquingKeysWith: +)
    if let twice = header.first(where: { counts[$0, default: 0] > 1 }) {
      throw .malformed(path: files.paths[0], line: 1, reason: "several columns '\(twice)'")
    }
    let results = Set(TableKind(of: header).measurements.map(\.name))
    var columns = header.indices
      .filter {
        !results.contains(header[$0]) || numbers.contains(header[$0]) || texts.contains(header[$0])
      }
      .map { ColumnReader(name: header[$0], place: $0, isNumeric: numbers.contains(header[$0])) }
    var lines: [Int32] = []
    for (part, path) in files.paths.enumerated() {
      if part > 0 {
        reader = Reader(path: path, bytes: try fileBytes(path), header: header)
        for index in columns.indices { columns[index].beginFile() }
      }
      var last = 0
      while let line = try reader.advance() {
        last = line
        lines.append(Int32(clamping: line))
        for index in columns.indices { try columns[index].read(reader, line: line) }
      }
      guard reader.isEnded || lines.isEmpty else {
        throw .malformed(
          path: path, line: last, reason: "the line does not end; is the file cut short?")
      }
    }
    guard !lines.isEmpty else {
      throw .malformed(path: files.source, line: 0, reason: "there is no row below the header")
    }
    self.init(
      source: files.source, header: header, names: columns.map(\.name),
      columns: columns.map(\.values), lines: files.paths.count == 1 ? lines : [])
  }
}

/// Collects the values of one column.
private struct ColumnReader {
  let name: String
  let place: Int
  let isNumeric: Bool
  private var numbers: [Double] = []
  private var labels = Table.Labels()
  private var places: [String: Int32] = [:]
  /// The field of the row before: neighbouring rows often have the same keys.
  private var previous: RawField?

  init(name: String, place: Int, isNumeric: Bool) {
    self.name = name
    self.place = place
    self.isNumeric = isNumeric
  }

  /// What is read next is of another file.
  mutating func beginFile() { previous = nil }

  var values: Table.Values { isNumeric ? .numbers(numbers) : .labels(labels) }

  mutating func read(_ reader: borrowing some RowReader, line: Int) throws(InputError) {
    let field = reader.fields[place]
    if isNumeric {
      numbers.append(try number(reader.text(field, line: line), reader, line))
    } else if let previous, reader.isSame(previous, field), let code = labels.codes.last {
      labels.codes.append(code)
    } else {
      labels.append(try reader.text(field, line: line), places: &places)
    }
    previous = field
  }

  private func number(
    _ text: String, _ reader: borrowing some RowReader, _ line: Int
  ) throws(InputError) -> Double {
    guard !text.isEmpty else { return .nan }
    guard let number = Double(text) else {
      throw reader.malformed(line, "\(name) is '\(text)', which is not a number")
    }
    return number
  }
}
