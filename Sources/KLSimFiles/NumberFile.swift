// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore

/// Reads numbers from a CSV or an NPY file.
///
/// A CSV file has one number per line, with or without a header, or is a table with a header; an NPY
/// file has one or two dimensions. A file is NPY if it starts as one or its name ends in `.npy`.
public struct NumberFile: NumberReader {
  public init() {}

  /// The numbers of one column, `nan` and `inf` included.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - column: the column's name; empty for the only column.
  /// - Returns: one number per line, or the only row of an NPY file.
  /// - Throws: `InputError`.
  public func numbers(path: String, column: String) throws(InputError) -> [Double] {
    switch try Contents(path: path) {
    case .csv(let table):
      return try table.numbers(in: table.index(of: column))
    case .npy(let file):
      let rows = try Self.rows(of: file, path: path, column: column)
      guard rows.count == 1 else {
        throw .malformed(
          path: path, line: 0,
          reason: "it has \(rows.count) rows; one row, or one dimension, is needed here")
      }
      return rows.row(0)
    }
  }

  /// A table with all its columns: CSV, or NPY whose one dimension is a column.
  ///
  /// - Parameter path: the file.
  /// - Returns: its rows.
  /// - Throws: `InputError`.
  public func table(path: String) throws(InputError) -> NumberRows {
    switch try Contents(path: path) {
    case .csv(let table):
      let rows = try table.rows()
      return NumberRows(count: rows.count, width: rows[0].count) { rows[$0] }
    case .npy(let file):
      guard file.shape.count == 1 else { return file.rows }
      let column = file.rows.row(0)
      return NumberRows(count: column.count, width: 1) { [column[$0]] }
    }
  }

  /// The numbers of several contexts.
  ///
  /// A CSV file with the columns `context` and `token` has one line per number, in any order;
  /// contexts are numbered in the order of their first lines. Any other CSV file is one context.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - column: the name of the column of numbers; empty for the only one.
  /// - Returns: one row per context.
  /// - Throws: `InputError`.
  public func contexts(path: String, column: String) throws(InputError) -> NumberRows {
    switch try Contents(path: path) {
    case .csv(let table):
      if let contexts = try ContextTable(table, column: column) { return contexts.rows }
      let numbers = try table.numbers(in: table.index(of: column))
      return NumberRows(count: 1, width: numbers.count) { _ in numbers }
    case .npy(let file):
      return try Self.rows(of: file, path: path, column: column)
    }
  }

  /// A whole text in UTF-8.
  ///
  /// - Parameter path: the file.
  /// - Returns: its text without a byte-order mark.
  /// - Throws: `InputError`, which names the first byte that is not UTF-8.
  public func text(path: String) throws(InputError) -> String {
    let bytes = try fileBytes(path)
    let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
    if let text = String(validating: content, as: UTF8.self) { return text }
    var (offset, line) = (content.startIndex, 1)
    var (parser, rest) = (Unicode.UTF8.ForwardParser(), content.makeIterator())
    while case .valid(let scalar) = parser.parseScalar(from: &rest) {
      if scalar.count == 1, scalar.first == UInt8(ascii: "\n") { line += 1 }
      offset += scalar.count
    }
    throw .malformed(
      path: path, line: line,
      reason: "not UTF-8 text: byte 0x\(String(bytes[offset], radix: 16, uppercase: true)) at"
        + " offset \(offset)")
  }

  private static func rows(
    of file: NPYFile, path: String, column: String
  ) throws(InputError) -> NumberRows {
    guard column.isEmpty else {
      throw .malformed(
        path: path, line: 0, reason: "an NPY file has no column '\(column)'; name none")
    }
    return file.rows
  }

  private enum Contents {
    case csv(NumberTable)
    case npy(NPYFile)

    init(path: String) throws(InputError) {
      let bytes = try fileBytes(path)
      self =
        NPYFile.isMeant(path: path, bytes: bytes)
        ? .npy(try NPYFile(path: path, bytes: bytes))
        : .csv(try NumberTable(path: path, bytes: bytes))
    }
  }
}
