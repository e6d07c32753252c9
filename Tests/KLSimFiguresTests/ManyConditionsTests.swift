// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimFiles
import Testing

@testable import KLSimFigures

/// Tables of more conditions than there are panels.
@Suite struct ManyConditionsTests {
  /// Records of all combinations of some rates, optimizers and heads, with two objectives.
  private func records(rates: Int, optimizers: Int, heads: Int = 1) -> Table {
    table(
      (1...rates).flatMap { rate in
        (1...optimizers).flatMap { optimizer in
          (1...heads).flatMap { head in
            ["fkl", "rkl"].map {
              Record(
                objective: $0, head: "count=\(head)", optimizer: "adam:beta1=0.\(optimizer)",
                learningRate: Double(rate))
            }
          }
        }
      })
  }

  private func grouping(_ table: Table) throws -> SeriesGrouping {
    try SeriesGrouping(table, apartFrom: ["seed", "epoch"], facet: nil)
  }

  @Test(arguments: [
    // Rates, optimizers, panels, lines of an objective in each.
    (3, 1, 1, 3), (4, 1, 4, 1), (8, 3, 24, 1), (9, 3, 9, 3), (24, 3, 24, 3), (2, 20, 20, 2),
    (2, 24, 24, 2),
  ])
  func conditionsArePanelsOrLines(rates: Int, optimizers: Int, panels: Int, lines: Int) throws {
    let grouping = try grouping(records(rates: rates, optimizers: optimizers))
    #expect(grouping.facets.count == panels && grouping.variants.count == lines)
    #expect(grouping.series.count == rates * optimizers * 2)
    for panel in grouping.facets.indices {
      #expect(grouping.places(in: panel).allSatisfy { $0 != nil })
    }
  }

  /// One column fixed where that is enough, and then the one that leaves most; else several.
  @Test(arguments: [
    (25, 3, 1, ["learning_rate=1"]), (8, 9, 1, ["learning_rate=1"]),
    (9, 8, 1, ["optimizer=adam:beta1=0.1"]),
    (9, 9, 9, ["optimizer=adam:beta1=0.1", "learning_rate=1"]),
  ])
  func theRemedyLeavesWhatCanBeShown(
    rates: Int, optimizers: Int, heads: Int, selections: [String]
  ) throws {
    let table = records(rates: rates, optimizers: optimizers, heads: heads)
    let error = #expect(throws: FigureError.self) { try grouping(table) }
    guard case .selectRows(let remedy) = error?.remedy else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(remedy.map { "\($0.column)=\($0.value)" } == selections)
    let count = rates * optimizers * heads
    #expect(error?.description.contains("at most 24 of \(count) conditions") == true)
    #expect(try grouping(table.selecting(remedy)).facets.count <= SeriesGrouping.maximumFacets)
  }
}
