// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimNumerics
import KLSimTestSupport
import Testing

@testable import KLSimCore
@testable import KLSimClaims

/// How far a student is from its teacher on some tokens, worked out by hand.
@Suite struct ErrorMeasureTests {
  private static func error(
    _ measure: ErrorMeasure, _ state: FitState, over ranks: Range<Int>
  ) -> Double {
    measure.error(of: Snapshot(epoch: 0, state), to: state.teacher, over: ranks)
  }

  private static let logOfTwo = log(2.0)
  private static let logOfThreeHalves = log(1.5)
  /// ½ log 2 − ¼; ⅜ log 3/2 − ⅛ log 4 + ¼.
  private static let forward = (
    head: logOfTwo / 2 - 0.25, tail: 0.375 * logOfThreeHalves - logOfTwo / 4 + 0.25
  )
  /// ¼ − ¼ log 2; ½ log 4 − ¼ log 3/2 − ¼.
  private static let reverse = (
    head: 0.25 - logOfTwo / 4, tail: logOfTwo - logOfThreeHalves / 4 - 0.25
  )

  /// p = 1/2, 3/8, 1/8 and q = 1/4, 1/4, 1/2; on the head of one token and on the tail of two.
  static let worked: [(measure: ErrorMeasure, head: Double, tail: Double)] = [
    (.absolute, 1.0 / 4, 1.0 / 2),
    // |1/2 − 1|; the mean of |2/3 − 1| and |4 − 1|
    (.relative, 1.0 / 2, 5.0 / 3),
    // the mean of log 3/2 and log 4
    (.logRatio, logOfTwo, (logOfTwo + logOfThreeHalves) / 2 + logOfTwo / 2),
    (.forwardKL, forward.head, forward.tail), (.reverseKL, reverse.head, reverse.tail),
    (.share, 1.0 / 3, 2.0 / 3),
  ]

  @Test(arguments: worked)
  func threeTokens(measure: ErrorMeasure, head: Double, tail: Double) throws {
    let state = try FitState(p: [0.5, 0.375, 0.125], q: [0.25, 0.25, 0.5])
    let errors = [0..<1, 1..<3].map { Self.error(measure, state, over: $0) }
    #expect(worstGap(errors, [head, tail]) <= 1e-15)
  }

  @Test func thereIsAWorkedValueOfEveryMeasure() {
    #expect(Self.worked.map(\.measure) == ErrorMeasure.allCases)
    for measure in ErrorMeasure.allCases {
      #expect(ErrorMeasure.summary.contains(measure.rawValue))
    }
  }

  /// Both sides together are the divergences of all tokens.
  @Test(arguments: RandomCase.all([.moderate], sizes: [2, 3, 80]))
  func partsMakeTheWhole(test: RandomCase) throws {
    let state = try FitState(test.weights, logits: test.logits)
    let size = state.teacher.size
    for cut in Set([1, size / 2, size - 1]) {
      func sum(_ measure: ErrorMeasure) -> Double {
        Self.error(measure, state, over: 0..<cut) + Self.error(measure, state, over: cut..<size)
      }
      let wholes = [
        (ErrorMeasure.absolute, 2 * state.totalVariation), (.forwardKL, state.forwardKL),
        (.reverseKL, state.reverseKL), (.share, 1),
      ]
      for (measure, whole) in wholes { #expect(abs(sum(measure) - whole) <= 1e-13 * (1 + whole)) }
    }
  }

  /// Every token alone has an error above 0 where q differs from p.
  @Test(arguments: RandomCase.all([.moderate], sizes: [2, 80]))
  func noTokenMakesUpForAnother(test: RandomCase) throws {
    let state = try FitState(test.weights, logits: test.logits)
    for measure in ErrorMeasure.allCases {
      for rank in 0..<state.teacher.size
      where state.probabilities[rank] != state.teacher.probabilities[rank] {
        // The parts of the divergences are of second order: rounding alone may be left of them.
        #expect(Self.error(measure, state, over: rank..<rank + 1) > -1e-16)
      }
      let error = Self.error(measure, state, over: 0..<state.teacher.size)
      #expect(error > 0)
    }
  }

  @Test(arguments: ErrorMeasure.allCases.filter { $0 != .share })
  func theTeacherItselfHasNoError(measure: ErrorMeasure) throws {
    let teacher = try Catalog.teacher("longtail").distribution(seed: 1)
    let state = FitState(teacher: teacher, logits: teacher.logProbabilities)
    for ranks in [0..<47, 47..<80] {
      #expect(abs(Self.error(measure, state, over: ranks)) <= 1e-14)
    }
  }

  /// p = 1, e⁻⁸⁰⁰ and q = 1, e⁻⁸⁰¹: both are 0 in doubles, and their ratio is 1/e.
  @Test func ratiosAreKeptWhereProbabilitiesUnderflow() throws {
    let state = try FitState(.logarithmic([0, -800]), logits: [0, -801])
    let tail = 1..<2
    #expect(state.teacher.probabilities[1] == 0 && state.probabilities[1] == 0)
    #expect(abs(Self.error(.relative, state, over: tail) - (1 - exp(-1))) <= 1e-12)
    #expect(abs(Self.error(.logRatio, state, over: tail) - 1) <= 1e-12)
    for measure in [ErrorMeasure.absolute, .forwardKL, .reverseKL] {
      #expect(Self.error(measure, state, over: tail) == 0)
    }
  }

  /// Of two students one has lost most of the tail and the other has nearly twice too much of it: which is
  /// nearer hangs on the measure.
  @Test func measuresDisagree() throws {
    let p = [0.5, 0.25, 0.25]
    let lost = try FitState(p: p, q: [0.9, 0.05, 0.05])
    let full = try FitState(p: p, q: [0.02, 0.49, 0.49])
    let nearer = ErrorMeasure.allCases.filter {
      Self.error($0, lost, over: 1..<3) < Self.error($0, full, over: 1..<3)
    }
    // A token's 0.2 against 0.24, and 0.8 against 0.96 of p; but log 5 against log 1.96.
    #expect(nearer == [.absolute, .relative])
  }
}
