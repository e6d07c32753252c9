// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore

/// Rows of a table as text of a format; values come column by column.
public struct RowBuffer: TextOutputStream, Sendable {
  /// Values that many rows have in common, as text.
  public struct Fragment: Sendable {
    fileprivate let bytes: [UInt8]
    fileprivate let count: Int
  }

  /// The text of the rows so far.
  public private(set) var bytes: [UInt8] = []
  private let columns: [Column]
  private let format: RowFormat
  /// By column: whether it is one of integers.
  private let isInteger: [Bool]
  /// What stands between two values; nil where `leads` stand before them.
  private let separator: UInt8?
  /// What ends a row.
  private let end: [UInt8]
  /// What stands before the value of each column; empty where a separator does.
  private let leads: [[UInt8]]
  /// The index of the column that comes next.
  private var place = 0

  /// No rows yet.
  ///
  /// - Parameters:
  ///   - columns: the columns, in order.
  ///   - format: the format.
  public init(_ columns: [Column], _ format: RowFormat = .csv) {
    self.columns = columns
    self.format = format
    separator = format.separator
    end = Array(format.end.utf8)
    isInteger = columns.map { $0.kind == .integer }
    leads =
      format.separator == nil
      ? columns.indices.map { Array(format.lead(columns[$0], $0 == 0).utf8) } : []
  }

  /// The same table without rows.
  public var empty: RowBuffer {
    var buffer = self
    buffer.bytes = []
    buffer.place = 0
    return buffer
  }

  /// The line of the names of the columns, if the format has one.
  public var header: [UInt8] {
    var buffer = empty
    buffer.appendHeader()
    return buffer.bytes
  }

  /// Appends the names of the columns, if the format has a line of them.
  public mutating func appendHeader() {
    guard format.separator != nil else { return }
    for column in columns { append(column.name) }
    endRow()
  }

  /// Appends a text.
  public mutating func append(_ text: String) {
    lead()
    bytes += format.text(text).utf8
  }

  /// Appends an integer.
  public mutating func append(_ value: some BinaryInteger) {
    lead()
    bytes += value.description.utf8
  }

  /// Appends the shortest decimal that reads back to the number, without a fraction where the column is
  /// one of integers; nil is a value that does not exist.
  public mutating func append(_ value: Double?) {
    let isInteger = isInteger[place]
    lead()
    guard let value else { return write(format.missing) }
    guard value.isFinite else {
      return write(
        value.isNaN
          ? format.notANumber : value > 0 ? format.infinity : format.negativeInfinity)
    }
    if isInteger, let integer = Int(exactly: value) { return write(integer.description) }
    value.write(to: &self)
  }

  /// Appends a value of any type.
  public mutating func append(_ value: Value) {
    switch value {
    case .text(let text): append(text)
    case .integer(let integer): append(integer)
    case .number(let number): append(number)
    case .missing: append(nil as Double?)
    }
  }

  /// Appends values of any types.
  public mutating func append(_ values: [Value]) {
    for value in values { append(value) }
  }

  /// Appends values that were turned into text before, at the same columns.
  public mutating func append(_ fragment: Fragment) {
    bytes += fragment.bytes
    place += fragment.count
  }

  /// Turns values into text, once for many rows.
  ///
  /// - Parameters:
  ///   - first: the index of the column of the first of them.
  ///   - write: appends them.
  /// - Returns: what `append` takes.
  public func fragment(at first: Int, _ write: (inout RowBuffer) -> Void) -> Fragment {
    var buffer = empty
    buffer.place = first
    write(&buffer)
    return Fragment(bytes: buffer.bytes, count: buffer.place - first)
  }

  /// Ends a row, in which every column has a value.
  public mutating func endRow() {
    precondition(place == columns.count, "a value for every column")
    bytes += end
    place = 0
  }

  /// Appends whole rows.
  public mutating func append(rows: [[Value]]) {
    for row in rows {
      append(row)
      endRow()
    }
  }

  /// Appends text to the current value as it is.
  public mutating func write(_ text: String) {
    bytes += text.utf8
  }

  /// The same: numbers are written through this without a string for each.
  public mutating func _writeASCII(_ text: UnsafeBufferPointer<UInt8>) {
    unsafe bytes += text
  }

  @inline(__always)
  private mutating func lead() {
    if let separator {
      if place > 0 { bytes.append(separator) }
    } else {
      bytes += leads[place]
    }
    place += 1
  }
}

extension RowFormat {
  /// A whole small table, header included.
  ///
  /// - Parameters:
  ///   - columns: its columns.
  ///   - rows: the values of each row, one a column.
  /// - Returns: the text.
  public func table(_ columns: [Column], rows: [[Value]]) -> [UInt8] {
    var buffer = RowBuffer(columns, self)
    buffer.appendHeader()
    buffer.append(rows: rows)
    return buffer.bytes
  }
}
