// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimTestSupport
import Testing

/// What the natural gradient of a softmax student solves.
@Suite struct NaturalGradientLawTests {
  /// The logits' move in the first epoch, over the learning rate, by token.
  private func direction(
    _ point: RandomCase, objective: String, damping: Double
  ) throws -> (gradient: [Double], step: [Double], q: [Double]) {
    let setup = try Setup(
      objective: objective, optimizer: "natural-gradient:damping=\(damping)", learningRate: 1,
      initialization: "file:path=z", epochs: 1, reader: FixedNumbers(point.logits))
    let teacher = try point.teacher()
    let trajectory = try FitBatch(setup, teachers: [teacher], seeds: [1]).run(
      Measurement(heads: [], snapshots: { _, _ in true }))[0]
    let logs = trajectory.snapshots.map {
      teacher.byToken($0.probabilities).map { logarithms([$0])[0] }
    }
    let state = try point.state()
    let gradient = try Catalog.objective(objective).component.lossAndGradient(at: state).gradient
    return (
      gradient, zip(logs[0], logs[1]).map { Double($0 - $1) },
      teacher.byToken(state.probabilities)
    )
  }

  /// `(F + λI) d = g`, F = diag q − q qᵀ: the move is d but for a shift of all logits.
  @Test(arguments: ["fkl", "rkl", "mix", "akl"], [1e-8, 1e-3, 1])
  func theStepSolvesTheSystem(objective: String, damping: Double) throws {
    for point in RandomCase.all([.moderate], sizes: [2, 3, 80]) {
      let (gradient, step, q) = try direction(point, objective: objective, damping: damping)
      // Of all shifts, d is the one that sums to 0, as g does.
      let mean = step.reduce(0, +) / Double(step.count)
      let d = step.map { $0 - mean }
      let average = zip(q, d).reduce(0) { $0 + $1.0 * $1.1 }
      let left = zip(q, d).map { $0 * ($1 - average) + damping * $1 }
      #expect(
        worstGap(left, gradient) <= 1e-13 * (1 + largest(d)), "\(point)")
    }
  }

  /// Small steps of the natural gradient of FKL are straight lines in q: `dq/dt = p − q`.
  @Test func forwardKLMovesTheStudentStraightToTheTeacher() throws {
    let epochs = 2000
    let setup = try Setup(
      optimizer: "natural-gradient:damping=1e-300", learningRate: 1e-3, epochs: epochs)
    let trajectory = try setup.trajectory(
      seed: 1,
      Measurement(heads: [], snapshots: { $0 == 0 || $0 == $1 }))
    let (start, end) = (
      trajectory.snapshots[0].probabilities, trajectory.snapshots[1].probabilities
    )
    let left = Double(exponentials([-2])[0])
    let p = trajectory.teacher.probabilities
    let expected = zip(p, start).map { $0 + left * ($1 - $0) }
    // Euler's method is off by its step, 1e-3, times the change.
    #expect(worstGap(end, expected) <= 1e-3 * worstGap(start, expected))
  }

  /// A token that the student has dropped is moved by no more than its gradient over λ.
  @Test func dampingHoldsDroppedTokens() throws {
    let setup = try Setup(
      teacher: "uniform:size=3", optimizer: "natural-gradient:damping=0.01", learningRate: 1e-3,
      initialization: "file:path=z", epochs: 1, reader: FixedNumbers([0, 0, -2000]))
    let trajectory = try setup.trajectory(
      seed: 1,
      Measurement(heads: [], metrics: [], snapshots: { _, _ in true }))
    #expect(trajectory.divergenceEpoch == nil)
    let moved = trajectory.records[0].forwardKL - trajectory.records[1].forwardKL
    // A third of (1/3)/0.01·1e-3, and half of that again from the tokens that sink.
    #expect(moved > 0 && moved <= 2 * (1.0 / 3) / 0.01 * 1e-3)
  }
}
