// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimCore
import Testing

@testable import KLSimSequences

@Suite struct MiniLLMTests {
  /// The code's form with nothing that the paper does not have.
  private static let bareCode =
    "form=code:alpha=0:gamma=1:length-norm=false:whiten=false:reward-scale=1:reward-clip=0:ratio-clip=0"
    + ":reduction=seq-mean-token-sum"

  @Test(arguments: [
    ("weights=exact", [-0.279531733408, -0.085560409092, 0.148509943627]),
    ("weights=prefix", [-0.268159741015, -0.085560409092, 0.148509943627]),
    ("weights=token", [-0.268159741015, -0.093468195696, 0.134784145032]),
    (bareCode, [-0.529531733408, -0.171120818184, 0.297019887254]),
  ])
  func workedExpectations(_ keys: String, _ slopes: [Double]) throws {
    let model = SmallModel(try WorkedModel.space(), WorkedModel.student)
    let mean = try model.moments(of: "minillm:\(keys)").mean
    for (row, slope) in slopes.enumerated() {
      #expect(abs(mean[2 * row] - slope) < 1e-10)
      #expect(abs(mean[2 * row + 1] + slope) < 1e-10)
    }
  }

  @Test(arguments: [("alpha=0", 0.184515470237), (bareCode, 0.388995834404)])
  func workedVariances(_ keys: String, _ variance: Double) throws {
    let model = SmallModel(try WorkedModel.space(), WorkedModel.student)
    #expect(abs(try model.moments(of: "minillm:\(keys)").variance - variance) < 1e-10)
  }

  @Test(arguments: SmallModel.all, [0, 0.2, 0.7, 1])
  func exactWeightsAreUnbiased(_ model: SmallModel, _ alpha: Double) throws {
    let mean = try model.moments(of: "minillm:alpha=\(alpha)").mean
    #expect(distance(mean, try model.gradient(of: "seq-rkl")) < 1e-12)
  }

  /// At α = 0 all weights are 1, and the code counts the single-step part twice.
  @Test(arguments: SmallModel.all)
  func codeCountsTheSingleStepTwice(_ model: SmallModel) throws {
    let sequence = try model.gradient(of: "seq-rkl")
    let token = try model.gradient(of: "gkd:lambda=1:objective=rkl")
    let mean = try model.moments(of: "minillm:\(Self.bareCode)").mean
    #expect(distance(mean, zip(sequence, token).map { $0 + $1 }) < 1e-12)
    for weights in MiniLLM.Weights.allCases {
      let mean = try model.moments(of: "minillm:alpha=0:weights=\(weights.rawValue)").mean
      #expect(distance(mean, sequence) < 1e-12)
    }
  }

  @Test(
    arguments: SmallModel.all,
    [
      "weights=prefix", "weights=token", "weights=one:alpha=0.6", "gamma=0.5", "gamma=0",
      "length-norm=true:alpha=0.4", "length-norm=true:weights=prefix:reward-scale=0.5",
      "reward-clip=0.3:weights=token", "ratio-clip=0.05:weights=prefix:alpha=0.5",
      "form=code:whiten=false:reduction=seq-mean-token-sum",
      "form=code:whiten=false:reduction=seq-mean-token-mean:weights=exact",
      "form=code:whiten=false:reduction=seq-mean-token-mean:reward-clip=0.2:ratio-clip=0.01",
    ])
  func expectationIsThatOfTheFormula(_ model: SmallModel, _ keys: String) throws {
    let formula = try Formula("minillm:\(keys)", model)
    var expected = model.zeros
    for (tokens, probability) in formula.sequences {
      let slopes = formula.gradient(for: [tokens])
      for (place, slope) in slopes.enumerated() { expected[place] += probability * slope }
    }
    #expect(distance(try model.moments(of: "minillm:\(keys)").mean, expected) < 1e-12)
  }

  /// Whitening and means over tokens make sequences of one step depend on each other.
  @Test(
    arguments: SmallModel.all,
    [
      "form=code", "form=code:whiten=false", "whiten=true", "reduction=token-mean",
      "form=code:weights=prefix",
    ]
  )
  func batchesAreThatOfTheFormula(_ model: SmallModel, _ keys: String) throws {
    let formula = try Formula("minillm:\(keys)", model)
    let batch = formula.sequences.map(\.tokens)
    let own = try model.gradient(of: "minillm:\(keys)", for: [batch])
    #expect(distance(own, formula.gradient(for: batch)) < 1e-12)
  }

