// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimNumerics
import KLSimTestSupport
import Testing

/// Sums of exponentials over arrays, against those over numbers.
@Suite struct LogSumExpLawTests {
  private static func arrays(_ seed: UInt64, count: Int, size: Int) -> [[Double]] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in
      (0..<size).map { _ in Double.random(in: -800...800, using: &random) }
    }
  }

  @Test(arguments: 1...5)
  func elementsAreSummedOneByOne(count: Int) {
    let arrays = Self.arrays(UInt64(count), count: count, size: 40)
    let (logs, shares) = logSumExp(over: arrays)
    #expect(logs.count == 40 && shares.count == count)
    for index in logs.indices {
      let terms = arrays.map { $0[index] }
      #expect(gap(logs[index], logSumExp(terms)) <= 1e-15)
      let softmax = softmax(terms).probabilities
      #expect(worstGap(shares.map { $0[index] }, softmax) <= 1e-14)
      #expect(gap(shares.reduce(0) { $0 + $1[index] }, 1) <= 1e-15)
    }
  }

  @Test func onlyWhatIsThereCounts() {
    let (logs, shares) = logSumExp(over: [[-.infinity, -.infinity, 1], [2, -.infinity, 1]])
    #expect(logs[0] == 2 && logs[1] == -.infinity)
    #expect(shares[0][0] == 0 && shares[1][0] == 1)
    #expect(shares[0][2] == 0.5 && shares[1][2] == 0.5)
  }

  @Test func aSoftmaxIsThatOfTheKernels() {
    let logits = Self.arrays(7, count: 1, size: 100)[0]
    var (logs, values) = (logits, logits)
    VectorKernels.best.softmax(logits, logProbabilities: &logs, probabilities: &values)
    let result = softmax(logits)
    #expect(result.logProbabilities == logs && result.probabilities == values)
  }
}
