// SPDX-License-Identifier: GPL-3.0-or-later

extension Table {
  /// The rows of a table, grouped by their values in some columns.
  package struct Groups: Sendable {
    /// The group of each row.
    package let ofRow: [Int]
    /// The first row of each group, in the order of the table.
    package let firstRows: [Int]

    /// The number of groups.
    package var count: Int { firstRows.count }
  }

  /// Groups the rows that have equal values in some columns.
  ///
  /// - Parameter names: the columns; without any, all rows are one group.
  /// - Returns: the groups, numbered in the order in which they first appear.
  /// - Throws: `InputError.malformed` if there is no such column.
  package func groups(by names: [String]) throws(InputError) -> Groups {
    var ofRow = [Int](repeating: 0, count: rowCount)
    var firstRows = rowCount > 0 ? [0] : []
    for name in names {
      let labels = try labels(name)
      var places: [Int: Int] = [:]
      firstRows = []
      for row in 0..<rowCount {
        let key = ofRow[row] * labels.texts.count + Int(labels.codes[row])
        let place = places[key] ?? places.count
        if place == places.count {
          places[key] = place
          firstRows.append(row)
        }
        ofRow[row] = place
      }
    }
    return Groups(ofRow: ofRow, firstRows: firstRows)
  }
}
