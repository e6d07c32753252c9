// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimNumerics
import KLSimTestSupport
import Testing

/// Reverse KL and its gradient from tokens that the student draws.
///
///     L ≈ (1/n) Σ r(xᵢ),   g ≈ (1/n) Σ r(xᵢ) (e_xᵢ − q),   r = log q − log p,   x₁ … x_n ~ q
///
/// The score-function estimate: unbiased, for `Σ q (e_x − q) = 0`.
struct SampledReverseKL: LearningSignal, ~Copyable {
  let model: any StudentModel
  private(set) var states: [FitState]
  private let draws: UInt32
  private var stream = RandomStream(seed: 0)
  private var slopes: [Double]

  /// The estimate from n tokens for the students of a batch of one context.
  init(of batch: FitBatch, draws: UInt32) {
    model = batch.model
    self.draws = draws
    slopes = batch.teachers[0].probabilities
    states = [FitState(teacher: batch.teachers[0], logits: slopes)]
  }

  mutating func begin(seed: UInt64) {
    stream = RandomStream(seed: seed, purpose: "tokens of the student")
  }

  mutating func evaluate(at parameters: [Double], gradient: inout [Double]) -> [Double] {
    let model = model
    states[0].update { model.computeLogits(&$0, context: 0, of: parameters) }
    let (state, q) = (states[0], states[0].probabilities)
    let counts = stream.multinomial(draws: draws, weights: q)
    var loss = 0.0
    for rank in q.indices {
      slopes[rank] = 0
      guard counts[rank] > 0 else { continue }
      let ratio = state.logProbabilities[rank] - state.teacher.logProbabilities[rank]
      slopes[rank] = Double(counts[rank]) / Double(draws) * ratio
      loss += slopes[rank]
    }
    for rank in q.indices { slopes[rank] -= q[rank] * loss }
    for index in gradient.indices { gradient[index] = 0 }
    model.pullBack(slopes, context: 0, at: parameters, into: &gradient)
    return [loss]
  }

  func logitGradient(context: Int, from gradient: [Double]) -> [Double] { slopes }
}

/// A signal that is drawn, and made outside of the library.
@Suite struct SampledSignalTests {
  private static func batch(
    student: String = "softmax", optimizer: String = "sgd", epochs: Int = 10,
    seeds: [UInt64] = [1]
  ) throws -> FitBatch {
    let setup = try Setup(
      teacher: "zipf:size=6", student: student, objective: "rkl", optimizer: optimizer,
      initialization: student == "softmax" ? "zeros" : nil, epochs: epochs)
    return try FitBatch(setup, seeds: seeds)
  }

  private static let measurement = Measurement(
    heads: [], metrics: [], snapshots: { _, _ in true })

  @Test(arguments: ["softmax", "gaussian"], [1, 8] as [UInt32])
  func theMeanIsTheExactGradient(student: String, draws: UInt32) throws {
    let batch = try Self.batch(student: student)
    var exact = LossFunction(of: batch)
    var gradient = batch.start
    let loss = exact.evaluate(at: batch.start, gradient: &gradient)[0]
    var sampled = SampledReverseKL(of: batch, draws: draws)
    sampled.begin(seed: 7)
    let count = 20_000
    // The loss and each component of the gradient: sum, and sum of squares about the exact value.
    var (sums, squares) = (
      [Double](repeating: 0, count: gradient.count + 1),
      [Double](repeating: 0, count: gradient.count + 1)
    )
    var estimate = gradient
    for _ in 0..<count {
      let sampledLoss = sampled.evaluate(at: batch.start, gradient: &estimate)[0]
      for (place, gap) in ([sampledLoss - loss] + zip(estimate, gradient).map { $0 - $1 })
        .enumerated()
      {
        sums[place] += gap
        squares[place] += gap * gap
      }
    }
    for (sum, square) in zip(sums, squares) {
      #expect(square > 0)
      // The sum of independent gaps of mean 0 has the standard deviation √Σ gap².
      #expect(abs(sum) <= 5 * square.squareRoot())
    }
  }

  @Test(
    arguments: ["softmax", "gaussian"], ["sgd", "adam", "rmsprop", "natural-gradient:damping=0.01"])
  func equalSeedsGiveEqualRuns(student: String, optimizer: String) throws {
    let batch = try Self.batch(student: student, optimizer: optimizer, seeds: [1, 2, 1])
    let runs = try batch.run(
      Self.measurement, on: SampledReverseKL(of: batch, draws: 5))
    #expect(runs.map(\.seed) == [1, 2, 1])
    #expect(runs[0].records == runs[2].records)
    #expect(runs[0].snapshots == runs[2].snapshots)
    // They start alike.
    #expect(runs[0].snapshots[0] == runs[1].snapshots[0])
    #expect(runs[0].snapshots[1] != runs[1].snapshots[1])
    let again = try batch.run(Self.measurement, on: SampledReverseKL(of: batch, draws: 5))
    #expect(again.map(\.records) == runs.map(\.records))
  }

  /// At the teacher r is 0 and so is the noise: a constant step arrives.
  @Test func gradientDescentArrivesAtTheTeacher() throws {
    let batch = try Self.batch(epochs: 1000, seeds: Array(1...5))
    for run in try batch.run(Self.measurement, on: SampledReverseKL(of: batch, draws: 32)) {
      #expect(run.records[0].totalVariation > 0.2)
      #expect(run.convergenceEpoch != nil)
      #expect(run.records[1000].totalVariation < 0.01)
    }
  }

  /// The exact loss is one signal among others.
  @Test(arguments: ["adam", "sgd", "natural-gradient", "gradient-flow"])
  func theLossFunctionIsWhatRunsGoBy(optimizer: String) throws {
    let batch = try Self.batch(optimizer: optimizer, seeds: [1, 2])
    let runs = try batch.run(Self.measurement, kernels: .plain)
    let own = try batch.run(
      Self.measurement, kernels: .plain, on: LossFunction(of: batch, kernels: .plain))
    #expect(own.map(\.records) == runs.map(\.records))
  }
}
