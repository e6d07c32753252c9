// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimCore
import KLSimTestSupport
import Testing

@testable import KLSimFigures

@Suite struct ObjectiveStyleTests {
  private let many =
    Catalog.objectives.map { $0.name }.prefix(20) + (1...9).map { "mix:lambda=0.\($0)" }

  @Test func stylesDoNotDependOnTheOrder() throws {
    var random = SplitMix64(seed: 7)
    let styles = try ObjectiveStyle.styles(of: Array(many))
    for _ in 0..<20 {
      #expect(try ObjectiveStyle.styles(of: many.shuffled(using: &random)) == styles)
    }
  }

  @Test func anyCanBeToldApartInGrey() throws {
    for count in 1...many.count {
      let styles = try ObjectiveStyle.styles(of: Array(many.prefix(count))).values
      #expect(Set(styles.map { [$0.dash, $0.marker] }).count == count)
    }
  }

  @Test func upToSevenHaveColoursOfTheirOwn() throws {
    for count in 1...7 {
      let others = (1...count).map { "alpha:alpha=0.\($0)" }
      #expect(Set(try ObjectiveStyle.styles(of: others).values.map(\.colour)).count == count)
    }
  }

  @Test func theCommonestAreAlwaysTheSame() throws {
    for (name, style) in ObjectiveStyle.named {
      #expect(Catalog.objectives.contains { $0.name == name }, "\(name)")
      let styles = try ObjectiveStyle.styles(of: many.filter { $0 != name } + [name])
      #expect(styles[name] == style)
    }
    let styles = ObjectiveStyle.named.values
    #expect(Set(styles.map { [$0.dash, $0.marker] }).count == styles.count)
  }

  @Test func oneAloneHasTheColourOfItsObjective() throws {
    let alone = try ObjectiveStyle.styles(of: ["akl:mu=0.8"])
    #expect(alone["akl:mu=0.8"]?.colour == ObjectiveStyle.green)
    #expect(
      try ObjectiveStyle.styles(of: ["akl:mu=0.8", "fkl"])["akl:mu=0.8"] == alone["akl:mu=0.8"])
  }

  @Test func moreThanCanBeToldApartAreRefused() {
    let objectives = (0...ObjectiveStyle.maximumCount).map { "mix:lambda=\($0)" }
    #expect(throws: FigureError.self) { try ObjectiveStyle.styles(of: objectives) }
  }

  /// The notebook names its colours, and which objective has which.
  @Test func theNotebookHasTheSameColours() throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../notebooks-data/figures.ipynb")
    let notebook = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: path)) as? [String: Any])
    let cells = try #require(notebook["cells"] as? [[String: Any]])
    let code = cells.flatMap { $0["source"] as? [String] ?? [] }.joined()
    let line = try #require(code.firstMatch(of: /COLOURS = \{(.*)\}/)).output.1
    let names = line.matches(of: /"([a-z-]+)": ([A-Z]+)/).map { (String($0.1), String($0.2)) }
    #expect(names.count >= 4)
    let colours = try #require(
      code.firstMatch(of: /BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, BLACK = \(\s*([^)]*)\)/))
    #expect(
      colours.output.1.matches(of: /#[0-9A-F]{6}/).map { String($0.0) } == ObjectiveStyle.palette)
    let order = ["BLUE", "VERMILLION", "GREEN", "PURPLE", "ORANGE", "SKY", "BLACK"]
    for (objective, colour) in names {
      #expect(
        ObjectiveStyle.named[objective]?.colour == order.firstIndex(of: colour), "\(objective)")
    }
  }
}
