// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimTestSupport
import Testing

@testable import KLSimCore
@testable import KLSimClaims

/// What the claims about the sides that objectives work on ask, against gradients and errors by token.
@Suite struct FocusClaimTests {
  static let conditions = [
    Condition(teacher: "overlapping", learningRate: 0.1),
    Condition(teacher: "zipf", optimizer: "sgd", learningRate: 1, initialization: "teacher-noise"),
    Condition(),
  ]

  @Test(arguments: conditions)
  func sharesAreOfGradientsAndProgressOfErrors(condition: Condition) throws {
    let heads = try HeadFocus().trial(condition).answers()
    let tails = try TailFocus().trial(condition).answers()
    #expect(heads.map(\.cell) == tails.map(\.cell))
    let runs = Courses(condition, epochs: 10)
    let gradients = try [1, 2].map {
      try Self.gradientShares(runs("fkl", seed: $0).reference(epoch: 0))
    }
    for (head, tail) in zip(heads, tails) {
      let (cell, seed) = (head.cell, head.seed)
      let pair = try ["fkl", "rkl"].map { try runs($0, seed: seed) }
      let (cut, size) = (cell.cut.headCount, pair[0].teacher.size)
      switch cell.measure {
      case .gradientShare:
        #expect(cell.epoch == 0)
        // |g| by rank, over the sum of all.
        let shares = gradients[Int(seed) - 1]
        let before = shares.map { Double(compensatedSum(Array($0[..<cut]))) }
        let beyond = shares.map { Double(compensatedSum(Array($0[cut...]))) }
        // More is better: of two negatives the smaller.
        expectSmaller(
          Outcome(head.outcome.holds, quantity: -head.outcome.quantity), -before[0],
          than: -before[1], "\(cell)")
        expectSmaller(
          Outcome(tail.outcome.holds, quantity: -tail.outcome.quantity), -beyond[1],
          than: -beyond[0], "\(cell)")
      case .progress:
        let left = pair.map { run in
          [0..<cut, cut..<size].map {
            run.error(epoch: cell.epoch, over: $0) / run.error(epoch: 0, over: $0)
          }
        }
        let rounding = 1e-12 * (1 + largest(left[0] + left[1]))
        expectSmaller(
          head.outcome, left[0][0], than: left[0][1], rounding: rounding, "\(cell)")
        expectSmaller(
          tail.outcome, left[1][1], than: left[1][0], rounding: rounding, "\(cell)")
      }
    }
  }

  /// The shares of forward and of reverse KL's gradients, by rank.
  private static func gradientShares(_ state: ReferenceState) throws -> [[Wide]] {
    try ["fkl", "rkl"].map { objective in
      let sizes = try state.gradient(of: objective).map { abs($0) }
      let sum = compensatedSum(sizes)
      return state.ranking.map { sizes[$0] / sum }
    }
  }

  @Test func gradientsAreOfTheStartAndProgressOfTheEarlyEpochs() throws {
    let cells = try HeadFocus().cells(Condition())
    #expect(Set(cells.map(\.epoch)) == [0, 1, 5, 10])
    #expect(cells.allSatisfy { ($0.epoch == 0) == ($0.measure == .gradientShare) })
    #expect(Set(cells.map(\.cut.headCount)) == Set(Cut.some(of: try teacher).map(\.headCount)))
    let published = try TailFocus().publishedCells(Condition())
    #expect(published.map(\.epoch) == [0, 1, 5, 10])
    #expect(published.allSatisfy { $0.cut.headCount == 47 })
    #expect(try TailFocus().publishedCells(Condition(learningRate: 0.1)).isEmpty)
  }

  /// The setting first, by measure; then each start, students that know their teachers last.
  @Test func boundariesTellOfMeasuresAndStarts() throws {
    let conditions = [
      Condition(), Condition(teacher: "zipf", learningRate: 0.1),
      Condition(initialization: "teacher-noise"),
    ]
    let evidence = try conditions.flatMap { condition in
      try [8, 47, 72].flatMap { head in
        try [FocusMeasure.gradientShare, .progress].map { measure in
          let cut = Cut(headCount: head, vocabularySize: 80, tailMass: 0.1)
          let holds = measure == .progress ? condition == Condition() : head > 8
          return try KLSimClaimsTests.evidence(
            FocusCell(cut: cut, epoch: 1, measure: measure), condition: condition,
            hits: holds ? 100 : 0)
        }
      }
    }
    #expect(
      HeadFocus().boundaries(evidence) == [
        "on longtail with adam at 0.2: gradient-share at head counts 47–72, progress at head counts 8–72"
          + " of 80 tokens",
        "elsewhere (torch-uniform): gradient-share in 2 of 3 cells, progress in none of 3 cells",
        "near the teacher (teacher-noise): gradient-share in 2 of 3 cells, progress"
          + " in none of 3 cells",
      ])
  }

  private var teacher: TeacherDistribution {
    get throws { try Catalog.teacher("longtail").distribution(seed: 1) }
  }

  /// Forward KL on the other side: its share there is what is left.
  private struct OtherSide: ErrorFocus {
    static let name = "other-side"
    static let statement = ""
    static let source = ""
    static let order = (leader: "fkl", follower: "rkl")
    static let side = Side.tail
  }

  /// An objective against itself.
  private struct Alone: ErrorFocus {
    static let name = "alone"
    static let statement = ""
    static let source = ""
    static let order = (leader: "rkl", follower: "rkl")
    static let side = Side.head
  }

  @Test(arguments: [Condition(teacher: "bimodal", learningRate: 0.1), Condition()])
  func whatIsNotOnOneSideIsOnTheOther(condition: Condition) throws {
    let answers = try HeadFocus().trial(condition).answers()
    let others = try OtherSide().trial(condition).answers()
    let alone = try Alone().trial(condition).answers()
    #expect(answers.map(\.cell) == others.map(\.cell) && answers.map(\.cell) == alone.map(\.cell))
    for (one, other) in zip(answers, others) {
      #expect(abs(one.outcome.quantity + other.outcome.quantity) <= 1e-14)
      if abs(one.outcome.quantity) > 1e-14 { #expect(one.outcome.holds != other.outcome.holds) }
    }
    for answer in alone where answer.cell.measure == .gradientShare {
      #expect(!answer.outcome.holds && answer.outcome.quantity == 0)
    }
    #expect(answers.contains { $0.outcome.holds } && others.contains { $0.outcome.holds })
  }
}
