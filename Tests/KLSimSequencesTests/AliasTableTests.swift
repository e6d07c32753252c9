// SPDX-License-Identifier: GPL-3.0-or-later

import CGSL
import KLSimNumerics
import KLSimTestSupport
import Testing

@testable import KLSimSequences

/// Draws from alias tables.
@Suite struct AliasTableTests {
  /// Rows of random probabilities, some of them 0.
  private static func rows(_ size: Int, count: Int, zeros: Double) -> [Double] {
    var generator = SplitMix64(seed: UInt64(size))
    return (0..<count).flatMap { _ in
      var row = (0..<size).map { _ in
        Double.random(in: 0...1, using: &generator) < zeros
          ? 0 : Double.random(in: 0.001...1, using: &generator)
      }
      row[size / 2] += 0.5
      let total = row.reduce(0, +)
      return row.map { $0 / total }
    }
  }

  /// The number of 32-bit words, of 2³², that draw each token.
  ///
  /// Of the words of one place the smaller ones draw
  /// its own token, the others the other.
  private static func words(_ tables: AliasTables, row: Int, size: Int) -> [Double] {
    var counts = [Double](repeating: 0, count: size)
    func first(_ place: Int) -> Int { (place << 32 + size - 1) / size }
    for place in 0..<size {
      let (start, end) = (first(place), first(place + 1))
      func token(_ word: Int) -> Int { Int(tables.draw(row: Int32(row), bits: UInt32(word))) }
      var (low, high) = (start, end - 1)
      let (own, other) = (token(low), token(high))
      // The last word that draws the same token as the first.
      while low < high {
        let middle = (low + high + 1) / 2
        if token(middle) == own { low = middle } else { high = middle - 1 }
      }
      counts[own] += Double(low + 1 - start)
      counts[other] += Double(end - 1 - low)
    }
    return counts
  }

  @Test(arguments: [1, 2, 3, 4, 7, 27, 200], [0, 0.5, 0.95])
  func probabilitiesAreThoseOfTheRows(_ size: Int, _ zeros: Double) {
    let probabilities = Self.rows(size, count: 20, zeros: zeros)
    var tables = AliasTables(width: size)
    tables.fill(probabilities)
    for row in 0..<20 {
      let counts = Self.words(tables, row: row, size: size)
      for token in 0..<size {
        let probability = probabilities[row * size + token]
        #expect(abs(counts[token] * 0x1p-32 - probability) <= Double(size + 1) * 0x1p-32)
        if probability == 0 { #expect(counts[token] == 0) }
      }
    }
  }

  @Test func aCertainTokenIsAlwaysDrawn() {
    for size in [1, 2, 5] {
      for certain in 0..<size {
        var tables = AliasTables(width: size)
        tables.fill((0..<size).map { $0 == certain ? 1 : 0 })
        for bits in [0, 1, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF] as [UInt32] {
          #expect(tables.draw(row: 0, bits: bits) == certain)
        }
      }
    }
  }

  /// 100,000 draws a row; the χ² of the worst of 5 rows has a tail above 1e-4.
  @Test(arguments: [2, 5, 27])
  func drawsFollowTheRows(_ size: Int) {
    let (rows, draws) = (5, 100_000)
    let probabilities = Self.rows(size, count: rows, zeros: 0.3)
    var tables = AliasTables(width: size)
    tables.fill(probabilities)
    var stream = RandomStream(seed: 11, purpose: "draws")
    for row in 0..<rows {
      var counts = [Double](repeating: 0, count: size)
      for _ in 0..<draws { counts[Int(tables.draw(row: Int32(row), bits: stream.nextBits()))] += 1 }
      let possible = (0..<size).filter { probabilities[row * size + $0] > 0 }
      let statistic = possible.reduce(0.0) { sum, token in
        let expected = probabilities[row * size + token] * Double(draws)
        return sum + (counts[token] - expected) * (counts[token] - expected) / expected
      }
      guard possible.count > 1 else { continue }
      #expect(gsl_cdf_chisq_Q(statistic, Double(possible.count - 1)) > 1e-4)
    }
  }
}
