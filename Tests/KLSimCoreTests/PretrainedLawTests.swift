// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimNumerics
import KLSimTestSupport
import Testing

@testable import KLSimCore

/// Starts of students that were fitted to other contexts before.
@Suite struct PretrainedLawTests {
  private static func start(
    _ choices: [String: String], seed: UInt64, kernels: VectorKernels = .best
  ) throws -> [Double] {
    let chosen = try InitializationAxis.choice(
      choices["init"] ?? "student", reader: NoFiles(), kernels: kernels)
    let setup = try Setup(
      ["teacher": LetterText.teacher].merging(choices) { $1 }, epochs: 0, reader: LetterText())
    return try FitBatch(
      Setup(setup.choices.adding(chosen, on: InitializationAxis.self), epochs: setup.epochs),
      seeds: [seed]
    ).start
  }

  /// Other histories are the next most frequent ones of the text, with the distributions that they have.
  @Test func otherHistoriesAreTheNextOnes() throws {
    func teacher(_ histories: Int) throws -> TeacherRecipe {
      try Catalog.teacher(
        "ngram:path=t:unit=characters:order=3:histories=\(histories)", reader: LetterText()
      ).component
    }
    let (own, more) = (try teacher(14), try teacher(20))
    let others = try #require(own.others(atMost: 6))
    #expect(others.contexts.histories == Array(more.contexts.histories.dropFirst(14)))
    #expect(Set(others.contexts.histories).isDisjoint(with: own.contexts.histories))
    let mass = more.contexts.weights.dropFirst(14).reduce(0, +)
    for place in 0..<6 {
      #expect(
        try others.distribution(seed: 1, context: place)
          == more.distribution(seed: 1, context: 14 + place))
      #expect(others.contexts.label(place) == more.contexts.label(14 + place))
      let weight = more.contexts.weights[14 + place] / mass
      #expect(gap(others.contexts.weights[place], weight) <= 1e-15)
    }
    // Of 81 histories not all occur; a single history leaves all others.
    let all = try #require(own.others(atMost: 1000)).contexts.count + 14
    #expect(all <= 81)
    let single = try Catalog.teacher(
      "ngram:path=t:unit=characters:order=3:history=ab", reader: LetterText()
    ).component
    #expect(try #require(single.others(atMost: 1000)).contexts.count == all - 1)
    #expect(try teacher(all).others(atMost: 1) == nil)
  }

  @Test(arguments: ["dirichlet:size=6", "zipf:size=6:jitter=0.5", "pareto:size=4:samples=9"])
  func otherDrawsAreThoseOfMoreContexts(teacher: String) throws {
    let own = try Catalog.teacher("\(teacher):contexts=3").component
    let more = try Catalog.teacher("\(teacher):contexts=5").component
    let others = try #require(own.others(atMost: 2))
    for place in 0..<2 {
      #expect(
        try others.distribution(seed: 8, context: place)
          == more.distribution(seed: 8, context: 3 + place))
    }
  }

  @Test(arguments: [
    "zipf", "ngram:path=t:unit=characters:order=1", "ensemble:of=\"zipf,zipf:exponent=2\"",
  ])
  func someTeachersHaveNoOthers(teacher: String) throws {
    #expect(try Catalog.teacher(teacher, reader: LetterText()).component.others(atMost: 5) == nil)
  }

  /// With very many tokens a context, it is a fit to the other contexts themselves.
  @Test func manyTokensAreTheTeacher() throws {
    let choices = ["teacher": "dirichlet:size=5:contexts=3", "student": "low-rank:rank=2"]
    let fit = try Setup(
      choices.merging(
        ["objective": "fkl", "optimizer": "adam", "learning-rate": "0.02", "batch": "3"]
      ) { $1 }, epochs: 8)
    let more = try Catalog.teacher("dirichlet:size=5:contexts=6")
    let others = try (3..<6).map { try more.distribution(seed: 7, context: $0) }
    var measurement = Measurement(heads: [])
    measurement.keepsParameters = true
    let runs = try FitBatch(fit, teachers: TeacherSet(others), seeds: [7])
    let expected = try #require(try runs.run(measurement)[0].finalParameters)
    let plain = try Self.start(choices, seed: 7)
    let start = try Self.start(
      choices.merging(
        ["init": "pretrained:epochs=8:learning-rate=0.02:batch=3:samples=2000000000"]
      ) { $1 }, seed: 7)
    // U of three contexts and rank 2 comes first, and stays.
    #expect(start[..<6] == plain[..<6])
    #expect(worstGap(Array(start[6...]), Array(expected[6...])) <= 1e-4)
    #expect(worstGap(Array(start[6...]), Array(plain[6...])) > 0.05)
  }

  /// What contexts have in common is learned from others.
  @Test(arguments: ["log-bilinear:rank=4", "low-rank:rank=2"], [1, 2, 3] as [UInt64])
  func theRunStartsNearerToItsTeacher(student: String, seed: UInt64) throws {
    func forwardKL(_ start: String) throws -> Double {
      let setup = try LetterText.setup(["student": student, "init": start], epochs: 0)
      let weights = setup.teacher.component.contexts.weights
      let own = try setup.trajectories(seed: seed, Measurement(heads: []))
      return zip(weights, own).reduce(0) { $0 + $1.0 * $1.1.records[0].forwardKL }
    }
    #expect(try forwardKL("pretrained") < 0.95 * forwardKL("student"))
  }

  /// A word vector is learned where its word is, and nowhere else.
  @Test func wordsOfTheRunAloneStayAtTheirStart() throws {
    let choices = [
      "teacher": "ngram:path=t:unit=characters:order=2:histories=4",
      "student": "log-bilinear:rank=3",
    ]
    let histories = try Catalog.teacher(choices["teacher"] ?? "", reader: LetterText())
      .component.contexts.histories.map { $0[0] }
    let plain = try Self.start(choices, seed: 5)
    let start = try Self.start(choices.merging(["init": "pretrained:contexts=5"]) { $1 }, seed: 5)
    for token in 0..<9 {
      let row = 3 * token..<3 * token + 3
      #expect((start[row] == plain[row]) == histories.contains(token))
      // Wᵀ and b follow.
      #expect(start[27 + token] != plain[27 + token])
      #expect(start[54 + token] != plain[54 + token])
    }
  }

  @Test func seedsStartApartAndComeAgain() throws {
    let choices = ["student": "log-bilinear:rank=3", "init": "pretrained:epochs=2:batch=5"]
    let start = try Self.start(choices, seed: 1)
    #expect(try Self.start(choices, seed: 1) == start)
    #expect(try Self.start(choices, seed: 2) != start)
  }

  @Test func allInstructionSetsGiveTheSameBits() throws {
    let choices = ["student": "log-bilinear:rank=5", "init": "pretrained:epochs=3:batch=5"]
    let expected = try Self.start(choices, seed: 4, kernels: .baseline)
    for kernels in VectorKernels.allCases where kernels.isAvailable && kernels != .plain {
      #expect(try Self.start(choices, seed: 4, kernels: kernels) == expected)
    }
  }

  @Test(
    arguments: [
      ("longtail", "softmax", "", "share none"), ("longtail", "gaussian", "", "share none"),
      (LetterText.teacher, "softmax", "", "share none"),
      (LetterText.teacher, "gaussian", "", "share none"),
      ("dirichlet:contexts=2", "log-bilinear", "", "have none"),
      ("zipf", "low-rank", "", "needs 2 contexts beside"),
      (LetterText.teacher, "log-bilinear", ":contexts=80", "needs 80 contexts beside"),
      (LetterText.teacher, "log-bilinear", ":learning-rate=1e308", "smaller learning-rate=…"),
    ])
  func whatHasNoSuchStartIsRefused(
    teacher: String, student: String, parameters: String, message: String
  ) throws {
    let error = #expect(throws: SetupError.self) {
      try Self.start(
        ["teacher": teacher, "student": student, "init": "pretrained\(parameters)"], seed: 1)
    }
    #expect(try #require(error).description.contains(message))
    #expect(error?.category == .usage)
  }
}
