// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimNumerics
import KLSimTestSupport
import Testing

@testable import KLSimCore
@testable import KLSimStudies

extension Claim {
  /// The trial of a condition.
  func trial(_ condition: Condition) throws -> Trial {
    try #require(try trials().first { $0.condition == condition })
  }

  /// The trial of gradients at the starts on a teacher.
  func trial(teacher: String, start: String) throws -> Trial {
    try trial(
      Condition(teacher: teacher, optimizer: "sgd", learningRate: 1, initialization: start))
  }
}

extension Trial {
  /// The outcomes of two seeds with the cell they are of, seed by seed.
  func outcomes() throws -> [(seed: UInt64, cell: [String], outcome: Outcome)] {
    let seeds: [UInt64] = [1, 2]
    let outcomes = try outcomes(seeds, .best)
    #expect(outcomes.count == seeds.count)
    return zip(seeds, outcomes).flatMap { seed, outcomes in
      #expect(outcomes.count == cells.count)
      return zip(cells, outcomes).map { (seed, $0, $1) }
    }
  }
}

extension Condition {
  /// The whole course of a run.
  func run(_ objective: String, epochs: Int, seed: UInt64) throws -> Trajectory {
    try Experiment(setup(objective: objective, epochs: epochs), seed: seed).trajectory(
      Measurement(heads: [], snapshots: { _, _ in true }))
  }

  /// Teacher and student by token before any update.
  func start(seed: UInt64) throws -> ReferenceState {
    let run = try run("fkl", epochs: 0, seed: seed)
    return ReferenceState(
      .logarithmic(run.teacher.byToken(run.teacher.logProbabilities)),
      logits: run.teacher.byToken(run.snapshots[0].logProbabilities))
  }
}

extension Trajectory {
  /// `Σ |p − q|` over ranks.
  func error(epoch: Int, over ranks: Range<Int>) -> Double {
    let q = snapshots[epoch].probabilities
    return ranks.reduce(0) { $0 + abs(teacher.probabilities[$1] - q[$1]) }
  }

  /// `Σ |p − q|` over all ranks.
  func error(epoch: Int) -> Double { error(epoch: epoch, over: 0..<teacher.size) }
}
