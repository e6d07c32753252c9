// SPDX-License-Identifier: GPL-3.0-or-later

/// A value as it stands in a file of rows.
struct RawField {
  /// Where its text is, without quotes around it.
  let range: Range<Int>
  /// Whether the text is to be unescaped.
  let isEscaped: Bool
}

/// Reads the rows of a file one by one, all with the same columns.
protocol RowReader {
  /// A reader of the bytes of a file.
  init(path: String, bytes: [UInt8])

  /// A reader of the bytes of a part that goes on with a table, and has no header.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - bytes: its bytes.
  ///   - header: the names of the columns.
  init(path: String, bytes: [UInt8], header: [String])

  /// The names of the columns, nil if the file is empty.
  ///
  /// - Throws: `InputError.malformed`.
  mutating func header() throws(InputError) -> [String]?

  /// Moves to the next row and sets `fields`.
  ///
  /// - Returns: the line on which it starts, nil at the end.
  /// - Throws: `InputError.malformed` for a row with other columns, or that is none.
  mutating func advance() throws(InputError) -> Int?

  /// The values of the current row, one a column.
  var fields: [RawField] { get }

  /// The text of a value, empty for one that does not exist.
  ///
  /// - Throws: `InputError.malformed` if it is not UTF-8.
  func text(_ field: RawField, line: Int) throws(InputError) -> String

  /// Whether two values of the file are the same bytes.
  func isSame(_ field: RawField, _ other: RawField) -> Bool

  /// Whether the last byte of the file ends a row.
  var isEnded: Bool { get }

  func malformed(_ line: Int, _ reason: String) -> InputError
}
