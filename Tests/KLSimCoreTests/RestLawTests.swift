// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimNumerics
import KLSimTestSupport
import Testing

/// The exact loss, which counts how often it is evaluated, and need not say that it is exact.
private struct CountedLoss: LearningSignal, ~Copyable {
  final class Count {
    var evaluations = 0
  }

  private var loss: LossFunction
  let isExact: Bool
  let count: Count

  init(of batch: FitBatch, isExact: Bool, count: Count) {
    loss = LossFunction(of: batch)
    (self.isExact, self.count) = (isExact, count)
  }

  var model: any StudentModel { loss.model }
  var states: [FitState] { loss.states }

  mutating func begin(seed: UInt64) { loss.begin(seed: seed) }

  mutating func evaluate(at parameters: [Double], gradient: inout [Double]) -> [Double] {
    count.evaluations += 1
    return loss.evaluate(at: parameters, gradient: &gradient)
  }

  func logitGradient(context: Int, from gradient: [Double]) -> [Double] {
    loss.logitGradient(context: context, from: gradient)
  }
}

/// A run that no step moves any more.
@Suite struct RestLawTests {
  private static let measurement = Measurement(
    heads: [], metrics: [], snapshots: { _, _ in true })

  /// The run in which steps are left out, and the one in which all are made.
  private static func runs(
    student: String, optimizer: String, learningRate: Double, schedule: String, clip: String?,
    epochs: Int
  ) throws -> (runs: [[Trajectory]], evaluations: [Int]) {
    let setup = try Setup(
      [
        "teacher": student == "softmax" ? "zipf:size=6" : "mixture:size=40:centres=30/70",
        "student": student, "objective": "rkl", "optimizer": optimizer,
        "learning-rate": learningRate.description, "schedule": schedule, "clip": clip,
        "init": student == "softmax" ? "normal:sigma=1" : nil,
      ], epochs: epochs)
    let batch = try FitBatch(setup, seeds: [1, 2])
    let counts = [CountedLoss.Count(), CountedLoss.Count()]
    let runs = try [true, false].enumerated().map { place, isExact in
      try batch.run(
        measurement, on: CountedLoss(of: batch, isExact: isExact, count: counts[place]))
    }
    return (runs, counts.map(\.evaluations))
  }

  @Test(
    arguments: [
      ("softmax", "natural-gradient", 0.5), ("softmax", "sgd", 2.0),
      ("gaussian:spread=0.1", "natural-gradient", 0.2),
    ],
    ["constant", "step:every=700:gamma=0.5", "linear:warmup=1000", "cosine"])
  func stepsThatMoveNothingAreLeftOutAndChangeNoResult(
    _ fit: (student: String, optimizer: String, learningRate: Double), schedule: String
  ) throws {
    let (runs, evaluations) = try Self.runs(
      student: fit.student, optimizer: fit.optimizer, learningRate: fit.learningRate,
      schedule: schedule, clip: nil, epochs: 2000)
    #expect(runs[0].map(\.records) == runs[1].map(\.records))
    #expect(runs[0].map(\.snapshots) == runs[1].map(\.snapshots))
    #expect(evaluations[1] == 2 * 2001)
    // A cosine gives every step a rate of its own; after the warm-up rates come again, in between others.
    if schedule == "constant" || schedule.hasPrefix("step") {
      #expect(evaluations[0] < evaluations[1])
    }
  }

  /// Neither momentum nor a clipped gradient is at rest where the parameters happen to stand still.
  @Test(arguments: ["sgd:momentum=0.9", "gradient-flow", "adam", "sgd"], ["none", "norm=0.001"])
  func theSameHoldsOfOtherOptimizers(optimizer: String, clip: String?) throws {
    let (runs, _) = try Self.runs(
      student: "softmax", optimizer: optimizer, learningRate: 0.5, schedule: "constant", clip: clip,
      epochs: 800)
    #expect(runs[0].map(\.records) == runs[1].map(\.records))
    #expect(runs[0].map(\.snapshots) == runs[1].map(\.snapshots))
  }
}
