// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimTestSupport
import Testing

/// A run that blows up is a result: it goes on to its last epoch and says what it has become.
@Suite struct DivergenceLawTests {
  static let optimizers =
    Catalog.optimizers.map { $0.name }.filter { $0 != "gradient-flow" } + [
      "sgd:momentum=0.9", "sgd:momentum=0.9:nesterov=true",
    ]

  @Test(arguments: ObjectiveCatalog.specifications, optimizers)
  func divergingRunsAreRecorded(objective: String, optimizer: String) throws {
    for teacher in ["longtail", "uniform:size=2", "dirichlet"] {
      let setup = try Setup(
        teacher: teacher, objective: objective, optimizer: optimizer, learningRate: 1e308,
        initialization: "normal", epochs: 20)
      let trajectory = try setup.trajectory(
        seed: 1,
        Measurement(
          heads: [try Catalog.head("mass=0.5"), try Catalog.head("mass=1")],
          metrics: try Catalog.metrics.map { try Catalog.metric($0.name).component },
          snapshots: { _, _ in true }))
      #expect(trajectory.records.map(\.epoch) == Array(0...20))
      #expect(trajectory.snapshots.count == 21)
      #expect(trajectory.records[0].loss.isFinite)
      // Logits of 1e300 and more: a token is gone, or nothing is a number any more.
      #expect(trajectory.records.contains { !($0.forwardKL < 1e290) }, "\(teacher)")
      let firstBad = trajectory.records.first { !$0.loss.isFinite }
      #expect(trajectory.divergenceEpoch == firstBad?.epoch)
    }
  }

  /// 1e308/(1 − β₁) is infinite, and so is the first step.
  @Test(arguments: ObjectiveCatalog.specifications)
  func adamStopsBeingANumberAtOnce(objective: String) throws {
    let setup = try Setup(objective: objective, learningRate: 1e308, epochs: 5)
    let trajectory = try setup.trajectory(seed: 1, Measurement(heads: []))
    #expect(trajectory.divergenceEpoch == 1)
    #expect(trajectory.records[5].loss.isNaN)
    #expect(trajectory.records[5].totalVariation.isNaN)
    #expect(trajectory.convergenceEpoch == nil)
  }

  /// The hinges of logits that are not numbers are 0.
  @Test func aStudentThatIsNoNumberHasDiverged() throws {
    let setup = try Setup(
      objective: "rank-hinge:temperature=5e-324", optimizer: "natural-gradient", epochs: 2)
    let trajectory = try setup.trajectory(seed: 1, Measurement(heads: []))
    #expect(trajectory.records[1].totalVariation.isNaN)
    #expect(trajectory.divergenceEpoch == 1)
  }

  @Test(arguments: ObjectiveCatalog.specifications)
  func anUnderflowingLearningRateMovesNothing(objective: String) throws {
    let setup = try Setup(
      objective: objective, optimizer: "sgd", learningRate: .leastNonzeroMagnitude, epochs: 5)
    let trajectory = try setup.trajectory(seed: 1, Measurement(heads: []))
    // The same but for the rounding of a normalisation that is done again at every epoch.
    #expect(gap(trajectory.records[5].forwardKL, trajectory.records[0].forwardKL) <= 4e-15)
  }

  /// A flow goes downhill for as long as it is told to, or says that this is too long.
  @Test func aFlowOfEndlessTimeIsRefused() throws {
    let setup = try Setup(optimizer: "gradient-flow", learningRate: 1e308, epochs: 1)
    let error = #expect(throws: SetupError.self) {
      try setup.trajectory(seed: 1, Measurement(heads: []))
    }
    #expect(error?.description.contains("lower the learning rate") == true)
  }
}
