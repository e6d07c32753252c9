// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// Walker's alias tables, one a row of a matrix of probabilities: a draw takes 32 random bits, one
/// multiplication and one comparison.
///
/// A probability is exact to V · 2⁻³². Source: Vose, IEEE Trans. Software Eng. 17, 1991.
package struct AliasTables: Sendable {
  /// The number of columns, V.
  private let width: Int
  /// Of each place: the share of its own token in units of 2⁻³², and in the upper half the other token.
  private var entries: [UInt64]
  private var small: [Int32]
  private var large: [Int32]
  private var shares: [Double]

  /// Tables without rows.
  ///
  /// - Parameter width: the number of columns, V.
  package init(width: Int) {
    self.width = width
    entries = []
    small = [Int32](repeating: 0, count: width)
    large = small
    shares = [Double](repeating: 0, count: width)
  }

  /// Fills the tables.
  ///
  /// - Parameter probabilities: rows × V, each row with a sum of 1 up to rounding.
  package mutating func fill(_ probabilities: [Double]) {
    precondition(probabilities.count.isMultiple(of: width), "whole rows")
    if entries.count != probabilities.count {
      entries = [UInt64](repeating: 0, count: probabilities.count)
    }
    for first in stride(from: 0, to: entries.count, by: width) { fill(probabilities, first) }
  }

  private mutating func fill(_ probabilities: [Double], _ first: Int) {
    var (smalls, larges) = (0, 0)
    for token in 0..<width {
      let share = probabilities[first + token] * Double(width)
      shares[token] = share
      if share < 1 {
        small[smalls] = Int32(truncatingIfNeeded: token)
        smalls += 1
      } else {
        large[larges] = Int32(truncatingIfNeeded: token)
        larges += 1
      }
    }
    while smalls > 0, larges > 0 {
      smalls -= 1
      let (less, more) = (Int(small[smalls]), Int(large[larges - 1]))
      set(first + less, own: shares[less], other: more)
      shares[more] -= 1 - shares[less]
      if shares[more] < 1 {
        larges -= 1
        small[smalls] = Int32(truncatingIfNeeded: more)
        smalls += 1
      }
    }
    // What is left has a share of 1 but for rounding.
    for place in 0..<smalls { set(first + Int(small[place]), own: 1, other: Int(small[place])) }
    for place in 0..<larges { set(first + Int(large[place]), own: 1, other: Int(large[place])) }
  }

  private mutating func set(_ place: Int, own: Double, other: Int) {
    // A row of a student that has diverged is not a number: its own token is drawn.
    let share = own < 1 ? UInt64(max(0, own) * 0x1p32) : 0xFFFF_FFFF
    let token = own < 1 ? other : place % width
    entries[place] = UInt64(token) << 32 | share
  }

  /// Draws a token.
  ///
  /// - Parameters:
  ///   - row: the row.
  ///   - bits: 32 random bits.
  /// - Returns: its number.
  @inline(__always)
  package func draw(row: Int32, bits: UInt32) -> Int32 {
    let product = UInt64(bits) &* UInt64(truncatingIfNeeded: width)
    let own = product >> 32
    let entry = entries[Int(row) &* width &+ Int(truncatingIfNeeded: own)]
    return Int32(
      truncatingIfNeeded: product & 0xFFFF_FFFF < entry & 0xFFFF_FFFF ? own : entry >> 32)
  }
}
