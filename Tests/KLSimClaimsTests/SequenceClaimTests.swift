// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimNumerics
import Testing

@testable import KLSimClaims
@testable import KLSimCore
@testable import KLSimSequences

/// What the claims about sequences ask, against enumeration and closed forms.
@Suite struct SequenceClaimTests {
  /// The moments of a policy gradient by enumeration.
  private static func enumerated(
    _ signal: String, in condition: Condition, seed: UInt64
  ) throws -> SignalMoments {
    let prepared = try PreparedSignal(signal, in: condition)
    let moments = try prepared.moments(at: try SequencePoint(prepared.setup, seed: seed))
    #expect(moments.sampleCount == nil)
    return moments
  }

  @Test(arguments: [
    ("tabular", "tabular", "normal"),
    ("tabular", "tabular", "teacher-noise:sigma=0.1"),
    ("tabular:size=2:length=6", "tabular", "zeros"),
  ])
  func baselineIsTheRatioOfVariances(_ teacher: String, _ student: String, _ start: String) throws {
    let condition = Condition.sequences(teacher, student: student, initialization: start)
    for answer in try BaselineVariance().trial(condition).answers() {
      let discount = answer.cell.discount
      let variances = try [answer.cell.baseline.rawValue, "none"].map {
        try Self.enumerated(
          "policy-gradient:gamma=\(discount):baseline=\($0)", in: condition, seed: answer.seed
        ).variance
      }
      let ratio = variances[0] / variances[1]
      #expect(abs(answer.outcome.quantity - ratio) < 1e-9, "\(answer)")
      if abs(ratio - 1) > 1e-9 { #expect(answer.outcome.holds == (ratio < 1)) }
    }
  }

  /// Near a student of equal probabilities a token's score has one length: the mean is the optimum.
  @Test func meanIsTheOptimumOfAUniformStudent() throws {
    let condition = Condition.sequences("tabular", initialization: "zeros")
    let answers = try BaselineVariance().trial(condition).answers()
    for seed in [UInt64(1), 2] {
      let own = answers.filter { $0.seed == seed && $0.cell.discount == 0 }
      #expect(own.count == 2 && own.allSatisfy { $0.outcome.holds })
      #expect(abs(own[0].outcome.quantity - own[1].outcome.quantity) < 1e-12)
    }
  }

  @Test(arguments: ["markov", "markov:order=0"])
  func tokenVersusSequenceIsExact(_ student: String) throws {
    let condition = Condition.sequences(
      "markov:size=3:length=4", student: student, initialization: "normal")
    let logTen = VectorKernels.best.logarithms([10])[0]
    for answer in try TokenVersusSequence().trial(condition).answers() {
      let cell = answer.cell
      func look(_ discount: Double, _ baseline: String) throws -> (bias: Double, variance: Double) {
        let moments = try Self.enumerated(
          "policy-gradient:gamma=\(discount):baseline=\(baseline)", in: condition, seed: answer.seed
        )
        let prepared = try PreparedSignal("seq-rkl", in: condition)
        let exact = try prepared.moments(at: try SequencePoint(prepared.setup, seed: answer.seed))
        let square = zip(moments.mean, exact.mean).reduce(0) {
          $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
        }
        return (square, moments.variance)
      }
      let (own, rival) = (
        try look(cell.discount, "none"), try look(1, cell.baseline.rawValue)
      )
      let samples = Double(cell.samples)
      let errors = [own, rival].map { $0.bias + $0.variance / samples }
      let (value, first, second) =
        switch cell.property {
        case .variance: (own.variance, own.variance, rival.variance)
        case .bias: (own.bias, own.bias, own.variance)
        case .error: (errors[0] / errors[1], errors[0], errors[1])
        }
      let log = VectorKernels.best.logarithms([value])[0] / logTen
      #expect(abs(answer.outcome.quantity - log) < 1e-8, "\(answer)")
      if abs(first / second - 1) > 1e-9 { #expect(answer.outcome.holds == (first < second)) }
    }
  }

  /// The student of order 0 that the teacher's prefixes and forward KL make is the mean of its tokens.
  private static func projected(
    _ condition: Condition, seed: UInt64
  ) throws -> (space: JointSpace, student: StudentTable) {
    let space = try condition.sequenceSetup(signal: "seq-fkl").space(seed: seed)
    let logits = VectorKernels.best.logarithms(space.projectedTeacher())
    return (space, StudentTable(logits, vocabularySize: space.vocabularySize))
  }

  @Test func forwardKLAtTheTeachersPrefixesIsLeast() throws {
    var condition = Condition.sequences(
      "markov:order=2:size=3:length=6:sigma=2", student: "markov:order=0", learningRate: 0.2)
    condition.schedule = "cosine"
    for answer in try PrefixDirection().trial(condition).answers(of: [1])
    where answer.cell.measure == "seq_fkl" && answer.cell.common == "fkl" {
      #expect(answer.outcome.holds && answer.outcome.quantity < 0)
    }
    let signal = try PreparedSignal(
      "gkd:lambda=0:objective=fkl", in: condition, epochs: 300)
    let (space, student) = try Self.projected(condition, seed: 1)
    var (evaluator, gradient) = (
      SequenceForwardKL(.none).evaluator(in: space), student.logits
    )
    let least = evaluator.loss(at: student, gradient: &gradient)
    let record = try signal.lastRecord(seed: 1)
    #expect(abs((record["seq_fkl"] ?? .nan) - least) < 1e-6)
    #expect(
      abs((record["seq_rkl"] ?? .nan) - CostToGo(space: space).values(at: student)[0][0]) < 1e-3)
  }

  /// The void mass that forward KL leaves in a student of order 0 is known.
  @Test func excessOfForwardKLIsThatOfTheMeanStudent() throws {
    var condition = Condition.sequences(
      "markov:order=2:size=3:length=6:sigma=2", student: "markov:order=0", learningRate: 0.2)
    condition.schedule = "cosine"
    let answers = try SequenceModeSeeking().trial(condition).answers(of: [1])
    let answer = try #require(
      answers.first { $0.cell.question == .excess && $0.cell.signal == "seq-fkl" })
    let (space, student) = try Self.projected(condition, seed: 1)
    var (ofStudent, ofTeacher) = (0.0, 0.0)
    let kernels = VectorKernels.best
    let limit = -kernels.logarithms([100 * 729])[0]
    try SequenceTree(space, endingWith: nil).visit { tokens, states in
      let logs = space.logProbabilities(of: tokens, states, student: student)
      guard logs.teacher < limit else { return }
      let values = kernels.exponentials([logs.student, logs.teacher])
      ofStudent += values[0]
      ofTeacher += values[1]
    }
    #expect(abs(answer.outcome.quantity - (ofStudent - ofTeacher)) < 1e-4)
  }

