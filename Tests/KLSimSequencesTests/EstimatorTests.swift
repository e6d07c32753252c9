// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimNumerics
import KLSimTestSupport
import Testing

@testable import KLSimSequences

@Suite struct EstimatorWorkedValueTests {
  @Test(arguments: [
    ("kl-estimator:k=1", [0, 0, 0]),
    ("kl-estimator:k=2", [-0.250000000000, -0.085560409092, 0.148509943627]),
    ("kl-estimator:k=3", [-0.231058578630, -0.078308030909, 0.140446287971]),
    ("kl-estimator:k=3:clamp=0.05", [0, -0.033324568547, 0]),
    ("kl-estimator:k=1:place=reward", [-0.250000000000, -0.085560409092, 0.148509943627]),
    ("kl-estimator:k=1:place=reward:gamma=1", [-0.279531733408, -0.085560409092, 0.148509943627]),
    ("kl-estimator:k=2:place=reward", [-0.030028626740, -0.009318079820, 0.017096883232]),
    ("kl-estimator:k=3:place=reward", [-0.018941421370, -0.007252378183, 0.008063655656]),
    ("kl-estimator:k=3:place=reward:gamma=1", [-0.048473154778, -0.007252378183, 0.008063655656]),
    ("policy-gradient:gamma=0.5", [-0.264765866704, -0.085560409092, 0.148509943627]),
    ("policy-gradient:gamma=0", [-0.250000000000, -0.085560409092, 0.148509943627]),
    ("rao-blackwell", [-0.279531733408, -0.085560409092, 0.148509943627]),
    ("f-reward:objective=fkl:corrected=true", [-0.231058578630, -0.078308030909, 0.140446287971]),
    ("token-loss", [-0.250000000000, -0.085560409092, 0.148509943627]),
    (
      "token-loss:prefixes=teacher:objective=fkl",
      [-0.231058578630, -0.114495515544, 0.075543648626]
    ),
  ])
  func expectations(_ signal: String, _ slopes: [Double]) throws {
    let mean = try WorkedModel.space().moments(of: signal, at: WorkedModel.student).mean
    #expect(worstGap(mean, slopes.flatMap { [$0, -$0] }) < 1e-10)
  }

  /// 40 steps of 500 samples are within 4 standard errors of the enumerated expectation.
  @Test(arguments: [
    "kl-estimator", "kl-estimator:k=3:place=reward:gamma=1", "rao-blackwell",
    "f-reward:objective=js:corrected=true", "token-loss:prefixes=teacher:part=first:share=0.7",
    "policy-gradient:discount=start:gamma=0.9",
  ])
  func sampledMeans(_ text: String) throws {
    let model = SmallCase.ended
    let (space, student) = (try model.space(), try model.student())
    let signal = try SequenceCatalog.estimator(text).component
    let sampled = try SignalMoments(
      sampling: signal, in: space, at: student, samples: 500, steps: 40, seed: 1)
    let exact = try space.moments(of: text, at: student)
    let gap = zip(sampled.mean, exact.mean).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    #expect(gap.squareRoot() < 4 * (exact.variance / 20_000).squareRoot())
    #expect(abs(sampled.variance / exact.variance - 1) < 0.5)
    // A student that does not move writes fresh samples, whatever the lag.
    if text == "kl-estimator" {
      let stale = try SignalMoments(
        sampling: SequenceCatalog.estimator(text + ":lag=2:weights=prefix").component, in: space,
        at: student, samples: 500, steps: 40, seed: 1)
      #expect(worstGap(stale.mean, sampled.mean) < 1e-14)
    }
  }

  @Test(arguments: [
    ("policy-gradient", 0.212741112644),
    ("policy-gradient:baseline=token-kl", 0.190711316309),
    ("policy-gradient:baseline=value", 0.183999529351),
    ("rao-blackwell", 0.065463360879),
    ("policy-gradient:gamma=0", 0.073060731762),
    ("kl-estimator:k=1:place=reward", 0.073060731762),
    ("kl-estimator:k=2", 0.073060731762),
    ("kl-estimator:k=3", 0.057105354433),
  ])
  func variances(_ signal: String, _ variance: Double) throws {
    let moments = try WorkedModel.space().moments(of: signal, at: WorkedModel.student)
    #expect(abs(moments.variance - variance) < 1e-10)
  }
}

