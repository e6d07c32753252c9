// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimTestSupport
import Testing

/// Gradients against central differences of losses.
///
/// Teachers and students are a few nats apart: further out a loss is hundreds of nats large, and
/// the difference of two of them has no digits left. The formulas cover that ground.
@Suite struct ObjectiveGradientLawTests {
  /// Fourth-order differences leave h⁴/30 of a fifth derivative, 3e-14, and 1.5·2⁻⁵³/h of a loss,
  /// 2e-13; a fifth derivative is at most some hundreds along directions of entries up to 1.
  static let step = 0x1p-10
  static let tolerance = 1e-10

  static let cases = RandomCase.all([.moderate], sizes: [1, 2, 3, 80, 1000])

  @Test(
    arguments: ObjectiveCatalog.plainSpecifications.filter { !ObjectiveCatalog.hasCorners($0) }
      + ["sinkhorn:epsilon=0.5", "sinkhorn:debiased=true:power=2:epsilon=0.5", "rank-logistic"],
    cases)
  func gradientsAreDerivativesOfLosses(specification: String, randomCase: RandomCase) throws {
    let objective = try Catalog.objective(specification).component
    let state = try randomCase.state()
    // Its time grows with the square of the size.
    let isQuadratic = ["sinkhorn", "rank"].contains { specification.hasPrefix($0) }
    guard !isQuadratic || randomCase.size < 80 else { return }
    let (loss, gradient) = objective.evaluate(at: state)
    for direction in Self.directions(for: randomCase) {
      let slope = Self.derivative(along: direction, at: state) {
        objective.evaluate(at: $0).loss
      }
      #expect(
        gap(slope, Self.product(gradient, direction)) <= Self.tolerance * (1 + abs(loss)))
    }
  }

  /// Where gradients are stopped the weights are held constant, and only then is the stated
  /// formula a derivative.
  @Test(arguments: ObjectiveCatalog.stoppedBlends, cases)
  func stoppedGradientsAreDerivativesAtConstantWeights(
    specification: String, randomCase: RandomCase
  ) throws {
    let reference = try #require(ReferenceObjective(specification))
    let weights = reference.weights(
      at: ReferenceState(randomCase.weights, logits: randomCase.logits))
    let scale = Double(reference.scale(size: randomCase.size))
    let (forward, reverse) = (Double(weights.forward) * scale, Double(weights.reverse) * scale)
    let state = try randomCase.state()
    let objective = try Catalog.objective(specification).component
    let (loss, gradient) = objective.evaluate(at: state)
    for direction in Self.directions(for: randomCase) {
      let slope = Self.derivative(along: direction, at: state) {
        forward * $0.forwardKL + reverse * $0.reverseKL
      }
      #expect(
        gap(slope, Self.product(gradient, direction)) <= Self.tolerance * (1 + abs(loss)))
    }
  }

  /// Corners are as far apart as the tokens' differences: between them the gradient is right.
  @Test(arguments: [
    "tvd", "w1", "w1:normalize-cost=false", "csiszar:f=total-variation", "csiszar:f=log1p-abs",
    "csiszar:f=log1p-abs:dual=true", "tvd:temperature=2", "rank-hinge", "rank-hinge:margin=0.2",
  ])
  func gradientsAreRightBetweenCorners(specification: String) throws {
    let objective = try Catalog.objective(specification).component
    let teacher = try TeacherDistribution(.linear([0.5, 0.3, 0.15, 0.05]))
    let state = FitState(teacher: teacher, logits: [0.2, -0.1, 0.4, 0])
    let gradient = objective.evaluate(at: state).gradient
    for rank in 0..<4 {
      let slope = Self.derivative(along: Self.unit(rank, size: 4), at: state) {
        objective.evaluate(at: $0).loss
      }
      #expect(gap(slope, gradient[rank]) <= Self.tolerance)
    }
  }

  @Test(arguments: [
    "akl", "bdkd", "todi", "todi:beta=0.5", "dkl", "skew-rkl:detach-mixture=true",
  ])
  func stoppedGradientsAreNotTheDerivativesOfTheirLosses(specification: String) throws {
    let teacher = try TeacherDistribution(.linear([0.5, 0.3, 0.15, 0.05]))
    let state = FitState(teacher: teacher, logits: [0.2, -0.1, 0.4, 0])
    let objective = try Catalog.objective(specification).component
    let gradient = objective.evaluate(at: state).gradient
    let gaps = state.logits.indices.map { rank in
      let slope = Self.derivative(along: Self.unit(rank, size: 4), at: state) {
        objective.evaluate(at: $0).loss
      }
      return gap(slope, gradient[rank])
    }
    // A hundred million times what the other tests allow; but the weights of bdkd are constants
    // between the entropies' crossings, and there its gradient is that of its loss.
    #expect(specification == "bdkd" ? largest(gaps) <= Self.tolerance : largest(gaps) > 1e-3)
  }

  private static func unit(_ rank: Int, size: Int) -> [Double] {
    (0..<size).map { $0 == rank ? 1 : 0 }
  }

  /// Every coordinate of a small vocabulary; of a large one, some and directions at random.
  private static func directions(for randomCase: RandomCase) -> [[Double]] {
    let size = randomCase.size
    guard size > 3 else { return (0..<size).map { unit($0, size: size) } }
    var generator = SplitMix64(seed: randomCase.seed)
    let coordinates = [0, 1, size / 2, size - 1].map { unit($0, size: size) }
    let random = (0..<2).map { _ in
      (0..<size).map { _ in Double.random(in: -1...1, using: &generator) }
    }
    return coordinates + random
  }

  private static func product(_ left: [Double], _ right: [Double]) -> Double {
    zip(left, right).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// The derivative of a function of the state by fourth-order central differences.
  private static func derivative(
    along direction: [Double], at state: FitState, of function: (FitState) -> Double
  ) -> Double {
    func value(_ steps: Double) -> Double {
      let logits = zip(state.logits, direction).map { $0 + steps * step * $1 }
      return function(FitState(teacher: state.teacher, logits: logits))
    }
    return (8 * (value(1) - value(-1)) - (value(2) - value(-2))) / (12 * step)
  }
}
