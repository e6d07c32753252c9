// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimNumerics
import KLSimTestSupport
import Testing

@testable import KLSimSequences

/// A teacher that adapts to its student.
@Suite struct PromptAdaptationTests {
  @Test(arguments: SmallCase.few)
  func aTeacherThatStaysGivesReverseKLOfTokens(_ small: SmallCase) throws {
    let (space, student) = (try small.space(), try small.student())
    let mean = try space.moments(of: "promptkd:rate=0", at: student).mean
    let tokens = try exact("gkd:lambda=1:objective=rkl", in: space, at: student).gradient
    #expect(worstGap(mean, tokens) < 1e-12)
  }

  private static func softmax(_ logits: [Double], _ size: Int) -> StudentTable {
    StudentTable(logits, vocabularySize: size)
  }

  private static func reverse(_ q: ArraySlice<Double>, _ p: ArraySlice<Double>) -> Double {
    zip(q, p).reduce(0) { sum, pair in
      let logs = VectorKernels.best.logarithms([pair.0, pair.1])
      return sum + pair.0 * (logs[0] - logs[1])
    }
  }

  /// Three steps on given sequences: φ moves down the central differences of
  /// `Σ_t KL(q‖p_φ) + ρ KL(p‖p_φ)`, ρ = 1, ½, 0, then the student's gradient is that of `Σ_t KL(q‖p_φ)`.
  @Test(arguments: SmallCase.few)
  func stepsDescendTheirLosses(_ small: SmallCase) throws {
    let (space, student) = (try small.space(), try small.student())
    let size = space.vocabularySize
    var estimator: any SignalEstimator = AdaptedTeacher(space, rate: 0.3, steps: 2)
    let all = Written.all(in: space, at: student, endingWith: small.ends.student)
    let batch = [all[1], all[all.count - 1]]
    let places = batch.flatMap { written in
      written.tokens.indices.map { step in
        (
          row: written.rows[step],
          own: space.world.histories.history(
            of: written.tokens[..<step].suffix(space.world.histories.order))
        )
      }
    }
    let teacher = space.world
    var offsets = teacher.logProbabilities.map { _ in 0.0 }
    for rho in [1, 0.5, 0] {
      func loss(_ adapted: StudentTable, _ student: StudentTable, rho: Double) -> Double {
        places.reduce(0) { sum, place in
          let (own, row) = (place.own * size..<(place.own + 1) * size, place.row * size)
          let q = student.probabilities[row..<row + size]
          return sum + Self.reverse(q, adapted.probabilities[own])
            + rho * Self.reverse(teacher.probabilities[own], adapted.probabilities[own])
        }
      }
      func adapted(_ offsets: [Double]) -> StudentTable {
        StudentTable(
          zip(teacher.logProbabilities, offsets).map { $0 + $1 }, vocabularySize: size)
      }
      let slopes = centralDifferences(at: adapted(offsets)) { loss($0, student, rho: rho) }
      let gradient = try contribution(
        &estimator, [batch.map(\.tokens)], in: space, at: student)
      for index in offsets.indices { offsets[index] -= 0.3 * slopes[index] / 2 }
      let found = try #require(estimator as? AdaptedTeacher).offsets
      #expect(worstGap(found, offsets) < 1e-8)
      let differences = centralDifferences(at: student) { loss(adapted(offsets), $0, rho: 0) }
      #expect(worstGap(gradient, differences) < 1e-7)
    }
  }

  /// Once ρ is 0 the teacher comes to the student, at whatever it writes.
  @Test func theTeacherComesToAStudentThatStays() throws {
    let small = SmallCase(size: 3, length: 3, orders: (1, 1))
    let (space, student) = (try small.space(), try small.student())
    let signal = try SequenceCatalog.estimator("promptkd:rate=1:steps=1").component
    var source = try SampledSource(signal, in: space, samples: 50)
    var gradient = student.logits
    for step in 0..<400 { source.evaluate(at: student, seed: 1, step: step, gradient: &gradient) }
    #expect(largest(gradient) < 1e-9)
  }
}
