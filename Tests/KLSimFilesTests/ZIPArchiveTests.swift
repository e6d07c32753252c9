// SPDX-License-Identifier: GPL-3.0-or-later

import CZlib
import KLSimCore
import KLSimFiles
import KLSimTestSupport
import Testing

/// Zip archives made by hand, good ones and bad.
@Suite struct ZIPArchiveTests {
  /// An entry as an archive has it, right unless it is changed.
  struct Entry {
    var name: String
    var method: UInt16 = 0
    var packed: [UInt8]
    var size: Int
    var checksum: UInt32
    var flags: UInt16 = 0
    /// Where the directory says that it is; nil for the truth.
    var offset: UInt32?
    /// The extra field of the directory.
    var extra: [UInt8] = []

    init(_ name: String, _ content: [UInt8], deflated: Bool = false) {
      self.name = name
      size = content.count
      checksum = UInt32(truncatingIfNeeded: unsafe crc32_z(0, content, content.count))
      packed = deflated ? ZIPArchiveTests.deflated(content) : content
      method = deflated ? 8 : 0
    }
  }

  /// The raw stream within zlib's: without two bytes before and four after it.
  static func deflated(_ content: [UInt8]) -> [UInt8] {
    var count = compressBound(UInt(content.count))
    var bytes = [UInt8](repeating: 0, count: Int(count))
    let code = unsafe compress(&bytes, &count, content, UInt(content.count))
    precondition(code == Z_OK)
    return Array(bytes[2..<Int(count) - 4])
  }

  private static func little<Integer: FixedWidthInteger>(_ value: Integer) -> [UInt8] {
    (0..<Integer.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  static func archive(_ entries: [Entry]) -> [UInt8] {
    var (bytes, directory): ([UInt8], [UInt8]) = ([], [])
    for entry in entries {
      let offset = UInt32(bytes.count)
      let common =
        little(UInt16(20)) + little(entry.flags) + little(entry.method) + little(UInt32(0))
        + little(entry.checksum) + little(UInt32(entry.packed.count)) + little(UInt32(entry.size))
        + little(UInt16(entry.name.utf8.count))
      bytes +=
        Array("PK\u{3}\u{4}".utf8) + common + little(UInt16(0)) + Array(entry.name.utf8)
        + entry.packed
      directory +=
        Array("PK\u{1}\u{2}".utf8) + little(UInt16(20)) + common
        + little(UInt16(entry.extra.count)) + [UInt8](repeating: 0, count: 10)
        + little(entry.offset ?? offset) + Array(entry.name.utf8) + entry.extra
    }
    return bytes + directory + Array("PK\u{5}\u{6}".utf8) + little(UInt32(0))
      + little(UInt16(entries.count)) + little(UInt16(entries.count))
      + little(UInt32(directory.count)) + little(UInt32(bytes.count)) + little(UInt16(0))
  }

  /// An NPY file of float64 numbers.
  ///
  /// - Parameters:
  ///   - numbers: the numbers.
  ///   - length: how many the header says there are; nil for the truth.
  /// - Returns: the bytes.
  static func npy(_ numbers: [Double], length: Int? = nil) -> [UInt8] {
    let length = length ?? numbers.count
    let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (\(length),), }\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0] + little(UInt16(header.utf8.count))
      + Array(header.utf8) + numbers.flatMap { little($0.bitPattern) }
  }

  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private func numbers(_ bytes: [UInt8]) throws -> [Double] {
    // The name says nothing.
    try NumberFile().numbers(NumberSource(path: folder.write(bytes, to: "a.csv")))
  }

  @Test(arguments: [false, true])
  func entriesAreRead(deflated: Bool) throws {
    let values = (0..<5000).map { Double($0 % 7) }
    let archive = Self.archive([
      Entry("readme.txt", Array("text".utf8)), Entry("p.npy", Self.npy(values), deflated: deflated),
    ])
    #expect(try numbers(archive) == values)
  }

  private static let one = npy([1])

  private static func changed(_ change: (inout Entry) -> Void) -> [UInt8] {
    var entry = Entry("p.npy", one)
    change(&entry)
    return archive([entry])
  }

