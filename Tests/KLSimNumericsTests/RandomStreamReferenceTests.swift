// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimNumerics
import Testing

/// The raw outputs of the generator, as Matsumoto and Nishimura and PyTorch have them.
@Suite struct RandomStreamReferenceTests {
  static let rawOutputs: [(seed: UInt64, outputs: [UInt32])] = [
    (1, [1_791_095_845, 4_282_876_139, 3_093_770_124, 4_005_303_368]),
    (42, [1_608_637_542, 3_421_126_067]),
    // The first output of mt19937ar with its default seed.
    (5489, [3_499_211_612]),
  ]

  @Test(arguments: rawOutputs)
  func rawOutputsAreKnown(seed: UInt64, expected: [UInt32]) {
    var stream = RandomStream(seed: seed)
    var actual: [UInt32] = []
    for _ in expected { actual.append(stream.nextBits()) }
    #expect(actual == expected)
  }

  /// The C++ standard's check of `mt19937`: its 10000th output from the default seed.
  @Test func theTenThousandthOutputIsKnown() {
    var stream = RandomStream(seed: 5489)
    for _ in 1..<10_000 { _ = stream.nextBits() }
    #expect(stream.nextBits() == 4_123_659_995)
  }

  /// The generator makes a block of words at a time; its words are renewed in three parts of 624.
  @Test func blocksAreTheSingleOutputs() {
    var single = RandomStream(seed: 7)
    var blocks = RandomStream(seed: 7)
    for count in [1, 226, 1, 395, 2, 624, 227, 0, 396, 1, 2000, 5] {
      var bits = [UInt32](repeating: 0, count: count)
      blocks.fill(&bits)
      for word in bits { #expect(word == single.nextBits()) }
      #expect(blocks.nextBits() == single.nextBits())
    }
  }

  static let singlePrecision: [(seed: UInt64, values: [Double])] = [
    (1, [0.75763159990310669, 0.27931088209152222, 0.40306925773620605, 0.73468446731567383]),
    (42, [0.88226926326751709, 0.91500395536422729]),
    (0, [0.49625658988952637, 0.76822179555892944]),
  ]

  @Test(arguments: singlePrecision)
  func singlePrecisionValuesArePyTorchs(seed: UInt64, expected: [Double]) {
    var stream = RandomStream(seed: seed)
    var actual: [Double] = []
    for _ in expected { actual.append(Double(stream.nextBits() & 0xFF_FFFF) * 0x1p-24) }
    #expect(actual == expected)
  }

  @Test func doublePrecisionValuesArePyTorchs() {
    var stream = RandomStream(seed: 1)
    var actual: [Double] = []
    for _ in 0..<2 {
      let high = UInt64(stream.nextBits()) << 32
      let low = UInt64(stream.nextBits())
      actual.append(Double((high | low) & 0x1F_FFFF_FFFF_FFFF) * 0x1p-53)
    }
    #expect(actual == [0.061053274719623629, 0.22455450656765041])
  }

  /// GSL would replace 0 by 4357; PyTorch takes any seed modulo 2³².
  static let equivalentSeeds: [(UInt64, UInt64)] = [
    (0, 1 << 32), (0, 1 << 63), (1, 1 << 32 | 1), (.max, 0xFFFF_FFFF), (7, 0xABCD << 32 | 7),
  ]

  @Test(arguments: equivalentSeeds)
  func onlyTheLowBitsOfASeedCount(first: UInt64, second: UInt64) {
    #expect(Self.bits(RandomStream(seed: first)) == Self.bits(RandomStream(seed: second)))
  }

  @Test func seedZeroIsItsOwn() {
    #expect(Self.bits(RandomStream(seed: 0)) != Self.bits(RandomStream(seed: 4357)))
  }

  static func bits(_ stream: consuming RandomStream, count: Int = 8) -> [UInt32] {
    var stream = stream
    var bits: [UInt32] = []
    for _ in 0..<count { bits.append(stream.nextBits()) }
    return bits
  }
}
