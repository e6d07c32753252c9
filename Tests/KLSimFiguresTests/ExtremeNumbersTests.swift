// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimNumerics
import Testing

@testable import KLSimFigures
@testable import KLSimFiles

/// Numbers at the ends of what a double holds, in one row or in all.
@Suite struct ExtremeNumbersTests {
  static let numbers = [
    Double.greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastNonzeroMagnitude, 1e19, .nan,
  ]

  /// The table with a number in a column, in the first row or in all.
  private static func changed(
    _ table: Table, _ column: String, to number: Double, inAllRows isEverywhere: Bool
  ) -> Table {
    guard let own = try? table.numbers(column) else { return table }
    let values = own.indices.map { $0 == 0 || isEverywhere ? number : own[$0] }
    return table.with(column, .numbers(values))
  }

  /// Whatever stands in a column, the figure is drawn or refused.
  @Test(arguments: Sample.allCases)
  func figuresAreDrawnOrRefused(sample: Sample) throws {
    var columns: [String] = []
    _ = try sample.figure {
      columns = $0.names.filter { [table = $0] in (try? table.numbers($0)) != nil }
      return $0
    }
    var drawn = 0
    for column in columns {
      for number in Self.numbers {
        for isEverywhere in [false, true] {
          do {
            let figure = try sample.figure {
              Self.changed($0, column, to: number, inAllRows: isEverywhere)
            }
            let canvases = [
              Canvas(for: figure, sample == .animation ? .gif : .svg, size: (2000, 2000)),
              Canvas(columns: 200, rows: 100, isColoured: false),
            ]
            for canvas in canvases {
              let lines = try Script(figure, on: canvas).text.split(separator: "\n")
              let ranges = lines.filter { $0.contains("range [") }
              #expect(!ranges.contains { $0.contains("inf") || $0.contains("nan") }, "\(ranges)")
              // Over many decades gnuplot would not come to the end of such tics.
              let steps = lines.compactMap { $0.wholeMatch(of: /set [xy]tics 1e([0-9]+)/)?.1 }
              #expect(!steps.contains { $0.count > 1 || $0 > "5" }, "\(steps)")
              drawn += 1
            }
          } catch is any CategorizedError {}
        }
      }
    }
    #expect(drawn > 0)
  }
}
