// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimNumerics
import KLSimTestSupport
import Testing

@testable import KLSimCore
@testable import KLSimClaims

extension Claim {
  /// The trial of a condition.
  func trial(_ condition: Condition) throws -> Trial<Cell> {
    try #require(try trials().first { $0.condition == condition })
  }

  /// The trial of gradients at the starts on a teacher.
  func trial(teacher: String, start: String) throws -> Trial<Cell> {
    try trial(
      Condition(teacher: teacher, optimizer: "sgd", learningRate: 1, initialization: start))
  }
}

extension Claim {
  /// The cells of a condition.
  func cells(_ condition: Condition) throws -> [Cell] { try trial(condition).cells() }

  /// Those of them that are of the source's own setting.
  func publishedCells(_ condition: Condition) throws -> [Cell] {
    try cells(condition).filter { isPublished(try evidence($0, condition: condition, hits: 1)) }
  }
}

/// What one seed says in one cell.
struct Answer<Cell: ClaimCell> {
  let seed: UInt64
  let cell: Cell
  let outcome: Outcome
}

extension Trial {
  /// The cells, once it is known which they are.
  func cells() throws -> [Cell] { try prepare(.best).cells }

  /// What seeds say, seed by seed; two if no others are given.
  func answers(of seeds: [UInt64] = [1, 2]) throws -> [Answer<Cell>] {
    let examination = try prepare(.best)
    let outcomes = try examination.outcomes(seeds, false)
    #expect(outcomes.count == seeds.count)
    return zip(seeds, outcomes).flatMap { seed, outcomes in
      #expect(outcomes.count == examination.cells.count)
      return zip(examination.cells, outcomes).map {
        Answer(seed: seed, cell: $0, outcome: $1)
      }
    }
  }
}

/// The whole courses of the runs of a condition, each found but once.
final class Courses {
  private struct Key: Hashable {
    let objective: String
    let learningRate: Double
    let seed: UInt64
  }

  private let condition: Condition
  private let epochs: Int
  private var known: [Key: Trajectory] = [:]

  init(_ condition: Condition, epochs: Int) {
    self.condition = condition
    self.epochs = epochs
  }

  /// A run with all epochs and students; at the condition's learning rate if none is given.
  func callAsFunction(
    _ objective: String, learningRate: Double? = nil, seed: UInt64
  ) throws -> Trajectory {
    let key = Key(
      objective: objective, learningRate: learningRate ?? condition.learningRate, seed: seed)
    if let run = known[key] { return run }
    var condition = condition
    condition.learningRate = key.learningRate
    let run = try condition.run(objective, epochs: epochs, seed: seed)
    known[key] = run
    return run
  }
}

extension Condition {
  /// The whole course of a run.
  func run(_ objective: String, epochs: Int, seed: UInt64) throws -> Trajectory {
    try setup(objective: objective, epochs: epochs).trajectory(
      seed: seed,
      Measurement(heads: [], snapshots: { _, _ in true }))
  }

  /// Teacher and student by token before any update.
  func start(seed: UInt64) throws -> ReferenceState {
    try run("fkl", epochs: 0, seed: seed).reference(epoch: 0)
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

  /// Teacher and student by token at an epoch; every epoch's student must have been kept.
  func reference(epoch: Int) -> ReferenceState {
    ReferenceState(
      .logarithmic(teacher.byToken(teacher.logProbabilities)),
      logits: teacher.byToken(snapshots[epoch].logProbabilities))
  }
}

extension ReferenceState {
  /// The gradient of forward KL in the logits, `q − p`.
  var forwardGradient: [Wide] { zip(q, p).map { $0 - $1 } }

  /// That of reverse KL, `q (log q − log p − KL(q‖p))`.
  var reverseGradient: [Wide] {
    let divergence = reverseKL
    return q.indices.map { q[$0] * (logQ[$0] - logP[$0] - divergence) }
  }

  /// That of forward or reverse KL by name.
  func gradient(of objective: String) throws -> [Wide] {
    let gradients = ["fkl": forwardGradient, "rkl": reverseGradient]
    return try #require(gradients[objective])
  }

  /// The tokens of some ranks.
  func tokens(_ ranks: Range<Int>) -> Set<Int> { Set(ranking[ranks]) }

  /// The fewest of the most probable tokens that together have a mass.
  func nucleus(mass: Wide) -> Set<Int> {
    var kept: Set<Int> = []
    var sum: Wide = 0
    for token in ranking where sum < mass {
      kept.insert(token)
      sum += p[token]
    }
    return kept
  }
}

/// Expects that of a pair the smaller was told, and by how much; within rounding of a tie either may be
/// called smaller.
func expectSmaller(
  _ outcome: Outcome, _ first: Double, than second: Double, rounding: Double = 1e-13,
  _ comment: @autoclosure () -> Comment = "", sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(
    abs(outcome.quantity - (first - second)) <= rounding, comment(),
    sourceLocation: sourceLocation)
  if abs(first - second) > rounding {
    #expect(outcome.holds == (first < second), comment(), sourceLocation: sourceLocation)
  }
}