  /// Where every row is met at the first positions, as in a chain of one state, all parts teach all.
  @Test func partsOfPositionsSumToAll() throws {
    let condition = Condition.sequences(
      "markov:order=1:size=3:length=10", student: "markov:order=1")
    let prepared = try PreparedSignal("seq-rkl", in: condition)
    let point = try SequencePoint(prepared.setup, seed: 3)
    let gradients = try ["", ":part=first", ":part=last:share=0.7"].map {
      try point.gradient(of: SequenceCatalog.objective("gkd:lambda=1:objective=rkl" + $0))
    }
    for index in gradients[0].indices {
      #expect(abs(gradients[1][index] + gradients[2][index] - gradients[0][index]) < 1e-12)
    }
  }

  /// With own logits at every prefix the first position moves the first row alone.
  @Test func ownRowsAreMovedAtTheirPositionsOnly() throws {
    let condition = Condition.sequences("tabular:size=2:length=7")
    let answers = try PositionBias().trial(condition).answers(of: [1])
    #expect(answers.count == 4)
    let prepared = try PreparedSignal(
      "gkd:lambda=1:objective=rkl:part=first", in: condition, epochs: 100)
    let start = try SequencePoint(prepared.setup, seed: 1).student
    let end = try prepared.lastStudent(seed: 1)
    // The histories of 0 and 1 tokens are the first 3 rows.
    for row in 0..<start.logits.count / 2 {
      let moved = (0..<2).contains { start.logits[2 * row + $0] != end.logits[2 * row + $0] }
      #expect(moved == (row < 3))
    }
  }
}
