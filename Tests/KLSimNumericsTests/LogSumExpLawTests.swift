// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimNumerics
import KLSimTestSupport
import Testing

/// Sums of exponentials over arrays, against those over numbers.
@Suite struct LogSumExpLawTests {
  static let kernels = VectorKernels.allCases.filter(\.isAvailable)

  private static func arrays(_ seed: UInt64, count: Int, size: Int) -> [[Double]] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in
      (0..<size).map { _ in Double.random(in: -800...800, using: &random) }
    }
  }

  @Test(arguments: kernels, 1...5)
  func elementsAreSummedOneByOne(kernels: VectorKernels, count: Int) {
    let arrays = Self.arrays(UInt64(count), count: count, size: 40)
    let (logs, shares) = kernels.logSumExp(over: arrays)
    #expect(logs.count == 40 && shares.count == count)
    for index in logs.indices {
      let terms = arrays.map { $0[index] }
      #expect(gap(logs[index], kernels.logSumExp(terms)) <= 1e-15)
      let softmax = kernels.softmax(terms).probabilities
      #expect(worstGap(shares.map { $0[index] }, softmax) <= 1e-14)
      #expect(gap(shares.reduce(0) { $0 + $1[index] }, 1) <= 1e-15)
    }
  }

  @Test(arguments: kernels)
  func onlyWhatIsThereCounts(kernels: VectorKernels) {
    let arrays: [[Double]] = [[-.infinity, -.infinity, 1], [2, -.infinity, 1]]
    let (logs, shares) = kernels.logSumExp(over: arrays)
    #expect(logs[0] == 2 && logs[1] == -.infinity)
    #expect(shares[0][0] == 0 && shares[1][0] == 1)
    #expect(shares[0][2] == 0.5 && shares[1][2] == 0.5)
  }

  @Test(arguments: kernels)
  func aSoftmaxIsWhatIsFilledIn(kernels: VectorKernels) {
    let logits = Self.arrays(7, count: 1, size: 100)[0]
    var (logs, values) = (logits, logits)
    kernels.softmax(logits, logProbabilities: &logs, probabilities: &values)
    let result = kernels.softmax(logits)
    #expect(result.logProbabilities == logs && result.probabilities == values)
  }

  /// Narrow rows are found several at a time.
  @Test(arguments: kernels, 1...10)
  func rowsAreSoftmaxesOfTheirOwn(kernels: VectorKernels, width: Int) {
    for rows in 0...20 {
      let all = Self.arrays(UInt64(rows), count: rows, size: width)
      let logits = all.flatMap { $0 }
      var (logs, values) = (logits, logits)
      kernels.softmax(
        rowsOf: width, logits, logProbabilities: &logs, probabilities: &values)
      let single = all.map { kernels.softmax($0) }
      #expect(logs == single.flatMap(\.logProbabilities))
      #expect(values == single.flatMap(\.probabilities))
    }
  }

  @Test(arguments: kernels)
  func twoNumbersAreAnArray(kernels: VectorKernels) {
    let numbers = Self.arrays(3, count: 1, size: 20)[0] + [0, -.infinity]
    for x in numbers {
      for y in numbers { #expect(kernels.logSumExp(x, y) == kernels.logSumExp([x, y])) }
    }
  }
}
