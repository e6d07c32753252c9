// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimFiles

/// The rows of a table as series: one colour per objective, one line style per condition.
struct SeriesGrouping {
  let objectives: [String]
  /// The values in which conditions differ, in words; one empty text if there is one condition.
  let styles: [String]
  /// The objective and the index of the condition of every series.
  let series: [(objective: String, style: Int)]
  /// The series of each row.
  let seriesOfRow: [Int]
  /// The columns in which series differ.
  let keys: [String]
  let condition: KeySummary

  /// Finds the series.
  ///
  /// - Parameters:
  ///   - table: the rows.
  ///   - shown: the columns, besides the objective, that the figure shows in another way.
  /// - Throws: `FigureError` if there are more than can be told apart.
  init(_ table: Table, apartFrom shown: Set<String>) throws {
    condition = try KeySummary(of: table, apartFrom: shown.union(["objective"]))
    let objective = try table.labels("objective")
    objectives = objective.texts
    try Colours.require(objectives)
    let varying = condition.varying.map(\.column)
    let styleOfRow = try table.groups(by: varying)
    if styleOfRow.count > Line.dashCount {
      try condition.requireOne(showing: "at most \(Line.dashCount) conditions: select some")
    }
    styles = try styleOfRow.firstRows.map { row in
      try varying.map { key in
        let labels = try table.labels(key)
        return KeySummary.text(key, labels.texts[Int(labels.codes[row])])
      }.joined(separator: ", ")
    }
    keys = ["objective"] + varying
    let groups = try table.groups(by: keys)
    seriesOfRow = groups.ofRow
    series = groups.firstRows.map { row in
      (objective.texts[Int(objective.codes[row])], styleOfRow.ofRow[row])
    }
  }

  /// A line for each series.
  var lines: [Line] {
    let colours = Dictionary(uniqueKeysWithValues: zip(objectives, Colours.of(objectives)))
    return series.enumerated().map { index, series in
      Line(colour: colours[series.objective] ?? "#000000", dash: series.style, index: index)
    }
  }

  /// The label of a series.
  func label(_ index: Int) -> String {
    let style = styles[series[index].style]
    return style.isEmpty ? series[index].objective : "\(series[index].objective), \(style)"
  }
}
