// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimNumerics
import KLSimTestSupport
import Testing

@testable import KLSimSequences

/// Gradients of sampled sequences.
@Suite struct SampledGradientTests {
  static let signals = [
    "seqkd", "policy-gradient", "policy-gradient:gamma=0", "policy-gradient:baseline=value",
    "dpkd", "dpkd:form=code:b=1", "snis", "promptkd:rate=0",
  ]

  /// 40,000 samples: the mean is within 4 standard errors of the expectation, and the variance within 10 %.
  @Test(arguments: SmallCase.sampled, signals)
  func meansAreWithinFourStandardErrors(_ small: SmallCase, _ text: String) throws {
    let (space, student) = (try small.space(), try small.student())
    let signal = try SequenceCatalog.estimator(text).component
    let enumerated = try space.moments(of: text, at: student)
    let sampled = try SignalMoments(
      sampling: signal, in: space, at: student, samples: 20, steps: 2000, seed: 7)
    #expect(sampled.sampleCount == 40_000)
    let distance = zip(sampled.mean, enumerated.mean).reduce(0) {
      $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
    }.squareRoot()
    #expect(distance < 4 * sampled.standardError)
    #expect(abs(sampled.variance / enumerated.variance - 1) < 0.1)
  }

  @Test(arguments: signals)
  func aStepDependsOnSeedAndNumberAlone(_ text: String) throws {
    let small = SmallCase(size: 3, length: 3, orders: (2, 1), ends: (2, 2), seed: 6)
    let (space, student) = (try small.space(), try small.student())
    let signal = try SequenceCatalog.estimator(text).component
    let other = StudentTable(student.logits.map { -$0 }, vocabularySize: 3)
    func gradients(after steps: Range<Int>, seed: UInt64) throws -> [Double] {
      var source = try SampledSource(signal, in: space, samples: 50)
      var gradient = student.logits
      for step in steps { source.evaluate(at: other, seed: 9, step: step, gradient: &gradient) }
      source.evaluate(at: student, seed: seed, step: 5, gradient: &gradient)
      return gradient
    }
    let alone = try gradients(after: 0..<0, seed: 4)
    #expect(try gradients(after: 0..<5, seed: 4) == alone)
    #expect(try gradients(after: 0..<5, seed: 5) != alone)
  }
}
