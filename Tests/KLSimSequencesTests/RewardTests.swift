// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimCore
import KLSimNumerics
import KLSimTestSupport
import Testing

@testable import KLSimSequences

@Suite struct RaoBlackwellTests {
  @Test(arguments: SmallCase.several)
  func expectation(_ model: SmallCase) throws {
    let (space, student) = (try model.space(), try model.student())
    let mean = try space.moments(of: "rao-blackwell", at: student).mean
    #expect(worstGap(mean, try exact("seq-rkl", in: space, at: student).gradient) < 1e-12)
    let step = try exact("gkd:lambda=1:objective=rkl", in: space, at: student).gradient
    let divergences = SequenceMoment(space, student).tokenReverseKL
    for gamma in [0, 0.4, 1] {
      let mean = try space.moments(of: "rao-blackwell:gamma=\(gamma)", at: student).mean
      let future = space.expectation(at: student) { sample, step in
        space.states(of: sample.tokens)[(step + 1)...].reversed().reduce(0) {
          divergences[$1] + gamma * $0
        }
      }
      #expect(worstGap(mean, zip(step, future).map { $0 + $1 }) < 1e-12)
    }
  }
}

@Suite struct ValueMomentsTests {
  @Test func workedValues() throws {
    let space = try WorkedModel.space()
    for (estimator, variance) in [
      (ValueMoments.Estimator.tokens(.k1), 0.550656178644), (.tokens(.k3), 0.010354301034),
      (.prefixes, 0.003488493112),
    ] {
      let moments = ValueMoments(of: estimator, in: space, at: WorkedModel.student)
      #expect(abs(moments.mean - 0.235974655055) < 1e-10)
      #expect(abs(moments.variance - variance) < 1e-10)
    }
  }

  /// A single token: p = (.5, .3, .2) and q uniform.
  @Test func workedValuesOfOneToken() throws {
    let histories = try Histories(vocabularySize: 3, order: 0)
    let world = World(
      histories: histories, length: 1, logWeights: [0.5, 0.3, 0.2].map { Foundation.log($0) })
    let space = try JointSpace(world, studentHistories: histories, studentEndToken: nil)
    let student = StudentTable([0, 0, 0], vocabularySize: 3)
    for (estimator, mean, variance) in [
      (KLEstimator.k1, 0.070240343772, 0.140548164123),
      (.k2, 0.072740935008, 0.002645621813), (.k3, 0.070240343772, 0.002148927372),
    ] {
      let moments = ValueMoments(of: .tokens(estimator), in: space, at: student)
      #expect(abs(moments.mean - mean) < 1e-10)
      #expect(abs(moments.variance - variance) < 1e-10)
    }
  }

  /// Of 60 tokens, with states that merge: k1, k3 and the divergences of prefixes have the mean of seq-rkl.
  @Test func unbiasedInLongWorlds() throws {
    let histories = try Histories(vocabularySize: 4, order: 1)
    var stream = RandomStream(seed: 1)
    let world = World(
      histories: histories, length: 60,
      logWeights: try stream.normals(histories.count * 4, sigma: 1), endToken: 2)
    let space = try JointSpace(world, studentHistories: histories, studentEndToken: 2)
    let student = StudentTable(try stream.normals(histories.count * 4, sigma: 1), vocabularySize: 4)
    var evaluator = SequenceReverseKL(.none).evaluator(in: space)
    var gradient = student.logits
    let value = evaluator.loss(at: student, gradient: &gradient)
    for estimator in [ValueMoments.Estimator.tokens(.k1), .tokens(.k3), .prefixes] {
      let moments = ValueMoments(of: estimator, in: space, at: student)
      #expect(abs(moments.mean / value - 1) < 1e-13)
    }
  }

  /// Where divergences of prefixes differ more than those of tokens.
  @Test func raoBlackwellCanHaveMoreVariance() throws {
    let histories = try Histories(vocabularySize: 2, order: 1)
    let world = World(
      histories: histories, length: 2,
      logWeights: [0.2, 0.8, 0.5, 0.5, 0.25, 0.75].map { Foundation.log($0) })
    let space = try JointSpace(world, studentHistories: histories, studentEndToken: nil)
    let student = StudentTable(
      [0.5, 0.5, 0.5, 0.5, 0.999, 0.001].map { Foundation.log($0) }, vocabularySize: 2)
    let prefixes = ValueMoments(of: .prefixes, in: space, at: student)
    let tokens = ValueMoments(of: .tokens(.k1), in: space, at: student)
    #expect(abs(prefixes.variance - 0.4742) < 5e-5)
    #expect(abs(tokens.variance - 0.0320) < 5e-5)
  }

  @Test(arguments: SmallCase.several)
  func enumeration(_ model: SmallCase) throws {
    let (space, student) = (try model.space(), try model.student())
    let size = model.size
    let divergences = SequenceMoment(space, student).tokenReverseKL
    let values: [(ValueMoments.Estimator, (Double, Int) -> Double)] = [
      (.tokens(.k1), { ratio, _ in -ratio }), (.tokens(.k2), { ratio, _ in ratio * ratio / 2 }),
      (.tokens(.k3), { ratio, _ in Foundation.exp(ratio) - 1 - ratio }),
      (.prefixes, { _, state in divergences[state] }),
    ]
    for (estimator, value) in values {
      var (mean, square) = (0.0, 0.0)
      try SequenceTree(space, endingWith: space.studentEndToken).visit { tokens, states in
        var (probability, sum) = (1.0, 0.0)
        for (token, state) in zip(tokens, states) {
          let place = Int(space.studentRows[state]) * size + token
          probability *= student.probabilities[place]
          sum += value(
            space.logTeacher[state * size + token] - student.logProbabilities[place], state)
        }
        mean += probability * sum
        square += probability * sum * sum
      }
      let moments = ValueMoments(of: estimator, in: space, at: student)
      #expect(abs(moments.mean - mean) < 1e-12)
      #expect(abs(moments.variance - (square - mean * mean)) < 1e-11)
    }
  }
}

