// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimNumerics
import KLSimTestSupport
import Testing

@testable import KLSimSequences

/// Expectations of the policy gradient, by enumeration.
@Suite struct PolicyGradientTests {
  @Test(arguments: SmallCase.all, ["none", "token-kl", "value", "optimal"])
  func baselinesOfPrefixesLeaveItUnbiased(_ small: SmallCase, _ baseline: String) throws {
    let (space, student) = (try small.space(), try small.student())
    let moments = try space.moments(of: "policy-gradient:baseline=\(baseline)", at: student)
    let reverse = try exact("seq-rkl", in: space, at: student).gradient
    #expect(worstGap(moments.mean, reverse) < 1e-12)
  }

  @Test(arguments: SmallCase.all, [0, 0.4, 0.9])
  func discountedRewardToGo(_ small: SmallCase, _ gamma: Double) throws {
    let (space, student) = (try small.space(), try small.student())
    var gradient = [Double](repeating: 0, count: student.logits.count)
    for written in Written.all(in: space, at: student, endingWith: small.ends.student) {
      let q = exponential(written.logQ)
      var (toGo, weights) = (0.0, [Double]())
      for logs in written.logs.reversed() {
        toGo = logs.p - logs.q + gamma * toGo
        weights.insert(-q * toGo, at: 0)
      }
      written.addScores(weights, at: student, to: &gradient)
    }
    for baseline in ["none", "token-kl", "value", "optimal"] {
      let text = "policy-gradient:gamma=\(gamma):baseline=\(baseline)"
      #expect(worstGap(try space.moments(of: text, at: student).mean, gradient) < 1e-12)
    }
    guard gamma == 0 else { return }
    let tokens = try exact("gkd:lambda=1:objective=rkl", in: space, at: student).gradient
    #expect(worstGap(tokens, gradient) < 1e-12)
  }

  /// Over all batches of two: the mean of the batch, of which each sequence is a half, leaves half of the gradient
  /// of sequences of one length; the other sequence alone leaves all of it.
  @Test(arguments: SmallCase.few)
  func baselinesOfTheBatch(_ small: SmallCase) throws {
    let (space, student) = (try small.space(), try small.student())
    let all = Written.all(in: space, at: student, endingWith: small.ends.student)
    let reverse = try exact("seq-rkl", in: space, at: student).gradient
    for (baseline, share) in [("leave-one-out", 1.0), ("mean", 0.5)]
    where share == 1 || small.ends.student == nil {
      var estimator = try SequenceCatalog.estimator("policy-gradient:baseline=\(baseline)")
        .component.estimator(in: space)
      var mean = reverse.map { _ in 0.0 }
      for first in all {
        for second in all {
          let slopes = try contribution(
            &estimator, [[first.tokens, second.tokens]], in: space, at: student)
          let probability = exponential(first.logQ + second.logQ) / 2
          for index in mean.indices { mean[index] += probability * slopes[index] }
        }
      }
      #expect(worstGap(mean, reverse.map { share * $0 }) < 1e-12)
    }
  }

  /// The optimal baseline has the least variance of those that depend on the prefix.
  @Test(arguments: SmallCase.few)
  func optimalBaselineHasTheLeastVarianceOfOneStep(_ small: SmallCase) throws {
    var small = small
    (small.length, small.orders) = (1, (0, 0))
    let (space, student) = (try small.space(), try small.student())
    let variances = try ["none", "token-kl", "value"].map {
      try space.moments(of: "policy-gradient:baseline=\($0)", at: student).variance
    }
    let least = try space.moments(of: "policy-gradient:baseline=optimal", at: student).variance
    for variance in variances { #expect(least <= variance + 1e-14) }
  }
}
