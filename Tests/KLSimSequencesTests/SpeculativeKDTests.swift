// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import Testing

@testable import KLSimSequences

@Suite struct SpeculativeKDTests {
  /// What the student draws, and what the teacher draws where that is not among its k largest.
  private func writer(_ model: SmallModel, _ count: Int) -> (_ state: Int) -> [Double] {
    { state in
      let (p, q) = (model.teacher(state), model.ofStudent(state))
      let top = Set(p.indices.sorted { p[$0] > p[$1] }.prefix(count))
      var proposal = p.map { _ in 0.0 }
      for drawn in q.indices {
        if top.contains(drawn) {
          proposal[drawn] += q[drawn]
        } else {
          for other in p.indices { proposal[other] += q[drawn] * p[other] }
        }
      }
      return proposal
    }
  }

  @Test(arguments: SmallModel.all, [1, 2])
  func expectationIsAtTheProposalsPrefixes(
    _ model: SmallModel, _ count: Int
  ) throws {
    for isReverse in [true, false] {
      var (sums, means) = (model.zeros, model.zeros)
      let sequences = model.sequences(
        endingWith: model.space.studentEndToken, writer(model, count))
      #expect(abs(sequences.reduce(0) { $0 + $1.probability } - 1) < 1e-12)
      for (tokens, probability) in sequences {
        for state in model.space.states(of: tokens) {
          let slope = model.slope(state, isReverse: isReverse)
          model.add(slope, at: state, times: probability, to: &sums)
          model.add(slope, at: state, times: probability / Double(tokens.count), to: &means)
        }
      }
      let signal = "speculative:k=\(count):objective=\(isReverse ? "rkl" : "fkl")"
      #expect(distance(try model.moments(of: signal).mean, sums) < 1e-12)
      #expect(
        distance(try model.moments(of: signal + ":reduction=seq-mean-token-mean").mean, means)
          < 1e-12
      )
      #expect(try model.deviation(of: signal, samples: 500, steps: 20, from: sums) < 4)
    }
  }

  @Test(arguments: SmallModel.all) func allTokensAcceptedIsOnPolicy(_ model: SmallModel) throws {
    let mean = try model.moments(of: "speculative:k=\(model.size):objective=gjsd").mean
    #expect(distance(mean, try model.gradient(of: "gkd:lambda=1")) < 1e-12)
  }

  @Test func refusesMoreTokensThanThereAre() throws {
    let space = SmallModel.all[0].space
    for text in ["speculative:k=3", "sparse-teacher:select=top:k=3"] {
      let signal = try SequenceCatalog.estimator(text).component
      #expect(throws: SetupError.self) { try signal.check(space) }
    }
  }
}