@Suite struct KLEstimatorTests {
  /// The table of gradients at student prefixes: TR, TF and what lies between.
  @Test(arguments: SmallCase.several)
  func expectations(_ model: SmallCase) throws {
    let (space, student) = (try model.space(), try model.student())
    let reverse = try exact("gkd:lambda=1:objective=rkl", in: space, at: student).gradient
    let forward = try exact("gkd:lambda=1:objective=fkl", in: space, at: student).gradient
    let square = space.expectation(at: student) { $0.rewards[$1] * $0.rewards[$1] / 2 }
    let whole = try exact("seq-rkl", in: space, at: student).gradient
    for (signal, expected) in [
      ("k=1", reverse.map { _ in 0 }), ("k=2", reverse), ("k=3", forward),
      ("k=1:place=reward", reverse), ("k=2:place=reward", square),
      ("k=3:place=reward", zip(reverse, forward).map { $0 - $1 }),
      ("k=1:place=reward:gamma=1", whole),
      ("k=3:place=reward:gamma=1", zip(whole, forward).map { $0 - $1 }),
    ] {
      let mean = try space.moments(of: "kl-estimator:\(signal)", at: student).mean
      #expect(worstGap(mean, expected) < 1e-12, "\(signal)")
    }
  }

  @Test(arguments: SmallCase.several)
  func clampCutsOff(_ model: SmallCase) throws {
    let (space, student) = (try model.space(), try model.student())
    func k3(_ ratio: Double) -> Double { student.kernels.exponentials([ratio])[0] - 1 - ratio }
    let loss = try space.moments(of: "kl-estimator:clamp=0.3", at: student).mean
    let ofLoss = space.expectation(at: student) {
      let ratio = $0.rewards[$1]
      return k3(ratio) > 0.3 ? 0 : -k3(ratio) - ratio
    }
    #expect(worstGap(loss, ofLoss) < 1e-12)
    let reward = try space.moments(
      of: "kl-estimator:place=reward:gamma=0.7:clamp=0.3", at: student
    ).mean
    let ofReward = space.expectation(at: student) { sample, step in
      sample.rewards[step...].reversed().reduce(0) { min(0.3, k3($1)) + 0.7 * $0 }
    }
    #expect(worstGap(reward, ofReward) < 1e-12)
  }

  /// Products over the prefix undo the samples' age; other weights have the expectation of their formula.
  @Test(arguments: SmallCase.several, ["k=2", "k=3", "k=3:place=reward:gamma=0.6"])
  func staleSamples(_ model: SmallCase, _ keys: String) throws {
    let (space, student) = (try model.space(), try model.student())
    let (oldest, old) = (try model.student(3), try model.student(4))
    let fresh = try space.moments(of: "kl-estimator:\(keys)", at: student).mean
    func stale(_ weights: String) throws -> [Double] {
      try space.moments(
        of: "kl-estimator:\(keys):lag=1:weights=\(weights)", at: student, after: [oldest, old]
      ).mean
    }
    #expect(worstGap(try stale("prefix"), fresh) < 1e-12)
    func k3(_ ratio: Double) -> Double { student.kernels.exponentials([ratio])[0] - 1 - ratio }
    func ratio(_ sample: Written, _ step: Int) -> Double {
      let place = sample.rows[step] * model.size + sample.tokens[step]
      return student.probabilities[place] / old.probabilities[place]
    }
    func weight(_ sample: Written, _ step: Int) -> Double {
      switch keys {
      case "k=2": -sample.rewards[step]
      case "k=3": -k3(sample.rewards[step]) - sample.rewards[step]
      default: sample.rewards[step...].reversed().reduce(0) { k3($1) + 0.6 * $0 }
      }
    }
    let none = space.expectation(at: student, writer: old, weight: weight)
    #expect(worstGap(try stale("none"), none) < 1e-12)
    let token = space.expectation(at: student, writer: old) { ratio($0, $1) * weight($0, $1) }
    #expect(worstGap(try stale("token"), token) < 1e-12)
    #expect(worstGap(token, fresh) > 1e-4)
    #expect(worstGap(none, fresh) > 1e-4)
  }

