// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimTestSupport
import Testing

@testable import KLSimCore
@testable import KLSimClaims

/// What the claims about orders of errors ask, against runs looked at token by token.
@Suite struct OrderClaimTests {
  static let conditions = [
    Condition(teacher: "unimodal", optimizer: "sgd", learningRate: 3),
    Condition(teacher: "zipf", optimizer: "sgd", learningRate: 10),
    Condition(initialization: "teacher-noise:sigma=0.5"), Condition(),
  ]

  @Test(arguments: conditions)
  func ordersAreOfErrorsBeforeAndBeyondACut(condition: Condition) throws {
    let heads = try HeadFirst().trial(condition).answers()
    let tails = try TailFirst().trial(condition).answers()
    #expect(heads.map(\.cell) == tails.map(\.cell))
    let last = try #require(heads.map(\.cell.epoch).max())
    #expect(last == (condition.startsAsPublished ? 200 : 10))
    let runs = Courses(condition, epochs: last)
    for answers in Dictionary(
      grouping: zip(heads, tails), by: { $0.0.seed * 1000 + UInt64($0.0.cell.epoch) }
    ).values {
      let (first, epoch) = (answers[0].0, answers[0].0.cell.epoch)
      let pair = try ["fkl", "rkl"].map { try runs($0, seed: first.seed) }
      let size = pair[0].teacher.size
      let states = epoch <= 10 ? pair.map { $0.reference(epoch: epoch) } : []
      for (head, tail) in answers {
        let cut = head.cell.cut
        #expect(cut.vocabularySize == size && (1..<size).contains(cut.headCount))
        func errors(_ ranks: Range<Int>) -> [Double] {
          guard head.cell.measure != .absolute else {
            return pair.map { $0.error(epoch: epoch, over: ranks) }
          }
          return states.map { Self.error(head.cell.measure, $0, over: $0.tokens(ranks)) }
        }
        let before = errors(0..<cut.headCount)
        let beyond = errors(cut.headCount..<size)
        let rounding = 1e-12 * (1 + largest(before + beyond))
        expectSmaller(
          head.outcome, before[0], than: before[1], rounding: rounding, "\(head.cell)")
        expectSmaller(
          tail.outcome, beyond[1], than: beyond[0], rounding: rounding, "\(tail.cell)")
      }
    }
  }

  /// A measure from its formula, by token.
  private static func error(
    _ measure: ErrorMeasure, _ state: ReferenceState, over tokens: Set<Int>
  ) -> Double {
    func sum(_ term: (Int) -> Wide) -> Wide { compensatedSum(tokens.map(term)) }
    let count = Wide(tokens.count)
    let (p, q) = (state.p, state.q)
    let error: Wide =
      switch measure {
      case .absolute: sum { abs(p[$0] - q[$0]) }
      case .relative: sum { abs(q[$0] - p[$0]) / p[$0] } / count
      case .logRatio: sum { abs(state.logQ[$0] - state.logP[$0]) } / count
      case .forwardKL: sum { p[$0] * (state.logP[$0] - state.logQ[$0]) - p[$0] + q[$0] }
      case .reverseKL: sum { q[$0] * (state.logQ[$0] - state.logP[$0]) - q[$0] + p[$0] }
      case .share: sum { abs(p[$0] - q[$0]) } / (2 * state.totalVariation)
      }
    return Double(error)
  }

