// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimCore
import KLSimNumerics
import KLSimSequences
import KLSimTestSupport
import Testing

@testable import KLSimFigures

@Suite struct ObjectiveStyleTests {
  /// All that need no parameters.
  private let builtIn = Catalog.objectives.map { $0.name }.filter {
    (try? Catalog.objective($0)) != nil
  }
  private let sweep = (1...9).map { "mix:lambda=0.\($0)" }

  /// Of any company and in any order.
  @Test func aStyleBelongsToItsObjective() throws {
    var random = SplitMix64(seed: 7)
    let styles = try ObjectiveStyle.styles(of: builtIn + sweep)
    for _ in 0..<100 {
      let some = (builtIn + sweep).shuffled(using: &random)
        .prefix(Int.random(in: 1...44, using: &random))
      for (objective, style) in try ObjectiveStyle.styles(of: Array(some)) {
        #expect(style == styles[objective], "\(objective) among \(some)")
      }
    }
  }

  /// In grey, and where there are no dashes, as in a GIF.
  @Test func allBuiltInOnesCanBeToldApart() throws {
    let styles = try ObjectiveStyle.styles(of: builtIn).values
    #expect(styles.count == builtIn.count)
    #expect(Set(styles.map(\.index)).count == builtIn.count)
    let marks = Set(styles.map { [$0.colour, $0.marker, $0.isOpen ? 1 : 0] })
    #expect(marks.count == builtIn.count)
    for name in ObjectiveStyle.named.keys { #expect(builtIn.contains(name), "\(name)") }
  }

  @Test func allSignalsCanBeToldApart() {
    let styles = ObjectiveStyle.namedSignals.values
    #expect(Set(styles.map(\.index)).count == styles.count)
    #expect(Set(styles.map { [$0.colour, $0.marker] }).count == styles.count)
    #expect(Set(styles.map { [$0.colour, $0.dash] }).count == styles.count)
    let known = SequenceCatalog.objectives.names + SequenceCatalog.signals.names
    for name in ObjectiveStyle.namedSignals.keys { #expect(known.contains(name), "\(name)") }
    let unnamed = known.filter {
      (try? SignalChoice.choose($0, reader: NoFiles(), kernels: .best)) != nil
    }
    .filter { ObjectiveStyle.namedSignals[$0] == nil }
    #expect(unnamed.isEmpty, "\(unnamed)")
  }

  /// From dark to light by the number, whatever the order, and also where it has its default.
  @Test func signalsThatDifferInANumberHaveShadesInItsOrder() throws {
    let gammas = ["policy-gradient:gamma=0", "policy-gradient", "policy-gradient:gamma=0.5"]
    let others = ["seq-rkl", "policy-gradient:gamma=0:baseline=value", "kl-estimator:k=2"]
    let shades = ObjectiveStyle.shades(of: gammas + others)
    #expect(Set(shades.keys) == Set(gammas))
    func brightness(_ signal: String) -> Int {
      let colour = Int(shades[signal]?.dropFirst() ?? "", radix: 16) ?? 0
      return [16, 8, 0].reduce(0) { $0 + (colour >> $1 & 255) }
    }
    #expect(brightness(gammas[0]) < brightness(gammas[2]))
    #expect(brightness(gammas[2]) < brightness(gammas[1]))
    let styles = try ObjectiveStyle.signalStyles(of: gammas + others)
    #expect(gammas.allSatisfy { styles[$0]?.rgb == shades[$0] })
    #expect(styles["seq-rkl"] == ObjectiveStyle.namedSignals["seq-rkl"])
    // Two are no order, and texts are none.
    #expect(ObjectiveStyle.shades(of: Array(gammas.prefix(2))).isEmpty)
    #expect(
      ObjectiveStyle.shades(of: ["none", "mean", "value"].map { "policy-gradient:baseline=\($0)" })
        .isEmpty)
  }

  /// While there are colours left.
  @Test func signalsWithParametersHaveColoursOfTheirOwn() throws {
    let signals = ["seqkd", "seq-fkl", Sample.longSignal, "minillm:form=code", "gkd:lambda=1"]
    for count in 1...signals.count {
      let styles = try ObjectiveStyle.signalStyles(of: Array(signals.prefix(count)))
      #expect(Set(styles.values.map(\.rgb)).count == count)
    }
  }

  @Test(arguments: 1...ObjectiveStyle.pairCount)
  func anyParametersCanBeToldApartInGrey(count: Int) throws {
    for text in ["alpha:alpha=0.", "skew-fkl:alpha=", "a"] {
      let styles = try ObjectiveStyle.styles(
        of: (0..<count).map { "\(text)\($0)" } + builtIn
      ).values
      #expect(Set(styles.map(\.index)).count == count + builtIn.count)
    }
  }

  /// As they are in sweeps.
  @Test func parametersThatDifferInOneDigitHaveStylesOfTheirOwn() throws {
    for text in ["mix:lambda=0.", "renyi:alpha=", "skew-rkl:alpha=0.0"] {
      let styles = try (0...9).compactMap { digit in
        try ObjectiveStyle.styles(of: ["\(text)\(digit)"])["\(text)\(digit)"]
      }
      #expect(Set(styles.map(\.index)).count == 10)
    }
  }

  @Test func moreThanCanBeToldApartAreRefused() {
    let objectives = (0...ObjectiveStyle.pairCount).map { "mix:lambda=\($0)" }
    #expect(throws: FigureError.self) { try ObjectiveStyle.styles(of: objectives) }
  }

  /// In a terminal, whatever the conditions.
  @Test func everyLineHasACharacterOfItsOwn() throws {
    let objectives = builtIn.prefix(15) + sweep
    let styles = try ObjectiveStyle.styles(of: Array(objectives))
    let slots = (0..<3).flatMap { variant in
      objectives.compactMap { objective in styles[objective].map { ($0, variant) } }
    }
    let lines = Line.lines(of: slots)
    #expect(Set(lines.map(\.character)).count == slots.count)
    let alone = Line.lines(of: Array(slots.prefix(1)))
    #expect(alone[0].character == lines[0].character)
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
