// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimTestSupport
import Testing

@testable import KLSimCore
@testable import KLSimClaims

/// What the claims about students that cannot be their teachers ask, against runs looked at token by
/// token.
@Suite struct SeekingClaimTests {
  static let flights:
    [(start: Int, width: Int, optimizer: String, learningRate: Double, epochs: Int)] = [
      (20, 4, "gradient-flow", 10, 100), (80, 14, "rmsprop", 0.1, 600),
      (80, 8, "natural-gradient", 0.1, 600),
    ]

  @Test(arguments: flights)
  func modesAreSoughtByTheLeastShareKept(
    start: Int, width: Int, optimizer: String, learningRate: Double, epochs: Int
  ) throws {
    let condition = Condition(
      teacher: "mixture:size=100:centres=30/70:weights=0.4/0.6:widths=\(width)",
      student: "gaussian:mean=\(start):width=5:spread=0.2", optimizer: optimizer,
      learningRate: learningRate, initialization: "student")
    let answers = try GaussianModeSeeking().trial(condition).answers()
    #expect(
      answers.prefix(3).map(\.cell.fields)
        == [["fkl", "covers"], ["rkl", "seeks"], ["js", "seeks"]])
    let runs = Courses(condition, epochs: epochs)
    for answer in answers {
      let run = try runs(answer.cell.objective, seed: answer.seed)
      let p = run.teacher.byToken(run.teacher.probabilities)
      let q = run.teacher.byToken(run.snapshots[epochs].probabilities)
      // The valley between the centres belongs to the mode after it.
      let valley = try #require((30...70).min { p[$0] < p[$1] })
      let modes: [Range<Int>] = [0..<valley, valley..<100]
      let kept: [Double] = modes.map { q[$0].reduce(0, +) / p[$0].reduce(0, +) }
      let least = min(kept[0], kept[1])
      #expect(abs(answer.outcome.quantity - least) <= 1e-12, "\(answer)")
      #expect(
        answer.outcome.holds == (answer.cell.behaviour == "covers" ? least >= 0.5 : least < 0.1))
    }
  }

  @Test(arguments: ["dirichlet:size=16:concentration=0.3", "softmax-normal:size=16:sigma=2"])
  func capacityIsOfTheMassOutsideTheNucleusAndOfTheDistance(teacher: String) throws {
    let condition = Condition(
      teacher: "\(teacher):contexts=6", student: "low-rank:rank=2", learningRate: 0.05,
      initialization: "student")
    let answers = try Capacity().trial(condition).answers()
    let epochs = Set(answers.map(\.cell.epoch))
    #expect(epochs == [20, 100, 200, 500, 1000, 2000])
    #expect(Set(answers.map(\.cell.measure)) == [.voidMass, .tvd])
    var runs: [UInt64: [[Trajectory]]] = [:]
    for seed in UInt64(1)...2 {
      runs[seed] = try ["rkl", "fkl"].map { objective in
        try condition.setup(objective: objective, epochs: 2000).trajectories(
          seed: seed,
          Measurement(
            heads: [], epochs: { _, _ in false },
            snapshots: { epoch, _ in epochs.contains(epoch) }))
      }
    }
    for answer in answers {
      let values = try #require(runs[answer.seed]).map { contexts in
        let values = contexts.map { context in
          Self.value(answer.cell.measure, of: context, epoch: answer.cell.epoch)
        }
        #expect(values.count == 6)
        return values.reduce(0, +) / 6
      }
      expectSmaller(answer.outcome, values[0], than: values[1], "\(answer)")
    }
  }

  /// What is compared, of one context, by token.
  private static func value(
    _ measure: Capacity.Cell.Measure, of run: Trajectory, epoch: Int
  ) -> Double {
    let student = run.snapshots.first { $0.epoch == epoch }
    let state = ReferenceState(
      .logarithmic(run.teacher.byToken(run.teacher.logProbabilities)),
      logits: run.teacher.byToken(student?.logProbabilities ?? []))
    guard measure == .voidMass else { return Double(state.totalVariation) }
    let void = state.tokens.subtracting(state.nucleus(mass: 0.95))
    return Double(compensatedSum(void.map { state.q[$0] }))
  }

  /// The claim is about the last epoch, and its source about the mass.
  @Test func theMassAtTheEndIsPublished() throws {
    let claim = Capacity()
    let trial = try claim.trials()[0]
    for cell in try trial.cells() {
      let evidence = try evidence(cell, condition: trial.condition, hits: 1)
      #expect(claim.covers(evidence) == (cell.epoch == 2000))
      #expect(claim.isPublished(evidence) == (cell.epoch == 2000 && cell.measure == .voidMass))
    }
  }
}
