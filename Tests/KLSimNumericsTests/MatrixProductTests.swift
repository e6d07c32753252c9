// SPDX-License-Identifier: GPL-3.0-or-later

import CGSL
import KLSimNumerics
import KLSimTestSupport
import Testing

/// Products of matrices against GSL's CBLAS and against themselves.
@Suite struct MatrixProductTests {
  /// Shapes m × n with inner size k: single elements, parts of tiles, tiles, and blocks of them.
  static let shapes = [
    [1, 1, 1], [3, 5, 2], [8, 24, 1], [9, 25, 129], [6, 8, 128], [97, 23, 7], [13, 200, 260],
    [2, 3, 0], [100, 1, 300],
  ]

  private static func numbers(_ count: Int, seed: Int) -> [Double] {
    var generator = SplitMix64(seed: UInt64(seed))
    return (0..<count).map { _ in .random(in: -1...1, using: &generator) }
  }

  private static func product(
    _ shape: [Int], transposed: (Bool, Bool), adds: Bool, _ kernels: VectorKernels
  ) -> [Double] {
    let (m, n, k) = (shape[0], shape[1], shape[2])
    let (left, right) = (numbers(m * k + 3, seed: 1), numbers(k * n + 5, seed: 2))
    func layout(_ rows: Int, _ columns: Int, at offset: Int, _ isTransposed: Bool) -> MatrixLayout {
      isTransposed
        ? MatrixLayout(rows: columns, columns: rows, at: offset).transposed
        : MatrixLayout(rows: rows, columns: columns, at: offset)
    }
    var result = numbers(m * n + 2, seed: 3)
    kernels.multiply(
      left, layout(m, k, at: 3, transposed.0), by: right, layout(k, n, at: 5, transposed.1),
      into: &result, MatrixLayout(rows: m, columns: n, at: 1), adds: adds)
    return result
  }

  @Test(arguments: shapes)
  func productsAreThoseOfBLAS(shape: [Int]) {
    let (m, n, k) = (shape[0], shape[1], shape[2])
    for (first, second) in [(false, false), (true, false), (false, true), (true, true)] {
      for adds in [false, true] {
        let own = Self.product(shape, transposed: (first, second), adds: adds, .best)
        let (left, right) = (Self.numbers(m * k + 3, seed: 1), Self.numbers(k * n + 5, seed: 2))
        var expected = Self.numbers(m * n + 2, seed: 3)
        unsafe left.withUnsafeBufferPointer { left in
          unsafe right.withUnsafeBufferPointer { right in
            unsafe expected.withUnsafeMutableBufferPointer { result in
              guard let a = left.baseAddress, let b = right.baseAddress, let c = result.baseAddress
              else { return }
              unsafe cblas_dgemm(
                CblasRowMajor, first ? CblasTrans : CblasNoTrans,
                second ? CblasTrans : CblasNoTrans, Int32(m), Int32(n), Int32(k), 1, a + 3,
                Int32(max(1, first ? m : k)), b + 5, Int32(max(1, second ? k : n)), adds ? 1 : 0,
                c + 1, Int32(n))
            }
          }
        }
        // The chain of k fused multiply-adds errs by at most k units of roundoff of Σ |a b| ≤ k.
        let bound = Double(k + 1) * Double(k + 1) * 0x1p-53
        #expect(worstGap(own, expected) <= bound, "\(first) \(second) \(adds)")
        #expect(own[0] == expected[0] && own[m * n + 1] == expected[m * n + 1])
      }
    }
  }

  /// Whatever the instruction set, and in plain Swift.
  @Test(arguments: shapes)
  func allKernelsGiveTheSameBits(shape: [Int]) {
    for transposed in [(false, false), (true, true)] {
      let expected = Self.product(shape, transposed: transposed, adds: true, .plain)
      for kernels in VectorKernels.allCases where kernels.isAvailable {
        let own = Self.product(shape, transposed: transposed, adds: true, kernels)
        #expect(own.map(\.bitPattern) == expected.map(\.bitPattern), "\(kernels)")
      }
    }
  }

  /// The work can be cut anywhere: rows, columns, and the inner index where sums continue.
  @Test func partsGiveTheBitsOfTheWhole() {
    let (m, n, k) = (11, 50, 150)
    let (a, b) = (Self.numbers(m * k, seed: 4), Self.numbers(k * n, seed: 5))
    let whole = MatrixLayout(rows: m, columns: n)
    var expected = [Double](repeating: 0, count: m * n)
    VectorKernels.best.multiply(
      a, MatrixLayout(rows: m, columns: k), by: b, MatrixLayout(rows: k, columns: n),
      into: &expected, whole)
    var rows = [Double](repeating: 0, count: m * n)
    for row in 0..<m {
      VectorKernels.best.multiply(
        a, MatrixLayout(rows: 1, columns: k, at: row * k), by: b, MatrixLayout(rows: k, columns: n),
        into: &rows, MatrixLayout(rows: 1, columns: n, at: row * n))
    }
    #expect(rows == expected)
    var inner = [Double](repeating: 0, count: m * n)
    for step in 0..<k {
      let column = (0..<m).map { a[$0 * k + step] }
      VectorKernels.best.multiply(
        column, MatrixLayout(rows: m, columns: 1), by: b,
        MatrixLayout(rows: 1, columns: n, at: step * n),
        into: &inner, whole, adds: true)
    }
    #expect(inner == expected)
  }
}
