// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

/// The type of the numbers of an array in a file.
struct ElementType: Equatable, Sendable {
  enum Kind: String, CaseIterable, Sendable {
    case float16, bfloat16, float32, float64
    case int8, int16, int32, int64
    case uint8, uint16, uint32, uint64

    /// The number of bytes.
    var size: Int {
      switch self {
      case .int8, .uint8: 1
      case .float16, .bfloat16, .int16, .uint16: 2
      case .float32, .int32, .uint32: 4
      case .float64, .int64, .uint64: 8
      }
    }
  }

  let kind: Kind
  var isBigEndian = false

  /// The number of bytes.
  var size: Int { kind.size }

  /// Its precision; 0 for float64 and integers, which are read exactly.
  var precision: NumberPrecision {
    let (roundoff, leastPositive): (Double, Double) =
      switch kind {
      case .float16: (0x1p-11, 0x1p-24)
      case .bfloat16: (0x1p-8, 0x1p-133)
      case .float32: (0x1p-24, 0x1p-149)
      default: (0, 0)
      }
    return NumberPrecision(type: kind.rawValue, roundoff: roundoff, leastPositive: leastPositive)
  }

  /// Reads numbers.
  ///
  /// - Parameters:
  ///   - bytes: the array.
  ///   - start: the index of the first number.
  ///   - stride: the distance from one to the next, in numbers.
  ///   - count: how many.
  /// - Returns: the numbers; integers beyond 2⁵³ are rounded.
  func numbers(
    in bytes: FileBytes, from start: Int, stride: Int, count: Int
  ) -> [Double] {
    func read<Bits: FixedWidthInteger>(
      _ type: Bits.Type, _ number: (Bits) -> Double
    ) -> [Double] {
      let (size, swaps) = (MemoryLayout<Bits>.size, isBigEndian)
      precondition(
        count == 0 || start >= 0 && (start + (count - 1) * stride + 1) * size <= bytes.count,
        "numbers that are there")
      return unsafe bytes.withUnsafeBytes { bytes in
        (0..<count).map { index in
          let bits = unsafe bytes.loadUnaligned(
            fromByteOffset: (start + index * stride) * size, as: type)
          return number(swaps ? Bits(bigEndian: bits) : Bits(littleEndian: bits))
        }
      }
    }
    switch kind {
    case .float16: return read(UInt16.self, Self.half)
    case .bfloat16: return read(UInt16.self) { Double(Float(bitPattern: UInt32($0) << 16)) }
    case .float32: return read(UInt32.self) { Double(Float(bitPattern: $0)) }
    case .float64: return read(UInt64.self) { Double(bitPattern: $0) }
    case .int8: return read(Int8.self) { Double($0) }
    case .int16: return read(Int16.self) { Double($0) }
    case .int32: return read(Int32.self) { Double($0) }
    case .int64: return read(Int64.self) { Double($0) }
    case .uint8: return read(UInt8.self) { Double($0) }
    case .uint16: return read(UInt16.self) { Double($0) }
    case .uint32: return read(UInt32.self) { Double($0) }
    case .uint64: return read(UInt64.self) { Double($0) }
    }
  }

  /// The number of IEEE 754 binary16; not every platform has Swift's Float16.
  private static func half(_ bits: UInt16) -> Double {
    let magnitude = bits & 0x7FFF
    // The fields in the places that they have in a double, whose exponent is 1008 ahead.
    let value = Double(bitPattern: UInt64(magnitude) << 42) * 0x1p1008
    let number = magnitude < 0x7C00 ? value : magnitude == 0x7C00 ? .infinity : .nan
    return bits & 0x8000 == 0 ? number : -number
  }
}
