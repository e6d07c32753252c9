// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimTestSupport
import Testing

/// A softmax student can be any of these teachers, and in the end it is.
@Suite struct ConvergenceLawTests {
  static let teachers = ["longtail", "bimodal", "unimodal", "overlapping"].map {
    "\($0):jitter=0.01"
  }
  static let starts = ["torch-uniform", "uniform", "normal", "zeros", "teacher-noise"]

  /// The paper's optimizer, learning rate and number of epochs.
  @Test(arguments: ObjectiveCatalog.blends, teachers)
  func studentsOfThePaperConverge(objective: String, teacher: String) throws {
    for initialization in Self.starts {
      let setup = try Setup(
        teacher: teacher, objective: objective, learningRate: 0.2, initialization: initialization,
        epochs: 200)
      for seed in UInt64(1)...3 {
        let trajectory = try Self.run(setup, seed: seed)
        let last = try #require(trajectory.records.last)
        #expect(
          last.totalVariation < Trajectory.convergenceThreshold, "\(initialization), seed \(seed)")
        let epoch = try #require(trajectory.convergenceEpoch)
        #expect(epoch <= 200)
        #expect(trajectory.divergenceEpoch == nil)
      }
    }
  }

  /// The known exceptions: slower than that, not stuck.
  ///
  /// Reverse KL brings back a token that the student has dropped at a speed proportional to what
  /// is left of it, and this teacher holds nearly all its mass on one token. Gradient descent
  /// without momentum takes gradients as small as they are.
  @Test(arguments: [
    ("pareto", "rkl", "adam", 0.2, "normal:sigma=3", 40, 1000),
    ("longtail", "fkl", "sgd", 1.0, "torch-uniform", 1, 4000),
    ("longtail", "rkl", "sgd", 1.0, "torch-uniform", 1, 4000),
    ("longtail", "akl", "sgd", 1.0, "torch-uniform", 1, 4000),
    ("bimodal", "fkl", "sgd", 1.0, "torch-uniform", 1, 4000),
    ("bimodal", "rkl", "sgd", 1.0, "teacher-noise", 1, 4000),
  ])
  func someNeedMoreThanTwoHundredEpochs(
    teacher: String, objective: String, optimizer: String, learningRate: Double,
    initialization: String, seed: UInt64, enough: Int
  ) throws {
    let setup = try Setup(
      teacher: teacher, objective: objective, optimizer: optimizer, learningRate: learningRate,
      initialization: initialization, epochs: enough)
    let records = try Self.run(setup, seed: seed, everyEpoch: true).records
    // An earlier epoch may have been closer: Adam passes by before it settles.
    #expect(records[200].totalVariation >= Trajectory.convergenceThreshold)
    #expect(records[enough].totalVariation < Trajectory.convergenceThreshold)
  }

  /// FKL is convex in z, and its curvature `diag q − q qᵀ` is at most ½: a step of at most 2 over
  /// ½ cannot raise it, one of half that even lowers it.
  @Test(
    arguments: Catalog.teachers.filter { !($0 is any ContextTeacher.Type) }.map { $0.name },
    [0.01, 0.5, 1.0, 2.0])
  func gradientDescentNeverRaisesForwardKL(teacher: String, learningRate: Double) throws {
    for initialization in ["torch-uniform", "normal:sigma=3", "zeros"] {
      let setup = try Setup(
        teacher: "\(teacher):size=30", optimizer: "sgd", learningRate: learningRate,
        initialization: initialization, epochs: 100)
      for seed in UInt64(1)...3 {
        let losses = try Self.run(setup, seed: seed, everyEpoch: true).records.map(\.loss)
        let rises = zip(losses, losses.dropFirst()).map { $1 - $0 }
        // A loss is a sum of 30 terms of a few nats: some 1e-15 of rounding.
        #expect(rises.allSatisfy { $0 <= 1e-14 }, "\(initialization), seed \(seed)")
        #expect((losses.last ?? .infinity) <= losses[0])
      }
    }
  }

  @Test func convergenceEpochsAreTheFirstBelowTheThreshold() throws {
    let trajectory = try Self.run(try Setup(epochs: 200), seed: 1, everyEpoch: true)
    let first = trajectory.records.first { $0.totalVariation < Trajectory.convergenceThreshold }
    #expect(trajectory.convergenceEpoch == first?.epoch)
    #expect(first != nil)
  }

  private static func run(
    _ setup: Setup, seed: UInt64, everyEpoch: Bool = false
  ) throws -> Trajectory {
    try setup.trajectory(
      seed: seed,
      Measurement(heads: [], epochs: { epoch, last in everyEpoch || epoch == last }))
  }
}