  static let bad: [(bytes: [UInt8], reason: String)] = [
    (archive([]), "the zip archive is empty"),
    (archive([Entry("a.txt", [1])]), "a zip archive without NPY arrays; there is 'a.txt'"),
    (
      archive([Entry("model/data.pkl", [1]), Entry("p.npy", one)]),
      "numpy.save('teacher.npy', torch.load("
    ),
    (archive([Entry("p.npy", one), Entry("p.npy", one)]), "several zip entries 'p.npy'"),
    (archive([Entry("p.npy", [1, 2])]), "array 'p': not an NPY file"),
    (changed { $0.checksum += 1 }, "'p.npy' is damaged: its checksum"),
    (
      changed { $0.size += 1 },
      "has \(one.count + 1) bytes where its header and shape need \(one.count)"
    ),
    (changed { $0.size = 1 << 31 }, "has 2147483648 bytes where its header"),
    (changed { $0.packed.removeLast() }, "another size than its directory says"),
    (
      changed { ($0.method, $0.packed) = (8, deflated(one + [0])) },
      "another size than its directory"
    ),
    // Larger than may be unpacked, and unlike a bomb it does not show while it is unpacked.
    (
      changed {
        let header = npy([], length: 150_000_000)
        ($0.method, $0.packed) = (8, deflated(header))
        $0.size = header.count + 1_200_000_000
      }, "at most 1 GiB is unpacked; save it uncompressed, by numpy.savez"
    ),
    (
      changed {
        ($0.method, $0.size) = (8, Int(UInt32.max))
        $0.extra = little(UInt16(1)) + little(UInt16(8)) + little(UInt64.max)
      }, "larger than any file"
    ),
    (changed { $0.method = 12 }, "packed by method 12"),
    (changed { $0.flags = 1 }, "encrypted"),
    (changed { $0.offset = 1 }, "not where the directory says"),
    (changed { $0.offset = .max - 1 }, "lies outside the file"),
    (
      changed {
        $0.method = 8
        $0.packed = [0xFF, 0xFF]
      }, "its data are damaged"
    ),
    (
      changed {
        $0.method = 8
        $0.packed = Array(deflated(one).dropLast(9))
      }, "its data are cut off"
    ),
    (
      archive([
        Entry("a.npy", one),
        {
          var entry = Entry("b.npy", one); entry.offset = 0; return entry
        }(),
      ]),
      "'a.npy' and 'b.npy' overlap"
    ),
    (Array(archive([Entry("p.npy", one)]).dropLast()), "cut off: its directory is missing"),
    (Array(archive([Entry("p.npy", one)]).dropFirst(9)), ""),
    (Array("PK\u{3}\u{4}".utf8), "cut off: its directory is missing"),
  ]

  @Test(arguments: bad)
  func damagedArchivesAreRefused(bytes: [UInt8], reason: String) throws {
    let error = #expect(throws: InputError.self) { try numbers(bytes) }
    #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
  }

  /// Sixty megabytes in sixty thousand bytes are not unpacked; a thousandth of them are.
  @Test func bombsAreRefused() throws {
    let bomb = Self.archive([
      Entry("p.npy", Self.npy([Double](repeating: 0, count: 8_000_000)), deflated: true)
    ])
    #expect(bomb.count < 80_000)
    let error = #expect(throws: InputError.self) { try numbers(bomb) }
    #expect(error?.description.contains("more than 250 times their size") == true)
    let small = [Double](repeating: 0, count: 80_000)
    #expect(try numbers(Self.archive([Entry("p.npy", Self.npy(small), deflated: true)])) == small)
  }

  /// Whatever is cut off or changed, the answer is an error or numbers, never a crash.
  @Test func damageNeverCrashes() throws {
    let whole = Self.archive([
      Entry("a.npy", Self.npy([1, 2, 3])), Entry("b.npy", Self.npy([1, 2, 3]), deflated: true),
    ])
    for count in 1..<whole.count {
      #expect(throws: InputError.self) { try numbers(Array(whole.prefix(count))) }
    }
    var generator = SplitMix64(seed: 5)
    for _ in 0..<3000 {
      var damaged = whole
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        damaged[Int.random(in: damaged.indices, using: &generator)] = .random(
          in: 0...255, using: &generator)
      }
      let path = try folder.write(damaged, to: "a.npz")
      for name in ["a", "b"] {
        do {
          let numbers = try NumberFile().numbers(NumberSource(path: path, .array, name: name))
          #expect(numbers.count == 3)
        } catch {
          #expect(error.description.contains("a.npz"))
        }
      }
    }
  }
}