  /// All cuts where the paper's start is, by absolute error; all measures at a few cuts, everywhere.
  @Test func cellsAreAllCutsThereAndAFewElsewhere() throws {
    let here = try HeadFirst().cells(Condition())
    let there = try HeadFirst().cells(Condition(initialization: "teacher-noise"))
    func heads(_ cells: [OrderCell], _ measure: ErrorMeasure) -> Set<Int> {
      Set(cells.filter { $0.measure == measure }.map(\.cut.headCount))
    }
    #expect(heads(here, .absolute) == Set(1...79))
    let few = heads(there, .absolute)
    #expect(few.count == 3 && few.contains(47))
    for measure in ErrorMeasure.allCases {
      #expect(heads(there, measure) == few)
      if measure != .absolute { #expect(heads(here, measure) == few) }
    }
    #expect(Set(there.map(\.epoch)) == [1, 5, 10])
    #expect(Set(here.filter { $0.measure == .share }.map(\.epoch)) == [1, 5, 10])
  }

  /// The paper's figure: absolute errors beyond token 47 at epochs 1, 5 and 10.
  @Test func theFigureIsPublished() throws {
    for condition in [Condition(), Condition(learningRate: 0.1), Condition(teacher: "zipf")] {
      let published = try TailFirst().publishedCells(condition)
      let isPublished = condition == Condition()
      #expect(published.map(\.epoch) == (isPublished ? [1, 5, 10] : []))
      #expect(published.allSatisfy { $0.cut.headCount == 47 && $0.measure == .absolute })
    }
  }

  /// Reverse KL ahead on the head: what forward KL is not.
  private struct Swapped: ErrorOrder {
    static let name = "swapped"
    static let statement = ""
    static let source = ""
    static let order = (leader: "rkl", follower: "fkl")
    static let side = Side.head
  }

  /// Forward KL ahead of itself, which cannot be.
  private struct Alone: ErrorOrder {
    static let name = "alone"
    static let statement = ""
    static let source = ""
    static let order = (leader: "fkl", follower: "fkl")
    static let side = Side.tail
  }

  @Test(arguments: [
    Condition(teacher: "bimodal", learningRate: 1), Condition(initialization: "normal:sigma=0.1"),
  ])
  func whatOneIsAheadOnTheOtherIsBehindOn(condition: Condition) throws {
    let answers = try HeadFirst().trial(condition).answers()
    let swapped = try Swapped().trial(condition).answers()
    let alone = try Alone().trial(condition).answers()
    #expect(answers.map(\.cell) == swapped.map(\.cell) && answers.map(\.cell) == alone.map(\.cell))
    for (one, other) in zip(answers, swapped) {
      #expect(one.outcome.quantity == -other.outcome.quantity)
      let isTie = one.outcome.quantity == 0
      #expect(one.outcome.holds != other.outcome.holds || isTie && !one.outcome.holds)
    }
    #expect(alone.allSatisfy { !$0.outcome.holds && $0.outcome.quantity == 0 })
    // Nor is either ahead everywhere: the test would not see a constant.
    #expect(answers.contains { $0.outcome.holds } && swapped.contains { $0.outcome.holds })
  }
}

/// Where heads end.
@Suite struct CutTests {
  private static func teacher(_ text: String) throws -> TeacherDistribution {
    try Catalog.teacher(text).distribution(seed: 1)
  }

  @Test func allOfSmallVocabulariesAndSpreadOverLargeOnes() throws {
    for (text, count) in [("longtail", 79), ("zipf:size=101", 100), ("uniform:size=2", 1)] {
      let cuts = Cut.all(of: try Self.teacher(text))
      #expect(cuts.map(\.headCount) == Array(1...count), "\(text)")
    }
    let large = try Self.teacher("zipf:size=5000")
    let cuts = Cut.all(of: large).map(\.headCount)
    #expect(cuts == Set(cuts).sorted() && cuts.first == 1 && cuts.allSatisfy { $0 < 5000 })
    // No gap is wider than 15 % and one token.
    #expect(zip(cuts, cuts.dropFirst()).allSatisfy { Double($1) <= 1.15 * Double($0) + 1 })
    for mass in [0.1, 0.5, 0.9, 0.99] {
      #expect(cuts.contains(MassHead(mass: mass).headCount(of: large)))
    }
  }

  /// p = 1/2, 1/4, 1/8, …: the heads of half and of 90 % of the mass are 1 and 3 tokens, and 47/80 of 10
  /// tokens are 5.
  @Test func aFewAndSome() throws {
    let halves = try TeacherDistribution(.linear((0..<10).map { 1 / Double(1 << $0) }))
    #expect(Cut.few(of: halves).map(\.headCount) == [1, 3, 5])
    #expect(Cut.some(of: halves).map(\.headCount) == Array(1...9))
    let paper = try Self.teacher("longtail")
    #expect(Cut.few(of: paper).map(\.headCount).contains(47))
    let some = Set(Cut.some(of: paper).map(\.headCount))
    #expect(
      some == Set(Cut.few(of: paper).map(\.headCount)).union([8, 16, 24, 32, 40, 48, 56, 64, 72]))
  }

  @Test(arguments: ["longtail", "unimodal", "zipf", "zipf:size=101", "uniform:size=2"])
  func tailsHaveTheMassTheyDeclare(text: String) throws {
    let teacher = try Self.teacher(text)
    let p = ReferenceState(.logarithmic(teacher.logProbabilities), logits: teacher.logProbabilities)
      .p
    for cut in Cut.all(of: teacher) + Cut.few(of: teacher) + Cut.some(of: teacher) {
      let mass = Double(compensatedSum(Array(p[cut.headCount...])))
      // Also where it is far below a rounding of 1.
      #expect(abs(cut.tailMass - mass) <= 1e-13 * mass)
      #expect(Array(cut.head) + Array(cut.tail) == Array(0..<teacher.size))
      #expect(cut.head.count == cut.headCount && cut.vocabularySize == teacher.size)
      #expect(cut.isPublished == (cut.headCount == 47 && text == "longtail"))
    }
  }

  @Test func sides() {
    let cut = Cut(headCount: 2, vocabularySize: 5, tailMass: 0.25)
    #expect(Side.head.ranks(cut) == 0..<2 && Side.tail.ranks(cut) == 2..<5)
    #expect(Side.head.other == .tail && Side.tail.other == .head)
    let error = HeadTailError(head: 1, tail: 3, headMass: 0)
    #expect(Side.head.error(error) == 1 && Side.tail.error(error) == 3)
    #expect(
      cut.values == [Value(2), Value(5), .number(0.25)] && cut.values.count == Cut.columns.count)
  }
}
