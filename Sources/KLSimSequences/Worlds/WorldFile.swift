// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimNumerics

/// The rows of a tabular world from a file of probabilities: one row a prefix, one number a token.
struct WorldFile {
  /// The prefixes; their number tells the length of sequences.
  let histories: Histories
  /// `p(v|c)`, prefixes × V.
  let probabilities: [Double]

  /// Reads the rows.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - reader: reads it.
  /// - Throws: `SetupError`, or the error of the reader.
  init(_ path: String, reader: any NumberReader) throws {
    let table = try reader.table(path: path)
    func malformed(_ reason: String) -> SetupError {
      SetupError("\(path)\(reason)", category: .badData)
    }
    guard table.width >= 2 else { throw malformed(": a row has 1 number; two tokens are needed") }
    // 1, 1 + V, 1 + V + V², … rows.
    var (order, count) = (0, 1)
    while count < table.count {
      order += 1
      count = count * table.width + 1
    }
    guard count == table.count else {
      throw malformed(
        ": it has \(table.count) rows of \(table.width) numbers; a world of \(table.width) tokens has 1,"
          + " \(1 + table.width), \(1 + table.width + table.width * table.width), … rows, one a prefix"
      )
    }
    let histories = try Histories(vocabularySize: table.width, order: order)
    probabilities = try (0..<table.count).flatMap { index in
      let (row, place) = (table.row(index), ", row of the prefix \(histories.tokens(of: index))")
      if let token = row.firstIndex(where: { !($0 >= 0) }) {
        throw malformed("\(place): token \(token) has \(row[token]), not a probability")
      }
      let sum = row.reduce(0, +)
      guard abs(sum - 1) <= 1e-6 else {
        throw malformed("\(place): the probabilities add up to \(sum), not to 1")
      }
      return row
    }
    self.histories = histories
  }
}
