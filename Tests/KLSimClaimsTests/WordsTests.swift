// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KLSimClaims
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
    // Numbers of any kind, named in any way.
    let tenths = Words.stretches(
      of: chosen.map { Double($0) / 10 }, among: all.map { Double($0) / 10 }
    ) { "\(Int(($0 * 10).rounded()))" }
    #expect(tenths == text)
  }

  private static func exceptions(
    _ hits: [Int], chaotic: [Int] = [], maximum: Int = 2
  ) throws -> String {
    let all = try hits.enumerated().map { place, hits in
      try evidence("c\(place)", hits: hits, chaotic: chaotic.contains(place) ? 2 : 0)
    }
    return Words.exceptions(in: all, maximum: maximum) { $0.cell.name }
  }

  @Test func exceptionsAreThoseThatHoldLeast() throws {
    #expect(try Self.exceptions([100, 100]) == "in all 2 cells")
    #expect(try Self.exceptions([0, 50, 90]) == "in none of 3 cells")
    #expect(try Self.exceptions([100, 50, 100]) == "in 2 of 3 cells; not c1 (50 %)")
    #expect(
      try Self.exceptions([33, 100, 0, 12, 7])
        == "in 1 of 5 cells; not c2 (0 %), c4 (7 %) and 2 more")
    #expect(
      try Self.exceptions([33, 100, 0, 12, 7], maximum: 4)
        == "in 1 of 5 cells; not c2 (0 %), c4 (7 %), c3 (12 %), c0 (33 %)")
    // Of equals the first.
    #expect(
      try Self.exceptions([5, 100, 5, 5, 5]) == "in 1 of 5 cells; not c0 (5 %), c2 (5 %) and 2 more"
    )
    // Nearly all seeds is not enough to be sure.
    #expect(try Self.exceptions([98, 100]) == "in 1 of 2 cells; not c0 (98 %)")
  }

  /// Chaotic cells neither hold nor do not.
  @Test func chaoticCellsAreNoExceptions() throws {
    #expect(
      try Self.exceptions([100, 0, 0, 100], chaotic: [1, 3])
        == "in 1 of 2 cells (2 more are chaotic); not c2 (0 %)")
    #expect(
      try Self.exceptions([100, 0, 0], chaotic: [1, 2]) == "in 1 cell (2 more are chaotic)")
    #expect(
      try Self.exceptions([100, 0], chaotic: [0, 1]) == "in no cell (all 2 are chaotic)")
  }

  @Test func holdingCellsAreCounted() throws {
    let texts = try [[100, 100], [0, 90, 50], [0, 100], [50], []].map { hits in
      Words.share(of: try hits.map { try evidence(hits: $0) })
    }
    #expect(
      texts == [
        "in all 2 cells", "in none of 3 cells", "in 1 of 2 cells", "in none of 1 cell",
        "in no cell (all 0 are chaotic)",
      ])
  }

  /// Numbers at which every cell holds.
  @Test func numbersAtWhichCellsHold() throws {
    func holding(
      _ hits: [(number: Int, hits: Int)], chaotic: Int? = nil, isSymbol: Bool = false
    ) throws -> String {
      let all = try hits.map { try evidence("\($0.number)", hits: $0.hits, chaotic: chaotic) }
      return Words.holding(
        "cut", isSymbol: isSymbol, in: all, by: { Int($0.cell.name) ?? 0 }, name: { "<\($0)>" })
    }
    #expect(try holding([(1, 100), (2, 100), (5, 100)]) == "cuts <1>–<5>")
    #expect(try holding([(5, 100), (1, 100), (2, 50)]) == "cuts <1>, <5>")
    #expect(try holding([(5, 100), (2, 50)]) == "cut <5>")
    #expect(try holding([(5, 100), (2, 50)], isSymbol: true) == "cut = <5>")
    // Not if it fails in another cell of that number.
    #expect(try holding([(1, 100), (2, 100), (2, 0), (5, 100)]) == "cuts <1>, <5>")
    #expect(try holding([(1, 99), (2, 0)]) == "no cut")
    #expect(try holding([]) == "no cut")
    #expect(try holding([(1, 100)], chaotic: 2) == "no cut (all chaotic)")
  }

  @Test func cellsAreNamedByWhatTheyHave() throws {
    let condition = Condition(
      teacher: "zipf", student: "gaussian", optimizer: "sgd", learningRate: 10)
    #expect(
      Words.name(of: try evidence("c", condition: condition, hits: 1))
        == "zipf, gaussian, sgd at 10, torch-uniform, cell c")
    // Softmax goes without saying, and so does what a cell leaves empty.
    #expect(
      Words.name(of: try evidence("", hits: 1)) == "longtail, adam at 0.2, torch-uniform")
  }

  static let ranges: [(numbers: [Double], text: String)] = [
    ([], "none"), ([0.5], "0.5"), ([0.123456], "0.12"), ([2, 1, 3], "1–3"),
    ([0.101, 0.102], "0.1"),
    ([0.001234, 0.98765], "0.0012–0.99"), ([0, 100], "0–100"),
  ]

  @Test(arguments: ranges)
  func endsToTwoDigits(numbers: [Double], text: String) {
    #expect(Words.range(numbers) == text)
  }

  @Test func groupsComeInTheOrderOfAppearance() throws {
    let (first, second) = (Condition(teacher: "zipf"), Condition(teacher: "bimodal"))
    let all = try [first, second, first].enumerated().map {
      try evidence("\($0)", condition: $1, hits: 1)
    }
    let groups = all.grouped(by: \.condition)
    #expect(groups.map(\.key) == [first, second])
    #expect(groups.map { $0.elements.map(\.cell.name) } == [["0", "2"], ["1"]])
    #expect([Int]().grouped { $0 }.isEmpty)
  }
}

