// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimTestSupport
import Testing

@testable import KLSimCore
@testable import KLSimStudies

/// What the claims about students that cannot or do not reach their teachers ask, against runs
/// looked at token by token.
@Suite struct RunClaimTests {
  @Test(arguments: ["dirichlet:size=16:concentration=0.3", "softmax-normal:size=16:sigma=2"])
  func capacityIsTheMeanDistanceOverContexts(teacher: String) throws {
    let trial = try Capacity().trial(
      Condition(
        teacher: "\(teacher):contexts=6", student: "low-rank:rank=2", learningRate: 0.05,
        initialization: "student"))
    for (seed, cell, outcome) in try trial.outcomes() {
      let epoch = try #require(Int(cell[0]))
      let distances = try ["rkl", "fkl"].map { objective in
        let contexts = try Experiment(
          trial.condition.setup(objective: objective, epochs: epoch), seed: seed
        ).trajectories(Measurement(heads: [], snapshots: { _, _ in true }))
        #expect(contexts.count == 6)
        return contexts.reduce(0) { $0 + $1.error(epoch: epoch) / 2 } / 6
      }
      #expect(abs(outcome.quantity - (distances[0] - distances[1])) <= 1e-13)
      #expect(outcome.holds == (distances[0] < distances[1]))
    }
  }

  @Test(arguments: [(20, 4), (80, 14)])
  func modesAreSoughtByTheLeastShareKept(start: Int, width: Int) throws {
    let trial = try GaussianModeSeeking().trial(
      Condition(
        teacher: "mixture:size=100:centres=30/70:weights=0.4/0.6:widths=\(width)",
        student: "gaussian:mean=\(start):width=5:spread=0.2", optimizer: "rmsprop",
        learningRate: 0.1, initialization: "student"))
    #expect(trial.cells == [["fkl", "covers"], ["rkl", "seeks"], ["js", "seeks"]])
    for (seed, cell, outcome) in try trial.outcomes() {
      let run = try trial.condition.run(cell[0], epochs: 600, seed: seed)
      let p = run.teacher.byToken(run.teacher.probabilities)
      let q = run.teacher.byToken(run.snapshots[600].probabilities)
      // The valley between the centres belongs to the mode after it.
      let valley = try #require((30...70).min { p[$0] < p[$1] })
      let kept = [0..<valley, valley..<100].map {
        q[$0].reduce(0, +) / p[$0].reduce(0, +)
      }
      let least = min(kept[0], kept[1])
      #expect(abs(outcome.quantity - least) <= 1e-12, "\(seed), \(cell)")
      #expect(outcome.holds == (cell[1] == "covers" ? least >= 0.5 : least < 0.1))
    }
  }

  @Test(arguments: [
    ("longtail", "adam", 0.2), ("dirichlet:size=200:concentration=0.1", "sgd", 10),
  ])
  func mixturesAreComparedWithForwardKL(
    teacher: String, optimizer: String, learningRate: Double
  ) throws {
    let trial = try Mixing().trial(
      Condition(teacher: teacher, optimizer: optimizer, learningRate: learningRate))
    for (seed, cell, outcome) in try trial.outcomes() {
      let epoch = try #require(Int(cell[1]))
      let errors = try [cell[0], "fkl"].map { objective in
        let run = try trial.condition.run(objective, epochs: epoch, seed: seed)
        let size = run.teacher.size
        let p = run.teacher.probabilities
        // The first token, and whatever others leave the sum within one half.
        let head = (2...size).first { p[..<$0].reduce(0, +) > 0.5 }.map { $0 - 1 } ?? size
        let parts = ["head": 0..<head, "tail": head..<size, "total": 0..<size]
        return run.error(epoch: epoch, over: try #require(parts[cell[2]]))
      }
      #expect(abs(outcome.quantity - (errors[0] - errors[1])) <= 1e-13, "\(seed), \(cell)")
      // Within rounding of a tie either may be called smaller.
      if abs(errors[0] - errors[1]) > 1e-13 {
        #expect(outcome.holds == (errors[0] < errors[1]))
      }
    }
  }

  @Test(arguments: ["longtail", "zipf:size=80"])
  func truncatedTailsAreOfTheTokensLeftOut(teacher: String) throws {
    let trial = try Truncation().trial(Condition(teacher: teacher))
    for (seed, cell, outcome) in try trial.outcomes() where cell[3] == "tail" {
      let count = try #require(Int(cell[1]))
      let run = try trial.condition.run(
        "topk-kl:k=\(count):mode=\(cell[0])", epochs: 200, seed: seed)
      let kept = run.teacher.probabilities[..<count].reduce(0, +)
      #expect(abs(try #require(Double(cell[2])) - kept) <= 1e-5 * kept)
      let tail = run.error(epoch: 200, over: count..<run.teacher.size)
      #expect(abs(outcome.quantity - tail) <= 1e-13, "\(seed), \(cell)")
      #expect(outcome.holds == (tail < 0.01))
    }
  }
}
