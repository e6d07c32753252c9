// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimFiles
import Testing

@testable import KLSimFigures

@Suite struct PhaseDataTests {
  /// Records of two objectives, seed by seed.
  private func records(_ pairs: [(Double, Double)], head: String = "count=2") -> [Record] {
    pairs.enumerated().flatMap { seed, pair in
      [
        Record(objective: "fkl", seed: seed, head: head, value: pair.0),
        Record(objective: "rkl", seed: seed, head: head, value: pair.1),
      ]
    }
  }

  private func share(_ pairs: (Double, Double)...) throws -> Double {
    try PhaseData(table(records(pairs)), .init()).cells[0].share
  }

  @Test func shareIsOfSeedsInWhichTheFirstIsSmaller() throws {
    #expect(try share((1, 2), (1, 2), (3, 2), (0, 1)) == 0.75)
    #expect(try share((2, 1)) == 0)
  }

  @Test func tiesDoNotCount() throws {
    #expect(try share((1, 1), (1, 2)) == 1)
    // Rounding alone.
    #expect(try share((1, 1 - 1e-13), (2e-15, 1e-15), (2, 1)) == 0)
    let tied = try PhaseData(table(records([(1, 1), (2, 2)])), .init()).cells[0]
    #expect(tied.share.isNaN && tied.isTied)
    let even = try PhaseData(table(records([(1, 2), (2, 1)])), .init()).cells[0]
    #expect(even.share == 0.5 && !even.isTied)
  }

  @Test func whatIsNotANumberIsWorseAndTwoOfThemDoNotCount() throws {
    #expect(try share((1, .nan), (.infinity, 1)) == 0.5)
    #expect(try share((.nan, .infinity), (1, 2)) == 1)
    #expect(throws: InputError.self) { try share((.nan, .nan)) }
  }

  @Test func swappingTheObjectivesTurnsSharesRound() throws {
    let pairs = [(1.0, 2.0), (3, 2), (1, 1), (4, 5), (7, 8)]
    var options = FigureOptions()
    options.objectives = ["rkl", "fkl"]
    let there = try PhaseData(table(records(pairs)), .init()).cells[0].share
    let back = try PhaseData(table(records(pairs)), options).cells[0].share
    #expect(there + back == 1 && there == 0.75)
  }

  @Test func cutsAreTheNumbersInTheRules() throws {
    let rules = ["count=8", "count=2", "count=16"]
    let data = try PhaseData(table(rules.flatMap { records([(1, 2)], head: $0) }), .init())
    #expect(data.cuts == [2, 8, 16])
    #expect(data.cutName == "tokens in the head")
    let masses = ["mass=0.5:rule=inclusive", "mass=0.9:rule=inclusive"]
    #expect(
      try PhaseData(table(masses.flatMap { records([(1, 2)], head: $0) }), .init()).cuts
        == [0.5, 0.9])
  }

  @Test func rulesOfSeveralKindsAreRefused() throws {
    for rules in [["count=8", "mass=0.5"], ["mass=0.5", "mass=0.9:rule=inclusive"]] {
      #expect(throws: FigureError.self) {
        try PhaseData(table(rules.flatMap { records([(1, 2)], head: $0) }), .init())
      }
    }
  }

  @Test func seedsWithoutAPartnerAreRefused() throws {
    var unpaired = records([(1, 2), (3, 4)])
    unpaired.removeLast()
    let error = #expect(throws: InputError.self) { try PhaseData(table(unpaired), .init()) }
    #expect(error?.description.contains("seed 1 has no partner") == true)
  }

  @Test func twoObjectivesAreNeeded() throws {
    for (objectives, remedy) in [
      (["fkl"], ["fkl", "rkl"]), (["js", "rkl", "akl"], ["js", "rkl"]),
    ] {
      let error = #expect(throws: FigureError.self) {
        try PhaseData(table(objectives.map { Record(objective: $0, head: "count=2") }), .init())
      }
      #expect(error?.remedy == .chooseObjectives(remedy))
    }
  }

  /// Contexts that share parameters are one run, that of their mean; others are runs of their own.
  @Test(arguments: [("low-rank", 1.0), ("softmax", 0.25)])
  func contextsThatShareParametersCountOnce(student: String, share: Double) throws {
    // Of two seeds: forward KL is behind in three of four contexts, and ahead in both means.
    let rows: [(objective: String, seed: Double, context: String, value: Double)] = [1, 2].flatMap {
      seed in
      [
        ("fkl", seed, "0", 3), ("fkl", seed, "1", seed + 1), ("fkl", seed, "", 1),
        ("rkl", seed, "0", 2), ("rkl", seed, "1", 2.5), ("rkl", seed, "", 2),
      ]
    }
    let values = Table.Values.numbers(rows.map(\.value))
    let table = Table(
      source: "contexts",
      columns: [
        "student": .texts(rows.map { _ in student }), "objective": .texts(rows.map(\.objective)),
        "seed": .numbers(rows.map(\.seed)), "head": .texts(rows.map { _ in "count=2" }),
        "epoch": .numbers(rows.map { _ in 0.5 }), "tvd": values, "tail_error": values,
        "context": .texts(rows.map(\.context)),
        "context_label": .texts(rows.map { $0.context.isEmpty ? "mean" : "c\($0.context)" }),
      ])
    #expect(try PhaseData(table, .init()).cells == [.init(cut: 2, epoch: 0.5, share: share)])
  }

  @Test func evidenceIsTakenAsItIs() throws {
    let evidence = Table(
      source: "evidence",
      columns: [
        "teacher": .texts(["zipf", "zipf"]), "head_count": .numbers([8, 2]),
        "vocabulary": .numbers([80, 80]), "epoch": .numbers([1, 1]),
        "share": .numbers([0.25, 0.75]), "seeds": .numbers([500, 500]),
        "verdict": .texts(["holds", "fails"]),
      ])
    let data = try PhaseData(evidence, .init())
    #expect(
      data.cells == [
        .init(cut: 2, epoch: 1, share: 0.75), .init(cut: 8, epoch: 1, share: 0.25),
      ])
    #expect(data.seedCount == 500)
  }
}