/// The cuts, epochs and measures at which an order of errors holds, in words.
@Suite struct OrderWordsTests {
  private static func cell(
    head: Int, of size: Int = 5, epoch: Int, measure: ErrorMeasure = .absolute
  ) -> OrderCell {
    let masses = [1: 0.6, 2: 0.3, 3: 0.1]
    return OrderCell(
      cut: Cut(headCount: head, vocabularySize: size, tailMass: masses[head] ?? 0.01),
      epoch: epoch, measure: measure)
  }

  /// Cells of three cuts of a vocabulary of five, with 0.6, 0.3 and 0.1 beyond, at every epoch; `holds`
  /// tells in which the claim holds.
  private static func cuts(_ holds: (_ cut: Int, _ epoch: Int) -> Bool) throws -> String {
    OrderWords.cuts(
      try OrderCell.epochs.flatMap { epoch in
        try [1, 2, 3].map { cut in
          try evidence(
            Self.cell(head: cut, epoch: epoch), hits: holds(cut, epoch) ? 100 : 9)
        }
      })
  }

  @Test func cutsAndEpochsOfAnOrder() throws {
    #expect(try Self.cuts { _, _ in false } == "at no cut throughout epochs 1–10")
    // All early epochs but the last are not all.
    #expect(try Self.cuts { $1 < 10 } == "at no cut throughout epochs 1–10")
    #expect(
      try Self.cuts { _, _ in true }
        == "for heads of 1–3 of 5 tokens (tail mass 0.1–0.6) at epochs 1–200")
    #expect(
      try Self.cuts { cut, epoch in cut == 2 && epoch <= 50 }
        == "for heads of 2 of 5 tokens (tail mass 0.3) at epochs 1–50")
    // What holds early at all cuts named counts, up to the first epoch at which it fails at one.
    #expect(
      try Self.cuts { cut, epoch in cut == 1 ? epoch <= 10 : cut == 3 && epoch != 30 }
        == "for heads of 1, 3 of 5 tokens (tail mass 0.1–0.6) at epochs 1–10")
    #expect(
      try Self.cuts { cut, epoch in cut > 1 && epoch != 30 }
        == "for heads of 2–3 of 5 tokens (tail mass 0.1–0.3) at epochs 1–25")
  }

  /// Evidence of the grid's kinds: the published condition by two measures, another with each optimizer, and
  /// another start; `holds` tells in which condition it holds.
  private static func lines(
    of side: Side = .tail, _ holds: (Condition) -> Bool
  ) throws -> [String] {
    let conditions = [
      Condition(), Condition(teacher: "zipf"), Condition(optimizer: "sgd", learningRate: 3),
      Condition(optimizer: "sgd", learningRate: 10), Condition(initialization: "teacher-noise"),
    ]
    return OrderWords.lines(
      try conditions.flatMap { condition in
        try [1, 5, 10].flatMap { epoch in
          try [3, 47].flatMap { head in
            try [ErrorMeasure.absolute, .relative].map {
              try evidence(
                Self.cell(head: head, of: 80, epoch: epoch, measure: $0), condition: condition,
                hits: holds(condition) ? 100 : 0)
            }
          }
        }
      }, side: side)
  }

  @Test func linesTellOfSettingMeasuresConditionsAndStarts() throws {
    #expect(
      try Self.lines { $0.optimizer == "adam" } == [
        "on longtail with adam at 0.2: for heads of 3–47 of 80 tokens (tail mass 0.01–0.1) at epochs"
          + " 1–10",
        "there, on the tail from token 47 on, by other measures: relative at epochs 1–10",
        "with adam on other teachers or at other rates: at every cut in 1, at some in 0, at none in 0 of"
          + " 1 conditions",
        "with sgd on other teachers or at other rates: at every cut in 0, at some in 0, at none in 2 of"
          + " 2 conditions",
        "from other starts, by absolute error at a few cuts: teacher-noise in all 6 cells",
      ])
    let others = try Self.lines(of: .head) { $0.learningRate == 3 }
    #expect(others[0] == "on longtail with adam at 0.2: at no cut throughout epochs 1–10")
    #expect(
      others[1]
        == "there, on the head before token 47, by other measures: relative at no epoch")
    #expect(others[3].hasSuffix("at every cut in 1, at some in 0, at none in 1 of 2 conditions"))
    #expect(others[4].hasSuffix("teacher-noise in none of 6 cells"))
  }
}
