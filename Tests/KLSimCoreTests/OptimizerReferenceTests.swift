// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimNumerics
import KLSimTestSupport
import Testing

/// Optimizers against their formulas, one scalar at a time in wider arithmetic.
@Suite struct OptimizerReferenceTests {
  /// The optimizers that take each scalar by itself.
  static let names = Catalog.optimizers.filter { $0 is any ElementwiseOptimizer.Type }.map {
    $0.name
  }
  static let specifications =
    names + [
      "adam:beta1=0", "adam:beta1=0.5:beta2=0.9:epsilon=0.1", "adam:epsilon=0",
      "sgd:momentum=0.9", "sgd:momentum=0.5:nesterov=true",
      "adamw:weight-decay=0.3:beta1=0.5", "adamw:weight-decay=0",
      "rmsprop:alpha=0.5:epsilon=0.01", "rmsprop:momentum=0.9", "rmsprop:centered=true",
      "rmsprop:alpha=0.9:momentum=0.5:centered=true:epsilon=0.001",
    ]

  private func optimizer(_ specification: String) throws -> any ElementwiseOptimizer {
    try #require(
      Catalog.optimizer(specification).component as? any ElementwiseOptimizer)
  }

  @Test(arguments: names)
  func aReferenceExists(name: String) {
    #expect(ReferenceOptimizer(name) != nil, "write its formula in ReferenceOptimizer")
  }

  @Test(arguments: specifications, [1, 2, 3])
  func stepsEqualTheFormula(specification: String, seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    let count = 7
    let learningRate = Double.random(in: 0.01...1, using: &generator)
    var optimizer = try optimizer(specification)
    var references: [ReferenceOptimizer] = []
    for _ in 0..<count { references.append(try #require(ReferenceOptimizer(specification))) }
    var parameters = (0..<count).map { _ in Double.random(in: -3...3, using: &generator) }
    var expected = parameters.map { Wide($0) }
    optimizer.begin(parameterCount: count)
    for step in 1...100 {
      // Gradients of very different sizes: Adam's ε matters to the small ones alone.
      let gradient = (0..<count).map { index in
        Double.random(in: -1...1, using: &generator) * [1, 1e-8, 1e-3, 1e3, 1, 1e-10, 1][index]
      }
      optimizer.step(&parameters, gradient: gradient, learningRate: learningRate, kernels: .best)
      for index in 0..<count {
        expected[index] -= references[index].step(
          Wide(gradient[index]), learningRate: Wide(learningRate), from: expected[index])
      }
      let gaps = zip(parameters, expected).map { gap($0, Double($1)) / max(1, abs(Double($1))) }
      // A handful of roundings a step, which add up along the way.
      #expect(largest(gaps) <= Double(step) * 1e-14, "step \(step)")
    }
  }

  /// Published numbers of the first steps: θ = 0, g = 1, learning rate 0.1.
  @Test func firstStepsAreKnown() throws {
    #expect(try path("sgd") == [-0.1, -0.2])
    // −0.1 (1 + 1.9) and −0.1 (1.9 + 1 + 0.9·1.9)
    #expect(worstGap(try path("sgd:momentum=0.9"), [-0.1, -0.29]) <= 1e-15)
    #expect(
      worstGap(try path("sgd:momentum=0.9:nesterov=true"), [-0.19, -0.461]) <= 1e-15)
    // Equal gradients make Adam step by the learning rate over 1 + ε.
    #expect(worstGap(try path("adam"), [-0.1 / (1 + 1e-8), -0.2 / (1 + 1e-8)]) <= 1e-15)
    // The decay of −0.1 by 0.1·0.5 gives back 0.005.
    let first = -0.1 / (1 + 1e-8)
    #expect(worstGap(try path("adamw:weight-decay=0.5"), [first, first * 1.95]) <= 1e-15)
    // −0.1/√0.01, then −0.1/√0.0199.
    let quotients = [1 / (0.1 + 1e-8), 1 / (0.0199.squareRoot() + 1e-8)]
    #expect(
      worstGap(
        try path("rmsprop"), [-0.1 * quotients[0], -0.1 * (quotients[0] + quotients[1])]) <= 1e-14)
  }

  private func path(_ specification: String) throws -> [Double] {
    var optimizer = try optimizer(specification)
    var parameters = [0.0]
    optimizer.begin(parameterCount: 1)
    return (0..<2).map { _ in
      optimizer.step(&parameters, gradient: [1], learningRate: 0.1, kernels: .best)
      return parameters[0]
    }
  }

  @Test(arguments: specifications)
  func aCopyGoesOnByItself(specification: String) throws {
    var original = try optimizer(specification)
    original.begin(parameterCount: 2)
    var parameters = [1.0, -1.0]
    original.step(&parameters, gradient: [0.5, 0.25], learningRate: 0.1, kernels: .best)
    var copy = original
    var undisturbed = parameters
    var disturbed = parameters
    for _ in 0..<3 {
      copy.step(&disturbed, gradient: [-9, 100], learningRate: 0.1, kernels: .best)
    }
    var again = try optimizer(specification)
    again.begin(parameterCount: 2)
    var repeated = [1.0, -1.0]
    again.step(&repeated, gradient: [0.5, 0.25], learningRate: 0.1, kernels: .best)
    original.step(&undisturbed, gradient: [0.1, 0.2], learningRate: 0.1, kernels: .best)
    again.step(&repeated, gradient: [0.1, 0.2], learningRate: 0.1, kernels: .best)
    #expect(undisturbed == repeated)
    #expect(disturbed != undisturbed)
  }

  @Test(arguments: specifications)
  func beginningForgetsThePast(specification: String) throws {
    var optimizer = try optimizer(specification)
    func run() -> [Double] {
      optimizer.begin(parameterCount: 1)
      var parameters = [0.0]
      for slope in [1.0, -0.5, 0.25] {
        optimizer.step(&parameters, gradient: [slope], learningRate: 0.1, kernels: .best)
      }
      return parameters
    }
    let first = run()
    #expect(run() == first)
  }

  /// No scalar sees another: what a run does cannot depend on its batch.
  @Test(arguments: specifications)
  func scalarsAreIndependent(specification: String) throws {
    func run(_ starts: [Double], _ slopes: [Double]) throws -> [Double] {
      var optimizer = try optimizer(specification)
      optimizer.begin(parameterCount: starts.count)
      var parameters = starts
      for step in 1...20 {
        optimizer.step(
          &parameters, gradient: slopes.map { $0 / Double(step) }, learningRate: 0.3, kernels: .best
        )
      }
      return parameters
    }
    let together = try run([1, 2, 3], [0.5, -1e3, 1e-9])
    #expect(try run([1], [0.5]) + run([2], [-1e3]) + run([3], [1e-9]) == together)
  }
}
