// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimNumerics
import KLSimTestSupport
import Testing

@testable import KLSimCore
@testable import KLSimClaims

/// What the claims about students that reach their teachers ask, against runs looked at token by token.
@Suite struct ArrivalClaimTests {
  @Test(arguments: ["unimodal", "longtail"])
  func convergenceIsTheDistanceAtTwoEpochs(teacher: String) throws {
    let trial = try Convergence().trial(Condition(teacher: teacher, learningRate: 0.1))
    let runs = Courses(trial.condition, epochs: 300)
    let answers = try trial.answers()
    #expect(
      answers.map(\.cell.fields)
        == (1...2).flatMap { _ in
          [["fkl", "200"], ["fkl", "300"], ["rkl", "200"], ["rkl", "300"]]
        })
    for answer in answers {
      let run = try runs(answer.cell.objective, seed: answer.seed)
      let distance = run.error(epoch: answer.cell.epoch) / 2
      #expect(abs(answer.outcome.quantity - distance) <= 1e-14)
      #expect(answer.outcome.holds == (distance < 0.01))
    }
  }

  /// The modes after 200 epochs at 0.1, and the long tail after 300 at 0.2, of the grid of both.
  @Test func convergenceIsPublishedInThreeSettings() throws {
    let claim = Convergence()
    let published = try claim.trials().flatMap { trial in
      try trial.cells().compactMap { cell -> [String]? in
        let evidence = try evidence(cell, condition: trial.condition, hits: 1)
        #expect(claim.covers(evidence))
        return claim.isPublished(evidence)
          ? [trial.condition.teacher, "\(trial.condition.learningRate)"] + cell.fields : nil
      }
    }
    let expected = ["fkl", "rkl"].flatMap { objective in
      [
        ["longtail", "0.2", objective, "300"], ["bimodal", "0.1", objective, "200"],
        ["unimodal", "0.1", objective, "200"],
      ]
    }
    #expect(Set(published) == Set(expected) && published.count == expected.count)
  }

  @Test(arguments: ["normal:sigma=2", "normal:sigma=20"])
  func survivalIsTheFirstEpochBelowTheBound(initialization: String) throws {
    let trial = try ConvergenceFromAnywhere().trial(
      Condition(teacher: "bimodal", initialization: initialization))
    let runs = Courses(trial.condition, epochs: 1000)
    let answers = try trial.answers(of: [1, 2, 8])
    for answer in answers {
      let run = try runs(answer.cell.objective, seed: answer.seed)
      let first = (0...1000).first { run.error(epoch: $0) / 2 < 0.01 }
      #expect(answer.outcome.holds == (first.map { $0 <= answer.cell.epoch } ?? false))
      #expect(answer.outcome.quantity == Double(first ?? 1000))
    }
    // Of one seed the epoch is one of those asked about.
    guard initialization == "normal:sigma=2" else { return }
    #expect(
      answers.contains { $0.outcome.quantity == Double($0.cell.epoch) && $0.cell.epoch < 1000 })
  }

  @Test(arguments: [
    ("bimodal", "torch-uniform"), ("bimodal", "normal:sigma=10"),
    ("mixture:weights=0.9/0.09/0.01", "normal:sigma=3"),
  ])
  func modesAreKeptByTheLeastShare(teacher: String, initialization: String) throws {
    let trial = try NoModeDropping().trial(
      Condition(teacher: teacher, learningRate: 0.1, initialization: initialization))
    let isWide = initialization != "torch-uniform"
    let runs = Courses(trial.condition, epochs: isWide ? 3000 : 200)
    let answers = try trial.answers()
    #expect(Set(answers.map(\.cell.epoch)) == (isWide ? [200, 1000, 3000] : [200]))
    #expect(Set(answers.map(\.cell.question)) == [.modes, .arrived])
    for answer in answers {
      let run = try runs(answer.cell.objective, seed: answer.seed)
      switch answer.cell.question {
      case .arrived:
        let distance = run.error(epoch: answer.cell.epoch) / 2
        #expect(abs(answer.outcome.quantity - distance) <= 1e-14)
        #expect(answer.outcome.holds == (distance < 0.01))
      case .modes:
        let p = run.teacher.byToken(run.teacher.probabilities)
        let q = run.teacher.byToken(run.snapshots[answer.cell.epoch].probabilities)
        let kept = try #require(
          ReferenceMetrics(p: p, q: q, head: [0]).extras["mode-mass"]?[1])
        #expect(abs(answer.outcome.quantity - kept) <= 1e-12 * (1 + kept))
        #expect(answer.outcome.holds == (kept > 0.5))
      }
    }
  }

  /// From starts of such a width some student is not there in time; but who has arrived misses no mode.
  @Test func whoeverHasArrivedMissesNoMode() throws {
    let trial = try NoModeDropping().trial(
      Condition(
        teacher: "bimodal", optimizer: "sgd", learningRate: 10, initialization: "normal:sigma=10"))
    let answers = try trial.answers()
    for (modes, arrived) in zip(answers, answers.dropFirst())
    where modes.cell.question == .modes && arrived.outcome.holds {
      #expect(modes.outcome.holds && modes.cell.epoch == arrived.cell.epoch)
    }
    #expect(answers.contains { !$0.outcome.holds })
  }

  @Test(arguments: [("mixture", "normal:sigma=20"), ("longtail", "normal")])
  func minimaAreLookedForInLogarithms(teacher: String, initialization: String) throws {
    let trial = try OneMinimum().trial(
      Condition(teacher: teacher, learningRate: 0.1, initialization: initialization))
    let runs = Courses(trial.condition, epochs: 1000)
    let answers = try trial.answers()
    #expect(Set(answers.map(\.cell.fields)).count == 4)
    for answer in answers {
      let state = try runs(answer.cell.objective, seed: answer.seed)
        .reference(epoch: answer.cell.epoch)
      // A theorem.
      #expect(answer.outcome.holds)
      if answer.cell.objective == "fkl" {
        let largest = state.forwardGradient.map { Double(abs($0)) }.reduce(0, max)
        let power = log10(largest)
        // Rounding of q and p moves a small difference.
        if largest > 1e-12 {
          #expect(abs(answer.outcome.quantity - power) <= 1e-12 + 1e-15 / largest)
        }
      } else if let power = Self.largestReverse(state) {
        #expect(abs(answer.outcome.quantity - power) <= 1e-8 * (1 + abs(power)))
      }
    }
  }

  /// log10 of the largest `q |log q − log p − RKL|` by token; nil near the teacher, where all are of
  /// rounding.
  private static func largestReverse(_ state: ReferenceState) -> Double? {
    guard state.totalVariation > 0.01 else { return nil }
    let divergence = state.reverseKL
    let sizes = state.q.indices.compactMap { token -> Wide? in
      let (logQ, logP) = (state.logQ[token], state.logP[token])
      let slope = abs(logQ - logP - divergence)
      // Logarithms near 100 are known to about 1e-14.
      guard slope > 1e-12 * (1 + abs(logQ) + abs(logP)) else { return nil }
      let size: [Wide] = logarithms([Double(slope)])
      return logQ + size[0]
    }
    return sizes.max().map { Double($0) / log(10) }
  }
}
