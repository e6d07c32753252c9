// SPDX-License-Identifier: GPL-3.0-or-later

extension Table {
  /// Reads a CSV file with a header.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - numbers: the columns to read as numbers if they exist; an empty field is NaN.
  ///   - ignored: the columns to skip.
  /// - Throws: `InputError`, also for a file without rows, or without an end of its last line.
  public init(path: String, numbers: Set<String>, ignoring ignored: Set<String> = [])
    throws(InputError)
  {
    var reader = try CSVReader(path: path)
    guard let header = try reader.next()?.fields else {
      throw .malformed(path: path, line: 0, reason: "the file is empty")
    }
    if let twice = header.first(where: { name in header.filter { $0 == name }.count > 1 }) {
      throw .malformed(path: path, line: 1, reason: "several columns '\(twice)'")
    }
    var columns = header.indices
      .filter { !ignored.contains(header[$0]) || numbers.contains(header[$0]) }
      .map { ColumnReader(name: header[$0], place: $0, isNumeric: numbers.contains(header[$0])) }
    var lines: [Int32] = []
    while let line = try reader.advance() {
      lines.append(Int32(clamping: line))
      for index in columns.indices { try columns[index].read(reader, line: line) }
    }
    guard !lines.isEmpty else {
      throw .malformed(path: path, line: 0, reason: "there is no row below the header")
    }
    guard reader.isEnded else {
      throw .malformed(
        path: path, line: Int(lines[lines.count - 1]),
        reason: "the line does not end; is the file cut short?")
    }
    self.init(
      source: path, header: header, names: columns.map(\.name),
      columns: columns.map(\.values), lines: lines)
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
  private var previous: CSVReader.Field?

  init(name: String, place: Int, isNumeric: Bool) {
    self.name = name
    self.place = place
    self.isNumeric = isNumeric
  }

  var values: Table.Values { isNumeric ? .numbers(numbers) : .labels(labels) }

  mutating func read(_ reader: borrowing CSVReader, line: Int) throws(InputError) {
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
    _ text: String, _ reader: borrowing CSVReader, _ line: Int
  ) throws(InputError) -> Double {
    guard !text.isEmpty else { return .nan }
    guard let number = Double(text) else {
      throw reader.malformed(line, "\(name) is '\(text)', which is not a number")
    }
    return number
  }
}
