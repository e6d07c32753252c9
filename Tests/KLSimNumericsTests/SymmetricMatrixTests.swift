// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimNumerics
import KLSimTestSupport
import Testing

/// Damped systems of symmetric matrices.
@Suite struct SymmetricMatrixTests {
  @Test(arguments: [1, 2, 5, 40], [1e-6, 1, 100])
  func solutionsSolveTheSystem(size: Int, damping: Double) throws {
    var generator = SplitMix64(seed: UInt64(size))
    func vector() -> [Double] { (0..<size).map { _ in .random(in: -1...1, using: &generator) } }
    // Fewer samples than dimensions leave eigenvalues of 0.
    let samples = (0..<max(1, size - 2)).map { _ in
      (weight: Double.random(in: 0.1...2, using: &generator), vector: vector())
    }
    let matrix = SymmetricMatrix(
      sumOfSquaresOf: (0..<size).map { row in samples.map { $0.vector[row] } },
      weights: samples.map(\.weight))
    let right = vector()
    let solution = try matrix.solve(right, damping: damping)
    // Σ w v (v · x) + damping x, without the matrix.
    var left = solution.map { damping * $0 }
    for sample in samples {
      let projection = zip(sample.vector, solution).reduce(0) { $0 + $1.0 * $1.1 }
      for index in left.indices {
        left[index] += sample.weight * projection * sample.vector[index]
      }
    }
    #expect(worstGap(left, right) <= 1e-13 * Double(size) * (1 + largest(solution)))
  }

  @Test func knownSolutions() throws {
    // Samples (1, 0) of weight 2 and (0, 1) of weight 1: (2 + 1) x = 3, (1 + 1) y = 5.
    let diagonal = SymmetricMatrix(sumOfSquaresOf: [[1, 0], [0, 1]], weights: [2, 1])
    #expect(worstGap(try diagonal.solve([3, 5], damping: 1), [1, 2.5]) <= 1e-15)
    // A sample (1, 2) of weight 3, with damping 1: 4x + 6y = 10, 6x + 13y = 19.
    let product = SymmetricMatrix(sumOfSquaresOf: [[1], [2]], weights: [3])
    #expect(worstGap(try product.solve([10, 19], damping: 1), [1, 1]) <= 1e-14)
    // No samples, and samples of no weight, are the zero matrix.
    let none = SymmetricMatrix(sumOfSquaresOf: [[], [], []], weights: [])
    #expect(try none.solve([1, 2, 4], damping: 0.5) == [2, 4, 8])
    let weightless = SymmetricMatrix(sumOfSquaresOf: [[7], [-1]], weights: [0])
    #expect(try weightless.solve([1, 2], damping: 0.5) == [2, 4])
    #expect(try SymmetricMatrix(sumOfSquaresOf: [], weights: []).solve([], damping: 1).isEmpty)
  }

  @Test(arguments: [Double.nan, .infinity])
  func whatIsNotFiniteHasNoSolution(value: Double) throws {
    #expect(
      try SymmetricMatrix(sumOfSquaresOf: [[], []], weights: []).solve([value, 0], damping: 1)
        .allSatisfy { $0.isNaN })
    let matrix = SymmetricMatrix(sumOfSquaresOf: [[1], [1]], weights: [value])
    #expect(try matrix.solve([1, 0], damping: 1).allSatisfy { $0.isNaN })
  }
}