@Suite struct PositionTests {
  @Test(arguments: SmallCase.several)
  func expectations(_ model: SmallCase) throws {
    let (space, student) = (try model.space(), try model.student())
    var losses = try TokenLosses(Catalog.objective("js"), in: space, kernels: .best)
    for (prefixes, side) in [("teacher", Side.teacher), ("student", .student)] {
      let steps = Occupancy(of: side, in: space, student: student).steps
      for (keys, part) in [
        ("part=all", 0..<model.length), ("part=first:share=0.5", 0..<model.length / 2),
        ("part=last:share=0.5", model.length / 2..<model.length),
        ("part=first:share=1", 0..<model.length),
        ("part=last:share=0.01", model.length - 1..<model.length),
      ] {
        var expected = student.logits.map { _ in 0.0 }
        for step in part {
          for (state, weight) in zip(space.states(after: step), steps[step]) where weight > 0 {
            _ = losses.loss(of: state, at: student, weight: weight, addingTo: &expected)
          }
        }
        let signal = "token-loss:objective=js:prefixes=\(prefixes):\(keys)"
        let mean = try space.moments(of: signal, at: student).mean
        #expect(worstGap(mean, expected) < 1e-12, "\(keys)")
        let scaled = try space.moments(of: "\(signal):scaled=true", at: student).mean
        let factor = Double(model.length) / Double(part.count)
        #expect(worstGap(scaled, mean.map { factor * $0 }) < 1e-12, "\(keys)")
      }
      let lambda = side == .teacher ? 0 : 1
      let exact = try exact("gkd:lambda=\(lambda):objective=js", in: space, at: student).gradient
      let mean = try space.moments(of: "token-loss:objective=js:prefixes=\(prefixes)", at: student)
        .mean
      #expect(worstGap(mean, exact) < 1e-12)
    }
  }

  /// 0.29 · 100 comes out below 29.
  @Test func sharesAreExact() throws {
    let histories = try Histories(vocabularySize: 2, order: 0)
    let world = World(histories: histories, length: 100, logWeights: [1, 0])
    let space = try JointSpace(world, studentHistories: histories, studentEndToken: nil)
    let moment = SequenceMoment(space, StudentTable([0, 0], vocabularySize: 2))
    var stream = RandomStream(seed: 0)
    for (keys, count) in [
      ("first:share=0.29", 29), ("last:share=0.29", 29), ("last:share=0.07", 7),
    ] {
      let signal = try SequenceCatalog.estimator("token-loss:part=\(keys)").component
      var estimator = try signal.estimator(in: space)
      var terms = GradientTerms(space)
      estimator.weigh(
        [SequenceBatch([[Int](repeating: 0, count: 100)], in: space)],
        of: estimator.draws(at: moment)[0], at: moment, with: &stream, into: &terms)
      #expect(terms.divergences == [Double(count)])
    }
  }

  @Test func anEmptyPartIsRefused() throws {
    let signal = try SequenceCatalog.estimator("token-loss:part=first:share=0.3").component
    let space = try WorkedModel.space()
    #expect(throws: SetupError.self) { try signal.check(space) }
  }
}

@Suite struct DiscountTests {
  /// TRL's advantages, written as its trainer computes them.
  @Test(arguments: SmallCase.several, [0, 0.6, 1])
  func advantagesFromTheStart(_ model: SmallCase, _ gamma: Double) throws {
    let (space, student) = (try model.space(), try model.student())
    func sums(_ sample: Written, _ step: Int) -> (rewards: Double, discounts: Double) {
      guard gamma > 0 else { return (sample.rewards[step], 1) }
      return (step..<sample.tokens.count).reduce((0, 0)) {
        let power = Foundation.pow(gamma, Double($1))
        return ($0.0 + power * sample.rewards[$1], $0.1 + power)
      }
    }
    let plain = space.expectation(at: student) { -sums($0, $1).rewards }
    let normed = space.expectation(at: student) {
      -sums($0, $1).rewards / sums($0, $1).discounts
    }
    for baseline in ["none", "token-kl", "value", "optimal"] {
      let mean = try space.moments(
        of: "policy-gradient:discount=start:gamma=\(gamma):baseline=\(baseline)", at: student
      ).mean
      #expect(worstGap(mean, plain) < 1e-12)
    }
    for keys in ["discount=start", "discount=token", "baseline=token-kl"] {
      let mean = try space.moments(
        of: "policy-gradient:length-norm=true:gamma=\(gamma):\(keys)", at: student
      ).mean
      #expect(worstGap(mean, normed) < 1e-12)
    }
  }

  @Test(arguments: SmallCase.several)
  func discounted(_ model: SmallCase) throws {
    let (space, student) = (try model.space(), try model.student())
    let expected = space.expectation(at: student) { sample, step in
      -sample.rewards[step...].reversed().reduce(0) { $1 + 0.6 * $0 }
    }
    let mean = try space.moments(of: "policy-gradient:gamma=0.6", at: student).mean
    #expect(worstGap(mean, expected) < 1e-12)
  }

  @Test(arguments: ["value", "optimal"])
  func refused(_ baseline: String) {
    #expect(throws: SpecificationError.self) {
      try SequenceCatalog.estimator("policy-gradient:length-norm=true:baseline=\(baseline)")
    }
  }
}
