// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import Testing

@testable import KLSimSequences

@Suite struct GKDSamplesTests {
  @Test(
    arguments: SmallModel.all,
    [
      "", ":lambda=0:objective=fkl", ":lambda=1:objective=rkl", ":lambda=0.3:objective=tvd",
      ":lambda=0.8:objective=skew-rkl",
    ]
  )
  func sumsAreUnbiased(_ model: SmallModel, _ keys: String) throws {
    let exact = try model.gradient(of: "gkd" + keys)
    for mixing in GKDSamples.Mixing.allCases {
      let mean = try model.moments(
        of: "gkd-samples\(keys):mixing=\(mixing.rawValue)"
      ).mean
      #expect(distance(mean, exact) < 1e-12)
    }
  }

  @Test(arguments: [
    ("gkd-samples:lambda=1:objective=rkl", [-0.25, -0.085560409092, 0.148509943627]),
    ("gkd-samples", [-0.058826864967, -0.024914400925, 0.026954747011]),
  ])
  func workedValues(_ signal: String, _ slopes: [Double]) throws {
    let model = SmallModel(try WorkedModel.space(), WorkedModel.student)
    let mean = try model.moments(of: signal).mean
    for (row, slope) in slopes.enumerated() { #expect(abs(mean[2 * row] - slope) < 1e-10) }
  }

  /// The coin has the variance of weights and that between the two kinds of sequences.
  @Test(arguments: SmallModel.all) func coinHasMoreVariance(_ model: SmallModel) throws {
    let weights = try model.moments(of: "gkd-samples").variance
    let coin = try model.moments(of: "gkd-samples:mixing=coin").variance
    let parts = try [0, 1].map { try model.moments(of: "gkd-samples:lambda=\($0)") }
    let between = distance(parts[0].mean, parts[1].mean)
    let own = (parts[0].variance + parts[1].variance) / 2
    #expect(abs(weights - own / 2) < 1e-12)
    #expect(abs(coin - (own + between * between / 4)) < 1e-12)
  }

  /// The coin is thrown once a step: more samples leave the variance between the two kinds of sequences.
  @Test(arguments: SmallModel.all) func samplesShareTheCoin(_ model: SmallModel) throws {
    let coin = try model.moments(of: "gkd-samples:mixing=coin:lambda=0.3")
    let parts = try [0, 1].map { try model.moments(of: "gkd-samples:lambda=\($0)") }
    let between = distance(parts[0].mean, parts[1].mean)
    #expect(abs(coin.sharedVariance - 0.21 * between * between) < 1e-12)
    let comparison = GradientComparison(coin, exact: coin.mean)
    let own = (0.7 * parts[0].variance + 0.3 * parts[1].variance) / 50
    #expect(abs((comparison.values(samples: 50)[1] ?? 0) - coin.sharedVariance - own) < 1e-12)
    #expect(abs(comparison.meanSquaredError(samples: 50) - coin.sharedVariance - own) < 1e-12)
    #expect(try model.moments(of: "gkd-samples:lambda=0.3").sharedVariance == 0)
  }

  /// Of one token there is nothing to sample: what cancels in the last digits is no variance.
  @Test(arguments: 1...20 as ClosedRange<UInt64>) func oneTokenHasNoVariance(_ seed: UInt64) throws
  {
    let model = try SmallModel(SmallCase(size: 3, length: 1, orders: (0, 0), seed: seed))
    for signal in ["rao-blackwell", "minillm:alpha=0", "gkd-samples"] {
      #expect(try model.moments(of: signal).variance == 0)
    }
  }

  /// Steps that are drawn have that variance: 4000 of them, whose mean square is within 4 standard errors.
  @Test func sampledSteps() throws {
    let model = SmallModel.all[3]
    let signal = try SequenceCatalog.estimator("gkd-samples:mixing=coin").component
    let enumerated = try model.moments(of: "gkd-samples:mixing=coin")
    let (shared, samples) = (enumerated.sharedVariance, 64)
    let expected = shared + (enumerated.variance - shared) / Double(samples)
    var source = try SampledSource(signal, in: model.space, samples: samples)
    var gradient = model.zeros
    var (sum, squares) = (0.0, 0.0)
    let steps = 4000
    for step in 0..<steps {
      source.evaluate(at: model.student, seed: 1, step: step, gradient: &gradient)
      let gap = distance(gradient, enumerated.mean)
      sum += gap * gap
      squares += gap * gap * gap * gap
    }
    let mean = sum / Double(steps)
    let error = ((squares / Double(steps) - mean * mean) / Double(steps)).squareRoot()
    #expect(abs(mean - expected) < 4 * error)
    #expect(abs(mean - enumerated.variance / Double(samples)) > 4 * error)
  }

  /// The temperature of sampling changes the prefixes, not the divergence.
  @Test(arguments: SmallModel.all) func samplingTemperature(_ model: SmallModel) throws {
    let tempered = StudentTable(
      model.student.logits.map { $0 / 0.5 }, vocabularySize: model.size)
    let visits = Occupancy(of: .student, in: model.space, student: tempered)
      .visits(in: model.space)
    var expected = model.zeros
    for state in 0..<model.space.count {
      model.add(
        model.slope(state, isReverse: true), at: state, times: visits[state], to: &expected)
    }
    let signal = "gkd-samples:lambda=1:objective=rkl:sampling-temperature=0.5"
    #expect(distance(try model.moments(of: signal).mean, expected) < 1e-12)
  }

  /// Means over tokens: of one sequence, of all tokens of a step, and by T where nothing ends a sequence.
  @Test(arguments: SmallModel.all) func tokenMeans(_ model: SmallModel) throws {
    let keys = "lambda=1:objective=rkl"
    let sequences = model.sequences(endingWith: model.space.studentEndToken, model.ofStudent)
    func slopes(_ tokens: [Int]) -> [Double] {
      var sum = model.zeros
      for state in model.space.states(of: tokens) {
        model.add(model.slope(state, isReverse: true), at: state, times: 1, to: &sum)
      }
      return sum
    }
    var (ofSequence, ofTokens, count) = (model.zeros, model.zeros, 0)
    for (tokens, probability) in sequences {
      for (place, slope) in slopes(tokens).enumerated() {
        ofSequence[place] += probability * slope / Double(tokens.count)
        ofTokens[place] += slope
      }
      count += tokens.count
    }
    let signal = "gkd-samples:\(keys):reduction="
    #expect(
      distance(try model.moments(of: signal + "seq-mean-token-mean").mean, ofSequence) < 1e-12)
    let batch = [sequences.map(\.tokens)]
    #expect(
      distance(
        try model.gradient(of: signal + "token-mean", for: batch),
        ofTokens.map { $0 / Double(count) }) < 1e-12)
    let isEnumerable = try SequenceCatalog.estimator(signal + "token-mean").component
      .isPerSequence(in: model.space)
    let hasEnd = model.space.studentEndToken != nil || model.space.world.endToken != nil
    #expect(isEnumerable == !hasEnd)
    if isEnumerable {
      let exact = try model.gradient(of: "gkd:\(keys)").map { $0 / Double(model.space.length) }
      #expect(distance(try model.moments(of: signal + "token-mean").mean, exact) < 1e-12)
    }
  }

  /// The mean over all tokens of a step of both writers, by every pair of sequences of each.
  @Test(arguments: [SmallModel.all[1], SmallModel.all[2], SmallModel.all[6]])
  func tokenMeansOfSteps(_ model: SmallModel) throws {
    let ofTeacher = model.sequences(endingWith: model.space.world.endToken, model.teacher)
    let ofStudent = model.sequences(endingWith: model.space.studentEndToken, model.ofStudent)
    let signal = "gkd-samples:lambda=0.4:objective=fkl:reduction=token-mean"
    var expected = model.zeros
    for (writer, share) in [(ofTeacher, 0.6), (ofStudent, 0.4)] {
      for first in writer {
        for second in writer {
          let probability = first.probability * second.probability
          let tokens = Double(first.tokens.count + second.tokens.count)
          for state in model.space.states(of: first.tokens) + model.space.states(of: second.tokens)
          {
            model.add(
              model.slope(state, isReverse: false), at: state,
              times: share * probability / tokens, to: &expected)
          }
        }
      }
    }
    #expect(try model.deviation(of: signal, samples: 2, steps: 5000, from: expected) < 4)
  }

  @Test(arguments: ["mixing=coin:lambda=0.3", "lambda=0.3"])
  func samplesAgreeWithTheExpectation(_ keys: String) throws {
    for model in SmallModel.all {
      let exact = try model.gradient(of: "gkd:lambda=0.3")
      #expect(
        try model.deviation(of: "gkd-samples:\(keys)", samples: 10, steps: 1000, from: exact) < 4)
    }
  }
}
