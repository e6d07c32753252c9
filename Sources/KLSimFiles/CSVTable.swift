// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore

/// A small table as CSV.
public enum CSVTable {
  /// The bytes of a table, header included.
  ///
  /// - Parameters:
  ///   - columns: its columns.
  ///   - rows: the fields of each row, one per column. A whole number in a column of numbers gets a
  ///     `.0`, so that no program takes the column for one of integers.
  /// - Returns: RFC 4180 text.
  public static func text(_ columns: [Column], rows: [[String]]) -> [UInt8] {
    let isNumber = columns.map { $0.kind == .number }
    return self.rows(
      [columns.map(\.name)]
        + rows.map { row in
          zip(row, isNumber).map { $1 && Int($0) != nil ? "\($0).0" : $0 }
        })
  }

  /// The bytes of rows without a header.
  public static func rows(_ rows: [[String]]) -> [UInt8] {
    var buffer = CSVBuffer()
    for row in rows {
      buffer.append(raw: CSVBuffer.row(row))
      buffer.endLine()
    }
    return buffer.bytes
  }
}
