// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimFiles
import KLSimNumerics
import KLSimTestSupport
import Testing

@testable import KLSimFigures

/// What figures refuse, in terms of tables and figures, and what would make them possible.
@Suite struct FigureErrorTests {
  private func expectError(
    _ remedy: FigureError.Remedy?, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws -> some Any
  ) {
    let error = #expect(throws: FigureError.self, sourceLocation: sourceLocation) {
      _ = try body()
    }
    #expect(error?.remedy == remedy, sourceLocation: sourceLocation)
    #expect(error?.category == .usage, sourceLocation: sourceLocation)
    #expect(
      error.map { namesAnOption($0.description) } == false, "\(String(describing: error))",
      sourceLocation: sourceLocation)
  }

  @Test func rowsOfSeveralConditionsAreToBeSelected() throws {
    let pair = ["fkl", "rkl"].flatMap { objective in
      ["adam", "sgd"].map { Record(objective: objective, head: "count=2", optimizer: $0) }
    }
    expectError(.selectRows([.init(column: "optimizer", value: "adam")])) {
      try PhaseData(table(pair), .init())
    }
    let heads = ["fkl", "rkl"].flatMap { objective in
      ["count=8", "mass=0.5"].map { Record(objective: objective, head: $0) }
    }
    expectError(.selectRows([.init(column: "head", value: "count=8")])) {
      try PhaseData(table(heads), .init())
    }
    let seeds = snapshots([0.5, 0.5], epochs: [0])
    let two = Table(
      source: "two seeds",
      columns: [
        "objective": .texts(["fkl", "fkl"]), "seed": .texts(["3", "4"]), "epoch": .numbers([0, 0]),
        "token": .numbers([0, 0]), "p": .numbers([1, 1]), "q": .numbers([1, 1]),
      ])
    expectError(.selectRows([.init(column: "seed", value: "3")])) {
      try SnapshotsFigure(two, .init())
    }
    #expect(throws: Never.self) { try SnapshotsFigure(seeds, .init()) }
  }

  @Test func objectivesAreToBeChosen() throws {
    expectError(.chooseObjectives(["fkl", "rkl"])) {
      try PhaseData(table([Record(head: "count=2")]), .init())
    }
    let names = (0...ObjectiveStyle.pairCount).map { "mix:lambda=0.\($0)" }
    expectError(.chooseObjectives(Array(names.prefix(2)))) {
      try CurvesFigure(table(names.map { Record(objective: $0) }), .init())
    }
  }

  @Test func severalHeadsAreToBeRecorded() throws {
    let one = ["fkl", "rkl"].map { Record(objective: $0, head: "count=2") }
    expectError(.recordHeads(["mass=0.3", "mass=0.5", "mass=0.9", "mass=0.99"])) {
      try PhaseFigure(table(one), .init())
    }
  }

  @Test func severalRatesAreToBeRecorded() throws {
    expectError(.recordRates([0.02, 0.05, 0.1, 0.2])) {
      try RatesFigure(table([Record(epoch: 1)]), .init())
    }
  }

  @Test func optionsWithoutEffectAreRefused() throws {
    var options = FigureOptions()
    options.threshold = 0.1
    let evidence = Table(
      source: "evidence",
      columns: [
        "objective": .texts(["fkl"]), "epoch": .numbers([0]), "share": .numbers([0.5]),
      ])
    expectError(nil) { [options] in try SurvivalData(evidence, options) }
    options.epochs = (0..<13).map { Double($0) }
    expectError(nil) { [options] in
      try SnapshotsFigure(snapshots([0.5, 0.5], epochs: [0]), options)
    }
  }

  @Test func gnuplotIsMissingOrFails() {
    #expect(GnuplotError.missing(program: "gnuplot").category == .missingProgram)
    #expect(GnuplotError.failed("line 1").category == .internalFault)
    #expect(!namesAnOption("\(GnuplotError.missing(program: "gnuplot"))"))
  }
}
