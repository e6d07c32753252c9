// SPDX-License-Identifier: GPL-3.0-or-later

/// Writes an array of two dimensions in NumPy's format 1.0, row by row, as little-endian float64.
///
/// Source: numpy.org, `numpy.lib.format`.
package struct NPYOutput {
  private let file: OutputFile
  private let rowCount: Int
  private var width: Int?

  /// An array of which nothing is written yet.
  ///
  /// - Parameters:
  ///   - file: where it goes.
  ///   - rowCount: the number of rows that will be written.
  package init(_ file: OutputFile, rowCount: Int) {
    (self.file, self.rowCount) = (file, rowCount)
  }

  /// Writes the next row; the first one decides the width of all.
  ///
  /// - Throws: `OutputError`.
  package mutating func write(_ row: [Double]) throws(OutputError) {
    if width == nil { try file.write(Self.header(rowCount, row.count)) }
    width = width ?? row.count
    precondition(width == row.count, "rows of one width")
    try file.write(Self.numbers(row))
  }

  /// A whole array of rows of one width, at least one.
  static func bytes(_ rows: [[Double]]) -> [UInt8] {
    header(rows.count, rows[0].count) + rows.flatMap(numbers)
  }

  private static func numbers(_ row: [Double]) -> [UInt8] {
    row.flatMap { number in
      let bits = number.bitPattern
      return (0..<8).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) }
    }
  }

  /// Makes the file appear under its name.
  ///
  /// - Throws: `OutputError`.
  package func commit() throws(OutputError) { try file.commit() }

  /// Magic, version, length and dictionary, of a multiple of 64 bytes.
  private static func header(_ rows: Int, _ columns: Int) -> [UInt8] {
    let text = "{'descr': '<f8', 'fortran_order': False, 'shape': (\(rows), \(columns)), }"
    let (prefix, alignment) = (10, 64)
    let length = (prefix + text.utf8.count) / alignment * alignment + alignment - prefix
    let padding = [UInt8](repeating: UInt8(ascii: " "), count: length - text.utf8.count - 1)
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)]
      + Array(text.utf8) + padding + [UInt8(ascii: "\n")]
  }
}
