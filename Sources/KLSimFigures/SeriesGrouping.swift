// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimFiles

/// The rows of a table as series: an objective, or a signal, under a condition, in one of several panels.
struct SeriesGrouping {
  /// One line.
  struct Series: Equatable {
    let objective: String
    /// The index of the condition among those of a panel.
    let variant: Int
    /// The index of the panel.
    let facet: Int
  }

  /// How many panels are possible.
  static let maximumFacets = 24

  /// In the order of the table.
  let objectives: [String]
  /// The conditions of a panel, in words; one empty text if there is one.
  let variants: [String]
  /// The panels, in words; one empty text if there is one.
  let facets: [String]
  let series: [Series]
  /// The index of the series of each row.
  let seriesOfRow: [Int]
  /// The columns in which series differ.
  let keys: [String]
  let condition: KeySummary
  private let styles: [String: ObjectiveStyle]
  /// Which variant of a line each condition has; three of sequences go from pale to dark, as most are
  /// students from the least to the most capable.
  private let lineVariants: [Int]

  /// Finds the series.
  ///
  /// - Parameters:
  ///   - table: the rows.
  ///   - shown: the columns that the figure shows in another way.
  ///   - facet: a column of which each value gets a panel; nil for a panel for every condition if
  ///     there are more than can be told apart in one.
  ///   - split: columns of which each value gets a panel in any case.
  /// - Throws: `FigureError` if there are more than can be told apart, or no such column.
  init(
    _ table: Table, apartFrom shown: Set<String>, facet: String?, split: [String] = []
  ) throws {
    // Signals play the part of objectives.
    let facet = facet == Column.objective.name ? table.subject : facet
    if let facet, !table.keys.contains(facet) || shown.contains(facet) {
      let possible = table.keys.filter { !shown.contains($0) }
      throw FigureError(
        description: "'\(facet)' cannot be split into panels; possible are"
          + " \(possible.joined(separator: ", "))" + possible.suggestion(for: facet))
    }
    let subject = table.subject
    condition = try KeySummary(of: table, apartFrom: shown.union([subject]))
    objectives = try table.labels(subject).texts
    styles =
      try table.isOfSequences
      ? ObjectiveStyle.signalStyles(of: objectives) : ObjectiveStyle.styles(of: objectives)
    let varying = condition.varying.map(\.column)
    let forced = [facet].compactMap { $0 } + split
    var inside = varying.filter { !forced.contains($0) }
    if facet == nil, try table.groups(by: inside).count > Line.variantCount {
      inside = try Self.variants(of: table, among: inside, forced: forced)
    }
    let columns = (varying + [subject]).filter {
      forced.contains($0) || $0 != subject && !inside.contains($0)
    }
    let facetOfRow = try table.groups(by: columns)
    let variantOfRow = try table.groups(by: inside)
    guard variantOfRow.count <= Line.variantCount else {
      let several = try KeySummary(
        of: table, apartFrom: shown.union(forced).union([subject]))
      throw several.severalConditions(
        showing: "at most \(Line.variantCount) of \(variantOfRow.count) conditions in a panel",
        selecting: try table.selections(leaving: Line.variantCount, of: inside))
    }
    guard facetOfRow.count <= Self.maximumFacets else {
      let others = shown.union(columns.contains(subject) ? [] : [subject])
      throw try KeySummary(of: table, apartFrom: others).severalConditions(
        showing: "at most \(Self.maximumFacets) of \(facetOfRow.count) conditions",
        selecting: try table.selections(leaving: Self.maximumFacets, of: columns))
    }
    facets = try Self.words(table, facetOfRow, columns)
    variants = try Self.words(table, variantOfRow, inside)
    lineVariants =
      table.isOfSequences && variants.count == 3 ? [1, 0, 2] : Array(variants.indices)
    keys = ([subject] + varying).uniqued()
    let groups = try table.groups(by: keys)
    seriesOfRow = groups.ofRow
    let objective = try table.labels(subject)
    series = groups.firstRows.map { row in
      Series(
        objective: objective.texts[Int(objective.codes[row])], variant: variantOfRow.ofRow[row],
        facet: facetOfRow.ofRow[row])
    }
  }

  /// The column whose values are variants where each condition would have a panel, but there are more of
  /// these than panels; none if that is not so, or does not help.
  private static func variants(
    of table: Table, among columns: [String], forced: [String]
  ) throws -> [String] {
    guard try table.groups(by: columns + forced).count > maximumFacets else { return [] }
    return try columns.first { column in
      let others = columns.filter { $0 != column } + forced
      return try table.groups(by: [column]).count <= Line.variantCount
        && table.groups(by: others).count <= maximumFacets
    }.map { [$0] } ?? []
  }

  private static func words(
    _ table: Table, _ groups: Table.Groups, _ columns: [String]
  ) throws -> [String] {
    try groups.firstRows.map { row in
      try columns.map { column in
        let labels = try table.labels(column)
        return table.words(column, labels.texts[Int(labels.codes[row])])
      }.joined(separator: ", ")
    }
  }

  /// The objectives and conditions of the key.
  private var slots: [(objective: String, variant: Int)] {
    variants.indices.flatMap { variant in objectives.map { ($0, variant) } }.filter { slot in
      series.contains { ($0.objective, $0.variant) == slot }
    }
  }

  /// The key: an entry for each objective and condition of a panel.
  var entries: [LinePanels.Entry] {
    let slots = slots
    let lines = Line.lines(
      of: slots.compactMap { slot in
        styles[slot.objective].map { ($0, lineVariants[slot.variant]) }
      })
    return zip(slots, lines).map { slot, line in
      let words = variants[slot.variant]
      return LinePanels.Entry(
        objective: slot.objective,
        label: words.isEmpty ? slot.objective : "\(slot.objective), \(words)", line: line)
    }
  }

  /// The index of the series of each entry of the key in a panel; nil where there is none.
  func places(in facet: Int) -> [Int?] {
    slots.map { objective, variant in
      series.firstIndex(of: Series(objective: objective, variant: variant, facet: facet))
    }
  }
}
