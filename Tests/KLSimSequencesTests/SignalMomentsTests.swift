// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimNumerics
import KLSimTestSupport
import Testing

@testable import KLSimSequences

/// What is said of a signal's gradient, and of which steps it holds.
@Suite struct SignalMomentsTests {
  /// The second world ends sequences, so that a mean over the tokens of a step depends on all of them.
  @Test(
    arguments: [
      ("seqkd", nil, nil), ("policy-gradient", nil, nil),
      ("policy-gradient:baseline=value", nil, nil),
      ("policy-gradient:baseline=mean", .others, .others),
      ("policy-gradient:baseline=leave-one-out", .others, .others),
      ("minillm", nil, nil), ("minillm:whiten=true", .others, .others),
      ("minillm:reduction=token-mean", nil, .others),
      ("gkd-samples", nil, nil), ("gkd-samples:mixing=coin", .writers, .writers),
      ("gkd-samples:mixing=coin:lambda=1", nil, nil),
      ("gkd-samples:mixing=coin:reduction=token-mean", .writers, .others),
      ("speculative:reduction=token-mean", nil, .others),
      ("sparse-teacher:tau=0.5:k=1000", nil, nil), ("kl-estimator:lag=3", nil, nil),
      ("promptkd:rate=0", nil, nil), ("promptkd", .memory, .memory),
      ("score-climbing", .memory, .memory), ("snis", nil, nil),
    ] as [(String, SampleDependence?, SampleDependence?)])
  func dependence(_ text: String, _ plain: SampleDependence?, _ ending: SampleDependence?) throws {
    let signal = try SequenceCatalog.estimator(text).component
    #expect(signal.dependence(in: SmallModel.all[0].space) == plain)
    #expect(signal.dependence(in: SmallModel.all[2].space) == ending)
  }

  @Test(arguments: [
    "policy-gradient:baseline=leave-one-out", "minillm:whiten=true", "gkd-samples:mixing=coin",
    "promptkd", "score-climbing",
  ])
  func dependentSamplesHaveNoVarianceOfTheirOwn(_ text: String) throws {
    let model = SmallModel.all[3]
    let moments = try SignalMoments(
      of: SequenceCatalog.estimator(text).component, in: model.space, at: model.student,
      samples: 20,
      draws: 2000, seed: 1)
    let exact = try model.gradient(of: "seq-rkl")
    let comparison = GradientComparison(moments, exact: exact)
    #expect(moments.sampleVariance == nil && comparison.sampleVariance == nil)
    #expect(comparison.worthwhileSamples == nil)
    #expect(comparison.breakEvenSamples(with: comparison) == nil)
    #expect(comparison.meanSquaredError(samples: 20) > comparison.bias * comparison.bias)
  }

  /// The variance of the leave-one-out baseline falls faster than 1/n.
  @Test func stepsOfDependentSamplesHaveTheirOwnVariance() throws {
    let model = SmallModel.all[3]
    let signal = try SequenceCatalog.estimator("policy-gradient:baseline=leave-one-out").component
    let scaled = try [2, 50].map {
      try SignalMoments(
        of: signal, in: model.space, at: model.student, samples: $0, draws: 40_000, seed: 1
      ).variance
    }
    #expect(scaled[0] > 1.2 * scaled[1])
  }

  /// Independent samples are drawn as often as was asked for, whatever the number of samples a step; others in
  /// at least 64 steps.
  @Test(arguments: [(1, 640), (10, 640), (100, 640), (10_000, 640)])
  func draws(_ samples: Int, _ draws: Int) throws {
    let world = "markov:order=1:size=3:length=12"
    for (signal, expected) in [
      ("kl-estimator", draws), ("policy-gradient:baseline=mean", max(64 * max(2, samples), draws)),
    ] {
      let setup = try SequenceSetup(["teacher": world, "signal": signal], epochs: 0)
      let space = try setup.space(seed: 1)
      let student = StudentTable(try setup.start(in: space, nil, seed: 1), vocabularySize: 3)
      let moments = try setup.signal.component.moments(
        in: space, at: student, samples: max(2, samples), draws: draws, seed: 1)
      #expect(moments.sampleCount == expected)
    }
  }

