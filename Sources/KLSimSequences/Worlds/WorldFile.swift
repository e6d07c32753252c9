// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics
internal import KLSimCore

/// The rows of a world from a file of probabilities.
enum WorldFile {
  /// Reads `log p(v|c)`.
  ///
  /// - Parameters:
  ///   - path: the file: one row a history, one number a token.
  ///   - rows: the number of histories.
  ///   - size: the number of tokens.
  ///   - values: whose reader and kernels are used.
  /// - Returns: rows × size logarithms.
  /// - Throws: `SetupError`, or the error of the reader.
  static func logWeights(
    _ path: String, rows: Int, size: Int, _ values: Parameters
  ) throws -> [Double] {
    let table = try values.reader.table(path: path)
    guard table.count == rows, table.width == size else {
      throw SetupError(
        "\(path): it has \(table.count) rows of \(table.width) numbers; size and length need \(rows) rows, one"
          + " a prefix, of \(size) probabilities", category: .badData)
    }
    return try (0..<rows).flatMap { index in
      let row = table.row(index)
      let sum = row.reduce(0, +)
      guard row.allSatisfy({ $0 >= 0 }), abs(sum - 1) <= 1e-6 else {
        throw SetupError(
          "\(path), row \(index): probabilities are needed, of at least 0 and with the sum 1, not"
            + " \(sum)", category: .badData)
      }
      return values.kernels.logarithms(row)
    }
  }
}
