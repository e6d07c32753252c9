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
    // Fewer terms than dimensions leave eigenvalues of 0.
    let terms = (0..<max(1, size - 2)).map { _ in
      (weight: Double.random(in: 0.1...2, using: &generator), vector: vector())
    }
    var matrix = SymmetricMatrix(size: size)
    for term in terms { matrix.add(term.weight, outer: term.vector) }
    let right = vector()
    let solution = try matrix.solve(right, damping: damping)
    var left = solution.map { damping * $0 }
    for term in terms {
      let projection = zip(term.vector, solution).reduce(0) { $0 + $1.0 * $1.1 }
      for index in left.indices { left[index] += term.weight * projection * term.vector[index] }
    }
    #expect(worstGap(left, right) <= 1e-13 * Double(size) * (1 + largest(solution)))
  }

  @Test func knownSolutions() throws {
    var matrix = SymmetricMatrix(size: 2)
    matrix.add(2, outer: [1, 0])
    matrix.add(1, outer: [0, 1])
    // (2 + 1) x = 3, (1 + 1) y = 5
    #expect(worstGap(try matrix.solve([3, 5], damping: 1), [1, 2.5]) <= 1e-15)
    #expect(try SymmetricMatrix(size: 3).solve([1, 2, 4], damping: 0.5) == [2, 4, 8])
    #expect(try SymmetricMatrix(size: 0).solve([], damping: 1).isEmpty)
  }

  @Test(arguments: [Double.nan, .infinity])
  func whatIsNotFiniteHasNoSolution(value: Double) throws {
    var matrix = SymmetricMatrix(size: 2)
    #expect(try matrix.solve([value, 0], damping: 1).allSatisfy { $0.isNaN })
    matrix.add(value, outer: [1, 1])
    #expect(try matrix.solve([1, 0], damping: 1).allSatisfy { $0.isNaN })
  }
}