  /// Before there are `lag` updates the first student writes.
  @Test func lagCountsUpdates() throws {
    let model = SmallCase(size: 3, length: 3, seed: 2)
    let space = try model.space()
    let students = try (0..<4).map { try model.student(10 + UInt64($0)) }
    for (lag, writer) in [(1, 2), (2, 1), (3, 0), (7, 0)] {
      let mean = try space.moments(
        of: "kl-estimator:lag=\(lag)", at: students[3], after: Array(students.prefix(3))
      ).mean
      let expected = space.expectation(at: students[3], writer: students[writer]) {
        1 - students[3].kernels.exponentials([$0.rewards[$1]])[0]
      }
      #expect(worstGap(mean, expected) < 1e-12)
    }
  }

  @Test func overflowIsInfinite() throws {
    let histories = try Histories(vocabularySize: 2, order: 0)
    let world = World(histories: histories, length: 1, logWeights: [0, 0])
    let space = try JointSpace(world, studentHistories: histories, studentEndToken: nil)
    let student = StudentTable([0, -800], vocabularySize: 2)
    let k3 = ValueMoments(of: .tokens(.k3), in: space, at: student)
    #expect(k3.mean == .infinity && k3.variance == .infinity)
    let k1 = ValueMoments(of: .tokens(.k1), in: space, at: student)
    #expect(k1.mean.isFinite && k1.variance.isFinite)
    // As a loss or a reward it reaches the gradient only with a sample of that token.
    var terms = GradientTerms(space)
    var stream = RandomStream(seed: 0)
    let moment = SequenceMoment(space, student)
    for (keys, isCut) in [("k=3", false), ("place=reward", false), ("clamp=10", true)] {
      let signal = try SequenceCatalog.estimator("kl-estimator:\(keys)").component
      var estimator = try signal.estimator(in: space)
      terms.reset()
      estimator.weigh(
        [SequenceBatch([[1]], in: space)], of: estimator.draws(at: moment)[0], at: moment,
        with: &stream, into: &terms)
      #expect(terms.scores[1].magnitude == (isCut ? 0 : .infinity))
      // At −720 q is above 0, and the expectation has that sample.
      let moments = try space.moments(
        of: "kl-estimator:\(keys)", at: StudentTable([0, -720], vocabularySize: 2))
      #expect(moments.mean.allSatisfy { isCut ? $0.isFinite : $0.isInfinite })
      #expect(moments.variance.isInfinite != isCut)
      let comparison = GradientComparison(moments, exact: [0.5, -0.5])
      #expect(comparison.bias.isInfinite != isCut)
      if !isCut { #expect(comparison.cosine == nil && comparison.worthwhileSamples == nil) }
    }
  }

  /// At γ = 0 an infinite cost leaves the gradients of the tokens before it as they are.
  @Test(arguments: [
    "kl-estimator:k=1:place=reward", "policy-gradient:gamma=0",
    "policy-gradient:gamma=0:baseline=value",
  ])
  func infiniteFutureDoesNotMatter(_ signal: String) throws {
    let histories = try Histories(vocabularySize: 2, order: 1)
    func mean(_ last: Double) throws -> [Double] {
      let world = World(
        histories: histories, length: 2, logWeights: [0, 0, 0, last, 0, 0])
      let space = try JointSpace(world, studentHistories: histories, studentEndToken: nil)
      let student = StudentTable([0, 0.5, 0, 0, 0.3, 0], vocabularySize: 2)
      return try space.moments(of: signal, at: student).mean
    }
    let (infinite, finite) = (try mean(-.infinity), try mean(0))
    #expect(infinite[2...3].allSatisfy { !$0.isFinite })
    #expect(infinite[0...1] == finite[0...1] && infinite[4...] == finite[4...])
  }

  @Test(arguments: [
    "kl-estimator:gamma=0.5", "kl-estimator:weights=token", "kl-estimator:k=4",
    "kl-estimator:clamp=-1", "kl-estimator:place=reward:gamma=1.1",
  ])
  func refused(_ text: String) {
    #expect(throws: SpecificationError.self) { try SequenceCatalog.estimator(text) }
  }
}