  @Test func samplesAgreeWithTheExpectation() throws {
    for model in SmallModel.all {
      let exact = try model.gradient(of: "seq-rkl")
      #expect(
        try model.deviation(of: "minillm:alpha=0.3", samples: 500, steps: 40, from: exact) < 4)
    }
  }

  @Test func isEnumeratedWhereSamplesAreIndependent() throws {
    let code = try SequenceCatalog.estimator("minillm:form=code:whiten=false").component
    #expect(
      SmallModel.all.map { code.isPerSequence(in: $0.space) } == [
        true, false, false, true, false, false, false,
      ])
    let space = SmallModel.all[0].space
    let whitened = try SequenceCatalog.estimator("minillm:whiten=true").component
    #expect(whitened.dependence(in: space) == .others)
    #expect(try SequenceCatalog.estimator("minillm").component.dependence(in: space) == nil)
  }

  @Test func refusesARatioClipWithoutRatios() {
    #expect(throws: SpecificationError.self) {
      try SequenceCatalog.estimator("minillm:ratio-clip=0.2")
    }
    #expect(throws: SpecificationError.self) { try SequenceCatalog.estimator("minillm:gamma=2") }
    #expect(throws: Never.self) { try SequenceCatalog.estimator("minillm:form=code:weights=exact") }
  }
}

/// The estimator sequence by sequence, with every sum written out.
private struct Formula {
  private let model: SmallModel
  private let isCode: Bool
  private let alpha, gamma, scale, clip, bound: Double
  private let weights, reduction: String
  private let isNormalized, isWhitened: Bool

  init(_ text: String, _ model: SmallModel) throws {
    self.model = model
    let keys = Dictionary(
      uniqueKeysWithValues: try Specification(parsing: text).settings.map { ($0.key, $0.value) })
    let isCode = keys["form"] == "code"
    func number(_ key: String, _ paper: Double, _ code: Double) -> Double {
      keys[key].flatMap(Double.init) ?? (isCode ? code : paper)
    }
    self.isCode = isCode
    alpha = number("alpha", 0.2, 0.2)
    gamma = number("gamma", 1, 0.95)
    scale = number("reward-scale", 1, 0.5)
    clip = number("reward-clip", 0, 100)
    bound = number("ratio-clip", 0, 0.2)
    weights = keys["weights"] ?? (isCode ? "token" : "exact")
    reduction = keys["reduction"] ?? (isCode ? "token-mean" : "seq-mean-token-sum")
    isNormalized = keys["length-norm"].map { $0 == "true" } ?? isCode
    isWhitened = keys["whiten"].map { $0 == "true" } ?? isCode
  }

  private func writer(_ state: Int) -> [Double] {
    zip(model.teacher(state), model.ofStudent(state)).map { alpha * $0 + (1 - alpha) * $1 }
  }

  var sequences: [(tokens: [Int], probability: Double)] {
    model.sequences(endingWith: model.space.studentEndToken, writer)
  }

  func gradient(for batch: [[Int]]) -> [Double] {
    var advantages = batch.map { tokens in tokens.indices.map { advantage(tokens, $0) } }
    if isWhitened {
      let all = advantages.flatMap { $0 }
      let mean = all.reduce(0, +) / Double(all.count)
      let variance = all.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(all.count)
      advantages = advantages.map { $0.map { ($0 - mean) / (variance + 1e-8).squareRoot() } }
    }
    var gradient = model.zeros
    for (tokens, own) in zip(batch, advantages) {
      let factor =
        switch reduction {
        case "token-mean": 1 / Double(batch.reduce(0) { $0 + $1.count })
        case "seq-mean-token-mean": 1 / Double(tokens.count * batch.count)
        default: 1 / Double(batch.count)
        }
      for (step, state) in model.space.states(of: tokens).enumerated() {
        let single = isCode ? 1 : weight(tokens, step, isSingleStep: true)
        model.add(
          model.slope(state, isReverse: true), at: state, times: factor * single, to: &gradient)
        var score = model.ofStudent(state).map { -$0 }
        score[tokens[step]] += 1
        let ratio = weight(tokens, step, isSingleStep: false)
        let isConstant =
          bound > 0 && weights != "exact"
          && -own[step] * ratio < -own[step] * min(max(ratio, 1 - bound), 1 + bound)
        model.add(
          score, at: state, times: isConstant ? 0 : -factor * ratio * own[step], to: &gradient)
      }
    }
    return gradient
  }

  private func ratios(_ tokens: [Int]) -> [Double] {
    zip(tokens, model.space.states(of: tokens)).map { model.ofStudent($1)[$0] / writer($1)[$0] }
  }

  private func weight(_ tokens: [Int], _ step: Int, isSingleStep: Bool) -> Double {
    let ratios = ratios(tokens)
    return switch weights {
    case "exact": isSingleStep ? ratios[..<step].reduce(1, *) : 1
    case "prefix": ratios[...step].reduce(1, *)
    case "token": ratios[step]
    default: 1
    }
  }

  private func advantage(_ tokens: [Int], _ step: Int) -> Double {
    let states = model.space.states(of: tokens)
    let ratios = ratios(tokens)
    let first = isCode ? step : step + 1
    guard first < tokens.count else { return 0 }
    var (sum, discount) = (0.0, 1.0)
    for place in first..<tokens.count {
      let (state, token) = (states[place], tokens[place])
      var reward = log(model.teacher(state)[token] / model.ofStudent(state)[token]) / scale
      if clip > 0 { reward = max(-clip, min(clip, reward)) }
      if weights == "exact" { reward *= ratios[...place].reduce(1, *) }
      sum += discount * reward
      discount *= gamma
    }
    return isNormalized ? sum / Double(tokens.count - first) : sum
  }
}
