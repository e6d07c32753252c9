// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimCore
import KLSimNumerics
import KLSimTestSupport
import Testing

@testable import KLSimSequences

@Suite struct DivergenceRewardTests {
  /// h(ρ) of a divergence E_q[h(q/p)].
  static let divergences: [(String, @Sendable (Double) -> Double)] = [
    ("fkl", { -log($0) / $0 }),
    ("rkl", { log($0) }),
    ("js", { (log(2 / (1 + $0)) / $0 + log(2 * $0 / (1 + $0))) / 2 }),
    ("tvd", { abs(1 - 1 / $0) / 2 }),
    ("hellinger", { (1 - 1 / $0.squareRoot()) * (1 - 1 / $0.squareRoot()) / 2 }),
    ("chi2-pearson", { (1 / $0 - 1) * (1 / $0 - 1) }),
    ("chi2-neyman", { ($0 - 1) * ($0 - 1) / $0 }),
    ("triangular", { (1 - $0) * (1 - $0) / ($0 + $0 * $0) }),
    (
      "\"alpha:alpha=0.3\"",
      { (Foundation.pow($0, -0.3) - 0.3 / $0 - 0.7) / (0.3 * -0.7) }
    ),
  ]

  @Test(arguments: SmallCase.several)
  func expectations(_ model: SmallCase) throws {
    let (space, student) = (try model.space(), try model.student())
    for (divergence, h) in Self.divergences {
      let exact = try exact("gkd:lambda=1:objective=\(divergence)", in: space, at: student).gradient
      let signal = "f-reward:objective=\(divergence)"
      let corrected = try space.moments(of: "\(signal):corrected=true", at: student).mean
      #expect(worstGap(corrected, exact) < 1e-12, "\(divergence)")
      let naive = try space.moments(of: signal, at: student).mean
      let expected = space.expectation(at: student) { h(Foundation.exp(-$0.rewards[$1])) }
      #expect(worstGap(naive, expected) < 1e-12, "\(divergence)")
      // Reverse KL alone survives.
      #expect((worstGap(naive, exact) < 1e-12) == (divergence == "rkl"), "\(divergence)")
      let toGo = try space.moments(of: "\(signal):gamma=0.5", at: student).mean
      let discounted = space.expectation(at: student) { sample, step in
        sample.rewards[step...].reversed().reduce(0) { h(Foundation.exp(-$1)) + 0.5 * $0 }
      }
      #expect(worstGap(toGo, discounted) < 1e-12, "\(divergence)")
    }
  }

  /// With γ = 1 the student's prefixes are differentiated, too.
  @Test(arguments: SmallCase.several, ["fkl", "js", "hellinger", "chi2-neyman"])
  func correctedToGoIsTheGradientOfTheWholeLoss(
    _ model: SmallCase, _ divergence: String
  ) throws {
    let (space, student) = (try model.space(), try model.student())
    let loss = "gkd:lambda=1:objective=\(divergence)"
    let differences = try centralDifferences(at: student) {
      try exact(loss, in: space, at: $0).value
    }
    let mean = try space.moments(
      of: "f-reward:objective=\(divergence):corrected=true:gamma=1", at: student
    ).mean
    #expect(worstGap(mean, differences) < 1e-8)
  }

  @Test func reverseKLToGoIsThePolicyGradient() throws {
    let model = SmallCase.ended
    let (space, student) = (try model.space(), try model.student())
    let mean = try space.moments(of: "f-reward:objective=rkl:gamma=1", at: student)
    let other = try space.moments(of: "policy-gradient", at: student)
    #expect(worstGap(mean.mean, other.mean) < 1e-14)
    #expect(abs(mean.variance - other.variance) < 1e-13)
  }

  @Test(arguments: ["topk-kl", "\"fkl:temperature=2\"", "akl", "sinkhorn"])
  func refused(_ objective: String) {
    #expect(throws: SpecificationError.self) {
      try SequenceCatalog.estimator("f-reward:objective=\(objective)")
    }
  }

  @Test func infiniteDivergenceIsRefused() throws {
    let histories = try Histories(vocabularySize: 2, order: 0)
    let world = World(histories: histories, length: 1, logWeights: [0, -.infinity])
    let space = try JointSpace(world, studentHistories: histories, studentEndToken: nil)
    let student = StudentTable([0, 0], vocabularySize: 2)
    #expect(throws: SetupError.self) {
      try space.moments(of: "f-reward:objective=rkl", at: student)
    }
    let mean = try space.moments(of: "f-reward:objective=fkl:corrected=true", at: student).mean
    #expect(worstGap(mean, [-0.5, 0.5]) < 1e-15)
  }
}
