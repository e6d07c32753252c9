// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimFiles

extension RecordComparison {
  /// The answer for programs: the table, and what it rests on.
  ///
  /// - Throws: `StatisticsError` if GSL finds no quantile.
  package var members: [(key: String, value: JSON)] {
    get throws {
      [("confidence", JSON(question.confidence)), ("family", JSON(family))]
        + JSON.table(columns, rows: try rows())
        + [("notes", JSON(notes)), ("warnings", JSON(warnings))]
    }
  }
}
