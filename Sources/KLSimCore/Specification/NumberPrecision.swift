// SPDX-License-Identifier: GPL-3.0-or-later

/// The precision of the type in which numbers were saved.
public struct NumberPrecision: Equatable, Sendable {
  /// What the type is called, such as `float16`; empty for decimals.
  public let type: String
  /// u, the largest relative error of a number that is rounded to the type: half the distance of 1 to the
  /// next number; 0 if numbers are read exactly.
  public let roundoff: Double
  /// η, the least positive number of the type; 0 if numbers are read exactly.
  public let leastPositive: Double

  /// Numbers that are read as they were saved.
  public static let exact = NumberPrecision(type: "", roundoff: 0, leastPositive: 0)

  /// The precision of a type.
  ///
  /// - Parameters:
  ///   - type: what it is called.
  ///   - roundoff: u.
  ///   - leastPositive: η.
  public init(type: String, roundoff: Double, leastPositive: Double) {
    self.type = type
    self.roundoff = roundoff
    self.leastPositive = leastPositive
  }

  /// The largest error that rounding numbers to the type makes in their sum, if that is 1.
  ///
  /// - Parameter count: how many numbers there are.
  /// - Returns: `u + count·η/2`.
  func rounding(ofSumOf count: Int) -> Double { roundoff + Double(count) * leastPositive / 2 }

  /// Whether integers of 16 bits look like the bits of bfloat16 numbers, as PyTorch's `view(torch.int16)`
  /// gives them: read so, two or more are of a size from 2⁻²⁴ to 2⁸ and all others 0, or they sum to 1.
  func looksLikeBits(_ integers: [Double]) -> Bool {
    guard ["int16", "uint16"].contains(type) else { return false }
    let numbers = integers.map {
      Double(Float(bitPattern: UInt32(UInt16(truncatingIfNeeded: Int($0))) << 16))
    }
    let sizes = numbers.filter { $0 != 0 }.map(abs)
    return sizes.count > 1
      && (sizes.allSatisfy { (0x1p-24...0x1p8).contains($0) }
        || abs(numbers.reduce(0, +) - 1) <= 0x1p-8)
  }
}
