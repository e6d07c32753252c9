// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimNumerics
import KLSimTestSupport
import Testing

/// Flows with closed forms.
@Suite struct AdaptiveIntegratorTests {
  private func integrator() -> AdaptiveIntegrator {
    AdaptiveIntegrator(absoluteTolerance: 1e-12, relativeTolerance: 1e-12)
  }

  /// A flow whose point turns by an angle of one in a time of one.
  private func rotation(_ point: [Double], _ slope: inout [Double]) -> Bool {
    (slope[0], slope[1]) = (point[1], -point[0])
    return true
  }

  @Test func decayIsExponential() throws {
    var integrator = integrator()
    var state = [1.0, 5, -2]
    for step in 1...4 {
      let outcome = try integrator.advance(&state, by: 0.7) { point, slope in
        for index in point.indices { slope[index] = -Double(index) * point[index] }
        return true
      }
      #expect(outcome == .complete)
      let time = 0.7 * Double(step)
      let expected = zip([1.0, 5, -2], exponentials([0, Wide(-time), Wide(-2 * time)])).map {
        $0 * Double($1)
      }
      #expect(worstGap(state, expected) <= 1e-10, "step \(step)")
    }
  }

  @Test func oscillationsKeepTheirEnergy() throws {
    var integrator = integrator()
    var state = [1.0, 0]
    // A hundred turns.
    _ = try integrator.advance(&state, by: 200 * .pi, derivative: rotation)
    #expect(worstGap(state, [1, 0]) <= 1e-8)
  }

  @Test func nothingMovesInNoTime() throws {
    var integrator = integrator()
    var state = [1.0]
    let outcome = try integrator.advance(&state, by: 0) { _, _ in false }
    #expect(outcome == .complete && state == [1])
  }

  @Test(arguments: [1, 2024, 0x1p52].map { $0 * Double.leastNonzeroMagnitude })
  func hardlyAnythingMovesInTheShortestTimes(duration: Double) throws {
    var integrator = integrator()
    var state = [1.0, 0]
    for turn in 1...3 {
      let outcome = try integrator.advance(&state, by: duration) { point, slope in
        (slope[0], slope[1]) = (point[1], 1)
        return true
      }
      #expect(outcome == .complete)
      #expect(state == [1, Double(turn) * duration])
    }
  }

  @Test func derivativesThatAreNotThereStopIt() throws {
    var integrator = integrator()
    var state = [1.0]
    #expect(try integrator.advance(&state, by: 1) { _, _ in false } == .undefined)
    // dy/dt = y² leaves every number behind at t = 1.
    var growing = [1.0]
    let outcome = try integrator.advance(&growing, by: 2) { point, slope in
      slope[0] = point[0] * point[0]
      return slope[0].isFinite && point[0] < 1e100
    }
    #expect(outcome != .complete)
  }

  /// A rotation, on which no step is much longer than others: what a tenth of the steps says of the rest is true.
  @Test(arguments: [(300.0, 100), (1e6, 10), (1e9, 10)])
  func stepsAreCounted(duration: Double, steps: Int) throws {
    var integrator = integrator()
    var state = [1.0, 0]
    let outcome = try integrator.advance(
      &state, by: duration, maximumSteps: 100, derivative: rotation)
    guard case .tooManySteps(steps, let covered) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    let time = covered * duration
    #expect(worstGap(state, [cos(time), -sin(time)]) < 1e-6)
    #expect(covered < (steps == 100 ? 1 : 1e-3))
  }

  /// In a tenth of the steps a thousandth of the time is enough to go on.
  @Test func whatArrivesArrives() throws {
    var integrator = integrator()
    var state = [1.0, 0]
    let outcome = try integrator.advance(&state, by: 20, maximumSteps: 100, derivative: rotation)
    #expect(outcome == .complete)
    #expect(worstGap(state, [cos(20), -sin(20)]) < 1e-8)
  }

  @Test func aCopyGoesOnByItself() throws {
    func decay(_ point: [Double], _ slope: inout [Double]) -> Bool {
      slope[0] = -point[0]
      return true
    }
    var original = integrator()
    var state = [1.0]
    _ = try original.advance(&state, by: 1, derivative: decay)
    var copy = original
    var (first, second) = (state, state)
    _ = try copy.advance(&first, by: 1, derivative: decay)
    _ = try original.advance(&second, by: 1, derivative: decay)
    #expect(first == second)
  }
}
