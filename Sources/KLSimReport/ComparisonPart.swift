// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
package import KLSimFiles
package import KLSimStudies

/// The answer of a comparison, pair by pair.
package enum ComparisonPart {
  /// The member of the page's document; a number has six significant digits.
  ///
  /// - Parameter comparison: the answer.
  /// - Returns: its name and value.
  /// - Throws: `StatisticsError` if GSL finds no quantile.
  package static func member(
    _ comparison: RecordComparison
  ) throws -> (key: String, value: JSON) {
    let rows = try comparison.rows().map { row in
      row.map { value in
        if case .number(let number) = value { digits(number) } else { value.description }
      }
    }
    return (
      "comparison",
      .object([
        ("remarks", .array((comparison.notes + comparison.warnings).map { .string($0) })),
        ("table", PageTable(comparison.columns, rows: rows).json),
      ])
    )
  }
}
