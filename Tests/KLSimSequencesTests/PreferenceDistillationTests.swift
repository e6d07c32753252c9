// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimNumerics
import KLSimTestSupport
import Testing

@testable import KLSimSequences

/// DPKD as its loss is printed.
@Suite struct PreferenceDistillationTests {
  private static func logSigmoid(_ x: Double) -> Double { -VectorKernels.best.logSumExp([0, -x]) }

  /// The loss of a chosen and a rejected sequence, without joint states.
  private static func loss(
    _ chosen: [Int], _ rejected: [Int], b: Double, isNormalized: Bool, _ small: SmallCase,
    at student: StudentTable
  ) throws -> Double {
    let space = try small.space()
    func score(_ tokens: [Int], _ end: Int?) throws -> Double {
      let all = Written.all(in: space, at: student, endingWith: end)
      let written = try #require(all.first { $0.tokens == tokens })
      return (written.logQ - written.logP) / (isNormalized ? Double(tokens.count) : 1)
    }
    return -logSigmoid(
      b * (try score(chosen, small.ends.teacher) - score(rejected, small.ends.student)))
  }

  @Test func workedValue() throws {
    let space = try WorkedModel.space()
    var estimator = try SequenceCatalog.estimator("dpkd").component.estimator(in: space)
    let gradient = try contribution(
      &estimator, [[[0, 0]], [[1, 1]]], in: space, at: WorkedModel.student)
    let expected = [-0.025472578934, -0.010840046581, -0.014005689897]
    #expect(worstGap(gradient, expected.flatMap { [$0, -$0] }) < 1e-10)
  }

  @Test(arguments: SmallCase.few, [(0.1, true), (2, false), (1.5, true)])
  func gradientsOfGivenPairsAreCentralDifferences(
    _ small: SmallCase, _ keys: (b: Double, isNormalized: Bool)
  ) throws {
    let (space, student) = (try small.space(), try small.student())
    var estimator = try SequenceCatalog.estimator(
      "dpkd:b=\(keys.b):length-normalize=\(keys.isNormalized)"
    ).component.estimator(in: space)
    let chosen = Written.all(in: space, at: student, endingWith: small.ends.teacher)
    let rejected = Written.all(in: space, at: student, endingWith: small.ends.student)
    for (place, written) in chosen.enumerated() {
      let other = rejected[(place * 3 + 1) % rejected.count]
      let gradient = try contribution(
        &estimator, [[written.tokens], [other.tokens]], in: space, at: student)
      let differences = try centralDifferences(at: student) {
        try Self.loss(
          written.tokens, other.tokens, b: keys.b, isNormalized: keys.isNormalized, small, at: $0)
      }
      #expect(worstGap(gradient, differences) < 1e-9)
    }
  }

  /// The expectation of the code's form is a sum over the teacher's sequences of the gradient of
  /// `−log σ(b log ratio)` of the two most probable tokens.
  @Test(arguments: SmallCase.few, [true, false])
  func theFormOfTheCode(_ small: SmallCase, _ isNormalized: Bool) throws {
    let (space, student) = (try small.space(), try small.student())
    let size = space.vocabularySize
    let all = Written.all(in: space, at: student, endingWith: small.ends.teacher)
    func best(_ table: [Double], _ row: Int) -> Int {
      (0..<size).max { table[row * size + $0] < table[row * size + $1] } ?? 0
    }
    func loss(_ moved: StudentTable) -> Double {
      var sum = 0.0
      for written in all {
        let p = exponential(written.logP) / (isNormalized ? Double(written.tokens.count) : 1)
        for (step, row) in written.rows.enumerated() {
          let own = space.world.histories.history(
            of: written.tokens[..<step].suffix(space.world.histories.order))
          let pair = [best(space.world.probabilities, own), best(student.probabilities, row)]
          let ratios = pair.map {
            moved.logProbabilities[row * size + $0] - space.world.logProbabilities[own * size + $0]
          }
          sum -= p * Self.logSigmoid(0.7 * (ratios[0] - ratios[1]))
        }
      }
      return sum
    }
    let text = "dpkd:form=code:b=0.7:length-normalize=\(isNormalized)"
    let mean = try space.moments(of: text, at: student).mean
    #expect(worstGap(mean, centralDifferences(at: student, of: loss)) < 1e-9)
  }

  /// Where the most probable tokens coincide the code's form has no gradient.
  @Test func theFormOfTheCodeStandsStillAtTheTeachersMode() throws {
    let small = SmallCase(size: 3, length: 3, orders: (1, 1))
    let space = try small.space()
    let student = StudentTable(
      space.world.logProbabilities.map { 3 * $0 }, vocabularySize: 3)
    #expect(largest(try space.moments(of: "dpkd:form=code", at: student).mean) == 0)
    #expect(try exact("seq-fkl", in: space, at: student).value > 0.1)
  }
}
