// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KLSimStudies

/// Boundaries in words, of evidence made by hand.
@Suite struct WordsTests {
  static let stretches: [(chosen: [Int], all: [Int], text: String)] = [
    ([], [1, 2, 3], ""), ([2], [1, 2, 3], "2"), ([1, 2, 3], [1, 2, 3], "1–3"),
    ([3, 1, 2], [3, 2, 1, 2], "1–3"), ([1, 3], [1, 2, 3], "1, 3"), ([1, 3], [1, 3, 5], "1–3"),
    ([1, 2, 5, 8, 13], [1, 2, 3, 5, 8, 10, 13], "1–2, 5–8, 13"),
  ]

  @Test(arguments: stretches)
  func neighboursAmongAllAreJoined(chosen: [Int], all: [Int], text: String) {
    #expect(Words.stretches(of: chosen, among: all) == text)
  }

  private static func exceptions(_ hits: [Int], most: Int = 4) throws -> String {
    let all = try hits.enumerated().map { try evidence(["c\($0)"], hits: $1) }
    return Words.exceptions(in: all, most: most) { $0.cell[0] }
  }

  @Test func exceptionsAreNamedWithTheirShares() throws {
    #expect(try Self.exceptions([100, 100]) == "in all 2 cells")
    #expect(try Self.exceptions([0, 50, 90]) == "in none of 3 cells")
    #expect(try Self.exceptions([100, 50, 100]) == "in 2 of 3 cells; not under c1 (50 %)")
    #expect(
      try Self.exceptions([0, 100, 33, 12, 7], most: 3)
        == "in 1 of 5 cells; not under c0 (0 %); c2 (33 %); c3 (12 %) and 1 more")
    // Nearly all seeds is not enough to be sure.
    #expect(try Self.exceptions([98, 100]) == "in 1 of 2 cells; not under c0 (98 %)")
  }

  @Test func holdingCellsAreCounted() throws {
    let texts = try [[100, 100], [0, 90, 50], [0, 100]].map { hits in
      let all = try hits.map { try evidence([], hits: $0) }
      return [Words.count(of: all), Words.share(of: all)]
    }
    #expect(
      texts == [
        ["in 2 of 2 cells", "in all 2 cells"], ["in 0 of 3 cells", "in none of 3 cells"],
        ["in 1 of 2 cells", "in 1 of 2 cells"],
      ])
  }

  @Test func conditionsComeInTheOrderOfAppearance() throws {
    let (first, second) = (Condition(teacher: "zipf"), Condition(teacher: "bimodal"))
    let all = try [first, second, first].enumerated().map {
      try evidence(["\($0)"], condition: $1, hits: 1)
    }
    #expect(all.byCondition.map(\.key) == [first, second])
    #expect(all.byCondition.map { $0.evidence.map(\.cell) } == [[["0"], ["2"]], [["1"]]])
  }

  @Test func thePublishedConditionComesFirst() throws {
    let published = Condition(learningRate: 0.2)
    let all = try [
      Condition(teacher: "zipf"), Condition(learningRate: 1), published,
      Condition(initialization: "zeros"), Condition(teacher: "zipf", learningRate: 1),
    ].enumerated().map { try evidence(["\($0)"], condition: $1, hits: 1) }
    #expect(
      all.publishedFirst(by: \.self).map(\.evidence[0].cell)
        == [["2"], ["0"], ["1"], ["3"], ["4"]])
    let places = all.publishedFirst(by: \.place)
    #expect(places.map(\.key)[0] == "on longtail with adam at 0.2")
    #expect(
      places.map { $0.evidence.map(\.cell) } == [[["2"], ["3"]], [["0"]], [["1"]], [["4"]]])
    #expect(all.dropFirst(3).dropLast().publishedFirst(by: \.place).map(\.evidence.count) == [1])
    #expect(all.suffix(1).publishedFirst(by: \.self).map(\.evidence[0].cell) == [["4"]])
  }

  /// Cells of three cuts of a vocabulary of five, with 0.6, 0.3 and 0.1 beyond, at every epoch; `holds`
  /// tells in which the claim holds.
  private static func boundary(_ holds: (_ cut: Int, _ epoch: Int) -> Bool) throws -> String {
    let masses = [1: "0.6", 2: "0.3", 3: "0.1"]
    return ErrorOrderCells.boundary(
      try ErrorOrderCells.epochs.flatMap { epoch in
        try [1, 2, 3].map { cut in
          try evidence(
            ["\(cut)", "5", masses[cut] ?? "", "\(epoch)"],
            condition: Condition(optimizer: "sgd", learningRate: 10),
            hits: holds(cut, epoch) ? 100 : 9)
        }
      })
  }

  @Test func cutsAndEpochsOfAnOrder() throws {
    let place = "on longtail with sgd at 10.0: "
    #expect(try Self.boundary { _, _ in false } == place + "at no cut throughout epochs 1–10")
    // All early epochs but the last are not all.
    #expect(
      try Self.boundary { $1 < 10 } == place + "at no cut throughout epochs 1–10")
    #expect(
      try Self.boundary { _, _ in true }
        == place + "for heads of 1–3 of 5 tokens (tail mass 0.6–0.1) at epochs 1–200")
    #expect(
      try Self.boundary { cut, epoch in cut == 2 && epoch <= 50 }
        == place + "for heads of 2 of 5 tokens (tail mass 0.3) at epochs 1–50")
    // What holds early at all cuts named counts, up to the first epoch at which it fails at one.
    #expect(
      try Self.boundary { cut, epoch in cut == 1 ? epoch <= 10 : cut == 3 && epoch != 30 }
        == place + "for heads of 1, 3 of 5 tokens (tail mass 0.6–0.1) at epochs 1–10")
    #expect(
      try Self.boundary { cut, epoch in cut > 1 && epoch != 30 }
        == place + "for heads of 2–3 of 5 tokens (tail mass 0.3–0.1) at epochs 1–25")
  }
}
