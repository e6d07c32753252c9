// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimTestSupport
import Testing

@testable import KLSimCore

/// Ranks are in the order that a comparison of all tokens gives, whatever the vocabulary size.
@Suite struct RankOrderTests {
  /// Values whose leading bits, or all bits, are often equal.
  private static func values(_ count: Int, seed: UInt64) -> [Double] {
    var generator = SplitMix64(seed: seed)
    return (0..<count).map { _ in
      switch Int.random(in: 0..<6, using: &generator) {
      case 0: 0
      case 1: -0.0
      case 2: Double(Int.random(in: 1...3, using: &generator)) * .leastNonzeroMagnitude
      case 3: 0.25 + Double(Int.random(in: 0...9, using: &generator)) * 0x1p-54
      case 4: Double(Int.random(in: 1...20, using: &generator)) / 64
      default: .random(in: 0...1, using: &generator)
      }
    }
  }

  @Test(arguments: [1, 2, 80, 1023, 1024, 1025, 20_000], [1, 2, 3])
  func isTheOrderOfAComparison(size: Int, seed: UInt64) {
    let (p, logP) = (Self.values(size, seed: seed), Self.values(size, seed: seed + 10))
    let expected = p.indices.sorted { first, second in
      if p[first] != p[second] { return p[first] > p[second] }
      if logP[first] != logP[second] { return logP[first] > logP[second] }
      return first < second
    }
    #expect(rankOrder(p, logP) == expected)
  }

  @Test func equalTokensKeepTheirOrder() {
    let p = [Double](repeating: 1 / 5000, count: 5000)
    #expect(rankOrder(p, p) == Array(0..<5000))
  }
}
