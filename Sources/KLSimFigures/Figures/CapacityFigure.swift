// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
package import KLSimFiles
internal import KLSimNumerics
internal import KLSimSequences

/// What students of sequences end at, against what they can represent.
package struct CapacityFigure: Figure {
  package static let name = "capacity"
  package static let summary =
    "void mass, entropy and both KLs after the last epoch by order or rank of the student (records of"
    + " sequences with several students)"
  package static let numbers = MedianCurves.numbers
  package static let options: Set<FigureOptions.Name> = [.objectives, .facet, .scale]

  private static let capacity = "capacity"
  private static let shown: [Measure] = [.voidMass, .entropy, .sequenceForward, .sequenceReverse]
  /// More conditions than these have panels of the first measure only.
  private static let maximumConditions = 4

  let panels: LinePanels

  package init(_ table: Table, _ options: FigureOptions) throws {
    let student = SequenceStudentAxis.column.name
    let measured = table.kind == .aggregates ? ["metric"] : Self.shown.map(\.column)
    try table.require([SignalAxis.column.name, student, "epoch"] + measured, for: Self.self)
    var (table, options) = (table, options)
    if options.epochs == nil {
      options.epochs = try table.choosing(options).epochs().max().map { [$0] }
    }
    if table.has(Column.head.name) {
      // What is shown does not depend on the head.
      let head = try table.labels(Column.head.name).texts[0]
      table = try table.selecting([Table.Selection(column: Column.head.name, value: head)])
    }
    let students = try table.labels(student)
    let scale = try StudentScale(students.texts)
    let codes = students.codes.map { Int($0) }
    table = table.with(student, .texts(codes.map { scale.families[$0] }))
      .with(Self.capacity, .numbers(codes.map { scale.places[$0] }))
    let data = try MedianCurves(
      table, options, along: Self.capacity, measures: Self.shown,
      split: table.keys.filter { $0 != table.subject }, hidden: [Column.head.name],
      spread: .errorBars, for: Self.self)
    let facets = data.grouping.facets.indices
    // Side by side, so that no error bar hides another.
    let dodge = 0.24 / Double(max(data.entries.count, 8))
    let margin = 0.1 + dodge * Double(data.entries.count) / 2
    let x = Axis(
      (scale.places.min() ?? 0) - margin, (scale.places.max() ?? 1) + margin, named: scale.tics)
    let isOfAll = facets.count <= Self.maximumConditions
    panels = LinePanels(
      title: options.title ?? data.text(hasBand: data.hasBand), entries: data.entries,
      panels: facets.flatMap { facet in
        (isOfAll ? Self.shown.indices : 0..<1).map { measure in
          let condition = data.grouping.facets[facet]
          var panel = data.panel(
            facet, measure: measure,
            title: isOfAll ? Self.shown[measure].caption : Caption(condition),
            x: x, y: data.axis(facets, measure: measure, scale: options.scale), dodge: dodge)
          if isOfAll { panel.condition = condition }
          return panel
        }
      },
      xLabel: Caption("\(scale.key) of the student"),
      yLabel: isOfAll ? nil : Self.shown[0].caption)
  }

  package var size: (width: Int, height: Int) { panels.size }

  package func draw(in script: inout Script) throws { try panels.draw(in: &script) }
}

/// Students of sequences as places on one axis.
struct StudentScale: Equatable {
  /// The parameter that bounds them: `order` or `rank`.
  let key: String
  /// Of each student, its place in the order of bounds; the last one where there is none.
  let places: [Double]
  /// Of each student, its specification with the bound left open; that of the others where there is none.
  let families: [String]
  let tics: [Axis.Tic]

  /// - Parameter students: their specifications.
  /// - Throws: `FigureError` for students that differ in other parameters, or of one capacity only.
  init(_ students: [String]) throws {
    let bounds = try students.map { try SequenceCatalog.student($0).component.capacity }
    let keys = bounds.compactMap { $0?.key }.uniqued()
    guard keys.count <= 1 else {
      throw FigureError(
        description: "the students are bounded by \(keys.joined(separator: " and by ")):"
          + " \(Table.list(students)); the figure shows those of one kind: select them",
        remedy: .selectRows([
          .init(column: SequenceStudentAxis.column.name, value: students[0])
        ]))
    }
    let values = bounds.compactMap { $0?.value }
    let known = Set(values).sorted()
    guard let key = keys.first, known.count + (values.count < students.count ? 1 : 0) > 1 else {
      throw FigureError(
        description:
          "the figure 'capacity' shows how students of several orders or ranks end, and there"
          + " is one only: record several",
        remedy: .recordStudents(["markov:order=0", "markov:order=1", "markov:order=2"]))
    }
    self.key = key
    places = bounds.map { bound in
      Double(bound.flatMap { known.firstIndex(of: $0.value) } ?? known.count)
    }
    let rests = try students.map { try "\(Self.rest(of: $0, without: key)):\(key)=…" }
    let family = zip(rests, bounds).first { $1 != nil }?.0 ?? ""
    families = zip(rests, bounds).map { $1 == nil ? family : $0 }
    let unbounded = zip(students, bounds).first { $1 == nil }?.0
    tics =
      (known.map(\.description) + [unbounded].compactMap { $0 }).enumerated().map {
        Axis.Tic(text: $1, place: Double($0))
      }
  }

  /// A specification without one of its settings.
  private static func rest(of text: String, without key: String) throws -> String {
    let whole = try Specification(parsing: text)
    return Specification(
      name: whole.name,
      settings: whole.settings.filter { $0.key != key }.map { ($0.key, $0.value) }
    ).text
  }
}
