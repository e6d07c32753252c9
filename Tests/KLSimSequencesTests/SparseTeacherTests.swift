// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimCore
import KLSimNumerics
import Testing

@testable import KLSimSequences

@Suite struct SparseTeacherTests {
  /// `Σ_c visits(c) (|p̂| q − p̂)`.
  private func gradient(
    _ model: SmallModel, _ prefixes: String, _ target: (_ p: [Double]) -> [Double]
  ) -> [Double] {
    let visits = Occupancy(
      of: prefixes == "teacher" ? .teacher : .student, in: model.space, student: model.student
    ).visits(in: model.space)
    var gradient = model.zeros
    for state in 0..<model.space.count {
      let own = target(model.teacher(state))
      let mass = own.reduce(0, +)
      let slope = zip(own, model.ofStudent(state)).map { mass * $1 - $0 }
      model.add(slope, at: state, times: visits[state], to: &gradient)
    }
    return gradient
  }

  @Test(arguments: SmallModel.all, ["teacher", "student"])
  func topTokens(_ model: SmallModel, _ prefixes: String) throws {
    for count in 1...model.size {
      func kept(_ p: [Double]) -> [Double] {
        let least = p.sorted(by: >)[count - 1]
        return p.map { $0 >= least ? $0 : 0 }
      }
      let signal = "sparse-teacher:select=top:prefixes=\(prefixes):k=\(count)"
      #expect(
        distance(
          try model.moments(of: signal + ":renormalize=false").mean,
          gradient(model, prefixes, kept)) < 1e-12)
      #expect(
        distance(
          try model.moments(of: signal).mean,
          gradient(model, prefixes) { p in
            let mass = kept(p).reduce(0, +)
            return kept(p).map { $0 / mass }
          }) < 1e-12)
    }
  }

  @Test(arguments: SmallModel.all, [1, 2, 7]) func drawnTokensAreUnbiased(
    _ model: SmallModel, _ count: Int
  ) throws {
    #expect(
      distance(
        try model.moments(of: "sparse-teacher:k=\(count)").mean, try model.gradient(of: "seq-fkl"))
        < 1e-12)
    #expect(
      distance(
        try model.moments(of: "sparse-teacher:k=\(count):prefixes=student").mean,
        try model.gradient(of: "gkd:lambda=1:objective=fkl")) < 1e-12)
  }

  /// All sequences of K draws, one after the other.
  private func moments(
    _ p: [Double], _ count: Int, _ tau: Double
  ) -> (mean: [Double], variance: Double) {
    let powers = p.map { $0 > 0 ? pow($0, tau) : 0 }
    let proposal = powers.map { $0 / powers.reduce(0, +) }
    var (mean, square) = (p.map { _ in 0.0 }, 0.0)
    func descend(_ drawn: [Int], _ probability: Double) {
      guard drawn.count == count else {
        for token in p.indices { descend(drawn + [token], probability * proposal[token]) }
        return
      }
      guard probability > 0 else { return }
      var target = p.map { _ in 0.0 }
      for token in drawn { target[token] += pow(p[token], 1 - tau) }
      let sum = target.reduce(0, +)
      for token in p.indices {
        mean[token] += probability * target[token] / sum
        let share = target[token] / sum
        square += probability * share * share
      }
    }
    descend([], 1)
    return (mean, square - mean.reduce(0) { $0 + $1 * $1 })
  }

  @Test(arguments: [1, 2, 3, 5], [0, 0.5, 0.9, 1, 1.5])
  func momentsOfTargets(_ count: Int, _ tau: Double) throws {
    let histories = try Histories(vocabularySize: 3, order: 0)
    for p in [[0.6, 0.3, 0.1], [0.25, 0, 0.75], [0, 0, 1]] {
      let world = World(histories: histories, length: 1, logWeights: p.map { log($0) })
      var targets = DrawnTargets(of: world, draws: count, tau: tau)
      #expect(DrawnTargets.hasMoments(of: world, draws: count, tau: tau))
      let (own, expected) = (targets.moments(after: 0), moments(p, count, tau))
      #expect(distance(own.mean, expected.mean) < 1e-12)
      #expect(abs(own.variance - expected.variance) < 1e-12)
    }
  }

  /// The variance of a gradient by every sequence, and every draw at each of its prefixes.
  @Test(arguments: [("", 1, 1.0), (":tau=0.5", 2, 0.5), (":tau=0", 3, 0)])
  func variance(_ key: String, _ count: Int, _ tau: Double) throws {
    for model in SmallModel.all where model.space.length == 2 {
      let (space, size) = (model.space, model.size)
      var (mean, square) = (model.zeros, 0.0)
      func drawn(_ p: [Double]) -> [(target: [Double], probability: Double)] {
        let powers = p.map { pow($0, tau) }
        var lists: [(tokens: [Int], probability: Double)] = [([], 1)]
        for _ in 0..<count {
          lists = lists.flatMap { list in
            (0..<size).map {
              (list.tokens + [$0], list.probability * powers[$0] / powers.reduce(0, +))
            }
          }
        }
        return lists.map { list in
          var target = p.map { _ in 0.0 }
          for token in list.tokens { target[token] += pow(p[token], 1 - tau) }
          let sum = target.reduce(0, +)
          return (target.map { $0 / sum }, list.probability)
        }
      }
      for (tokens, probability) in model.sequences(
        endingWith: space.world.endToken, model.teacher)
      {
        var gradients = [(model.zeros, probability)]
        for state in model.space.states(of: tokens) {
          let targets = drawn(model.teacher(state))
          gradients = gradients.flatMap { gradient, own in
            targets.map { target, probability in
              var gradient = gradient
              let slope = zip(model.ofStudent(state), target).map { $0 - $1 }
              model.add(slope, at: state, times: 1, to: &gradient)
              return (gradient, own * probability)
            }
          }
        }
        for (gradient, probability) in gradients {
          for (place, slope) in gradient.enumerated() {
            mean[place] += probability * slope
            square += probability * slope * slope
          }
        }
      }
      let own = try model.moments(of: "sparse-teacher:k=\(count)\(key)")
      #expect(distance(own.mean, mean) < 1e-12)
      #expect(abs(own.variance - (square - mean.reduce(0) { $0 + $1 * $1 })) < 1e-12)
    }
  }

  /// The bias at τ ≠ 1 falls as 1/K.
  @Test(arguments: SmallModel.all, [0, 0.5, 1.5])
  func biasFallsWithDraws(_ model: SmallModel, _ tau: Double) throws {
    let exact = try model.gradient(of: "seq-fkl")
    let biases = try [40, 80].map {
      distance(try model.moments(of: "sparse-teacher:k=\($0):tau=\(tau)").mean, exact)
    }
    #expect(biases[1] > 0)
    #expect(abs(biases[0] / biases[1] - 2) < 0.25)
  }

  @Test(arguments: ["k=1", "k=3:tau=0.5", "k=2:reduction=seq-mean-token-mean"])
  func samplesAgreeWithTheMoments(_ keys: String) throws {
    for model in [SmallModel.all[0], SmallModel.all[4], SmallModel.all[5]] {
      let moments = try model.moments(of: "sparse-teacher:\(keys)")
      #expect(
        try model.deviation(
          of: "sparse-teacher:\(keys)", samples: 500, steps: 40, from: moments.mean) < 4)
      let sampled = try SignalMoments(
        sampling: SequenceCatalog.estimator("sparse-teacher:\(keys)").component, in: model.space,
        at: model.student, samples: 5, steps: 20_000, seed: 3)
      #expect(abs(sampled.variance / moments.variance - 1) < 0.05)
    }
  }

  @Test func isEnumeratedWhereTheMomentsAreKnown() throws {
    let space = SmallModel.all[3].space
    func isPerSequence(_ keys: String) throws -> Bool {
      try SequenceCatalog.estimator("sparse-teacher:\(keys)").component.isPerSequence(in: space)
    }
    for keys in ["k=1000", "tau=0.5", "tau=0.5:k=4"] { #expect(try isPerSequence(keys)) }
    #expect(try !isPerSequence("tau=0.5:k=1000"))
  }

  @Test(arguments: ["select=top:tau=0.5", "renormalize=false", "k=0", "tau=-1"])
  func refusesKeysWithoutMeaning(_ keys: String) {
    #expect(throws: SpecificationError.self) {
      try SequenceCatalog.estimator("sparse-teacher:\(keys)")
    }
  }
}