  /// Chains that have run have the mean and the variance of the teacher's scores, within 4 standard errors of the
  /// mean and 20 % of the variance.
  @Test(arguments: SmallCase.few, [2, 4])
  func chainsAtRest(_ small: SmallCase, _ candidates: Int) throws {
    let (space, student) = (try small.space(), try small.student())
    let signal = try SequenceCatalog.estimator("score-climbing:candidates=\(candidates)").component
    let moments = try SignalMoments(
      of: signal, in: space, at: student, samples: 50, draws: 40_000, seed: 3)
    let forward = try space.moments(of: "seqkd", at: student)
    #expect(distance(moments.mean, forward.mean) < 4 * moments.standardError)
    #expect(abs(moments.variance / forward.variance - 1) < 0.2)
    // Steps that follow each other say less than as many independent ones.
    let independent = (moments.variance / Double(moments.sampleCount ?? 1)).squareRoot()
    #expect(moments.standardError > 0.8 * independent)
  }

  /// `c = ⟨m, g⟩/⟨m, m⟩` and `‖c m − g‖/‖g‖`, by hand.
  @Test func theBestFactor() throws {
    let comparison = GradientComparison(SignalMoments(mean: [2, 0], variance: 1), exact: [1, 1])
    #expect(comparison.scale == 0.5)
    #expect(abs(try #require(comparison.directionBias) - 0.5.squareRoot()) < 1e-15)
    #expect(abs(comparison.bias - 2.squareRoot()) < 1e-15)
    let none = GradientComparison(SignalMoments(mean: [0, 0], variance: 1), exact: [1, 1])
    #expect(none.scale == nil && none.directionBias == nil && none.cosine == nil)
  }

  /// A mean over tokens is the gradient of sums at 1/T where all sequences have T tokens, and has another direction
  /// where they end.
  @Test(arguments: SmallModel.all)
  func meansOverTokensAreAnotherScale(_ model: SmallModel) throws {
    let exact = try model.gradient(of: "gkd:lambda=1:objective=rkl")
    let moments = try model.moments(
      of: "gkd-samples:lambda=1:objective=rkl:reduction=seq-mean-token-mean")
    let comparison = GradientComparison(moments, exact: exact)
    let (scale, bias) = (
      try #require(comparison.scale), try #require(comparison.directionBias)
    )
    let cosine = try #require(comparison.cosine)
    #expect(abs(bias * bias + cosine * cosine - 1) < 1e-12)
    let hasEnd = model.space.studentEndToken != nil
    #expect((abs(scale - Double(model.space.length)) < 1e-12) == !hasEnd)
    #expect((bias < 1e-12) == !hasEnd)
  }

  /// At the number of samples where two errors meet they are the same.
  @Test func errorsMeet() throws {
    func comparison(bias: Double, variance: Double) -> GradientComparison {
      GradientComparison(SignalMoments(mean: [1 + bias], variance: variance), exact: [1])
    }
    let (plain, biased) = (comparison(bias: 0, variance: 9), comparison(bias: 0.5, variance: 4))
    #expect(plain.breakEvenSamples(with: biased) == 20)
    #expect(biased.breakEvenSamples(with: plain) == 20)
    #expect(abs(plain.meanSquaredError(samples: 20) - biased.meanSquaredError(samples: 20)) < 1e-15)
    #expect(plain.breakEvenSamples(with: comparison(bias: 0, variance: 4)) == nil)
    #expect(plain.breakEvenSamples(with: comparison(bias: 0.5, variance: 10)) == nil)
    #expect(biased.worthwhileSamples == 16 && plain.worthwhileSamples == nil)
  }

  @Test func refusals() throws {
    let single = try SequenceCatalog.estimator("policy-gradient:baseline=leave-one-out").component
    let space = SmallModel.all[0].space
    #expect(throws: SetupError.self) { try SampledSource(single, in: space, samples: 1) }
    #expect(throws: SetupError.self) { try single.check(samples: 1) }
    try single.check(samples: 2)
    let stale = try SequenceCatalog.estimator("kl-estimator:lag=2").component
    #expect(throws: SetupError.self) { try stale.check(updates: 0) }
    try stale.check(updates: 1)
    try SequenceCatalog.estimator("kl-estimator").component.check(updates: 0)
  }
}
