// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimTestSupport
import Testing

/// Gradient flow against closed forms, and against descents of small steps.
@Suite struct GradientFlowLawTests {
  private func run(
    _ optimizer: String, teacher: String = "longtail", objective: String = "fkl",
    learningRate: Double, epochs: Int, initialization: String = "torch-uniform",
    reader: any NumberReader = NoFiles()
  ) throws -> Trajectory {
    let setup = try Setup(
      teacher: teacher, objective: objective, optimizer: optimizer, learningRate: learningRate,
      initialization: initialization, epochs: epochs, reader: reader)
    return try setup.trajectory(
      seed: 1,
      Measurement(heads: [], snapshots: { _, _ in true }))
  }

  /// Two tokens, the second of no mass: `d(z₀−z₁)/dt = 2/(1 + e^(z₀−z₁))`, whose solutions have
  /// `z + eᶻ = 2t + const`.
  @Test(arguments: [0.01, 1, 30])
  func aCertainTeacherHasAClosedForm(rate: Double) throws {
    let trajectory = try run(
      "gradient-flow", teacher: "file:path=p", learningRate: rate, epochs: 10,
      initialization: "zeros", reader: FixedNumbers([1, 0]))
    for snapshot in trajectory.snapshots {
      let odds = snapshot.probabilities[0] / snapshot.probabilities[1]
      let invariant = Double(logarithms([odds])[0]) + odds
      let expected = 1 + 2 * rate * Double(snapshot.epoch)
      #expect(gap(invariant, expected) <= 1e-8 * expected, "epoch \(snapshot.epoch)")
    }
  }

  /// The error of Euler's method is proportional to its step.
  @Test(arguments: ["fkl", "rkl", "jeffreys", "mix:lambda=0.9"])
  func smallStepsApproachTheFlow(objective: String) throws {
    let flow = try run("gradient-flow", objective: objective, learningRate: 1, epochs: 3)
    let last = try #require(flow.snapshots.last).probabilities
    let gaps = try [100, 200, 400].map { parts in
      let steps = try run(
        "sgd", objective: objective, learningRate: 1 / Double(parts), epochs: 3 * parts)
      return worstGap(try #require(steps.snapshots.last).probabilities, last)
    }
    #expect(gaps[0] < 1e-3)
    for (coarse, fine) in zip(gaps, gaps.dropFirst()) {
      #expect(gap(coarse / fine, 2) < 0.1)
    }
  }

  @Test(arguments: ["fkl", "rkl", "jeffreys"])
  func itIsTheTimeThatCounts(objective: String) throws {
    let long = try run("gradient-flow", objective: objective, learningRate: 4, epochs: 5)
    let short = try run("gradient-flow", objective: objective, learningRate: 1, epochs: 20)
    for snapshot in long.snapshots {
      let same = short.snapshots[4 * snapshot.epoch]
      // Some twenty steps of an error of 1e-10 each.
      #expect(worstGap(snapshot.probabilities, same.probabilities) <= 1e-8)
    }
  }

  @Test(arguments: ["fkl", "rkl", "jeffreys"], [0.1, 10, 1000])
  func theLossNeverRises(objective: String, rate: Double) throws {
    for teacher in ["longtail", "bimodal", "dirichlet:concentration=5"] {
      let losses = try run(
        "gradient-flow", teacher: teacher, objective: objective, learningRate: rate, epochs: 20
      ).records.map(\.loss)
      #expect(zip(losses, losses.dropFirst()).allSatisfy { $1 <= $0 + 1e-10 }, "\(teacher)")
      #expect(losses[20] < losses[0])
    }
  }

  @Test func noTimeIsNoMotion() throws {
    let trajectory = try run("gradient-flow", learningRate: 0, epochs: 2)
    #expect(trajectory.snapshots[2].probabilities == trajectory.snapshots[0].probabilities)
  }

  /// A tolerance is what the answer is off by, not the step.
  @Test func tolerancesAreKept() throws {
    let exact = try run("gradient-flow", learningRate: 20, epochs: 3)
    let rough = try run(
      "gradient-flow:absolute-tolerance=1e-4:relative-tolerance=1e-4", learningRate: 20, epochs: 3)
    let gaps = zip(exact.snapshots, rough.snapshots).map {
      worstGap($0.probabilities, $1.probabilities)
    }
    #expect(largest(gaps) <= 1e-2)
    #expect(largest(gaps) > 0)
  }
}
