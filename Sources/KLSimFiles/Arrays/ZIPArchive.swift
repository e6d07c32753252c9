// SPDX-License-Identifier: GPL-3.0-or-later

internal import CZlib

/// The entries of a zip archive, stored or deflated.
///
/// Entries are found by the directory at the end; its offsets and sizes are checked against the size of the
/// file. Source: PKWARE, APPNOTE 6.3.10.
struct ZIPArchive: Sendable {
  struct Entry: Sendable {
    let name: String
    fileprivate let isDeflated: Bool
    fileprivate let checksum: UInt32
    /// Unpacked.
    let size: Int
    fileprivate let packed: FileBytes
  }

  private(set) var entries: [Entry] = []

  /// Reads the directory.
  ///
  /// - Parameter bytes: the file.
  /// - Throws: `ArrayError`.
  init(_ bytes: FileBytes) throws(ArrayError) {
    let directory = try Directory(of: bytes)
    var reader = ByteReader(bytes, at: directory.start)
    var taken: [(range: Range<Int>, name: String)] = []
    for _ in 0..<directory.count {
      let header = try Header(from: &reader, end: directory.end)
      let packed = try header.packedRange(in: bytes, end: directory.start)
      taken.append((header.offset..<packed.upperBound, header.name))
      entries.append(
        Entry(
          name: header.name, isDeflated: header.method == 8, checksum: header.checksum,
          size: header.size, packed: bytes[packed]))
    }
    taken.sort { $0.range.lowerBound < $1.range.lowerBound }
    for (first, second) in zip(taken, taken.dropFirst())
    where second.range.lowerBound < first.range.upperBound {
      throw ArrayError("the zip entries '\(first.name)' and '\(second.name)' overlap")
    }
    var names: Set<String> = []
    for entry in entries where !names.insert(entry.name).inserted {
      throw ArrayError("it has several zip entries '\(entry.name)'")
    }
  }

  /// The first bytes of an entry, unpacked.
  func beginning(of entry: Entry, count: Int) throws(ArrayError) -> FileBytes {
    guard entry.isDeflated else { return entry.packed[0..<min(count, entry.packed.count)] }
    return try Self.unpacked(entry, upTo: count)
  }

  /// The bytes of an entry, unpacked and checked.
  ///
  /// - Throws: `ArrayError`, also for a deflated entry larger than 1 GiB.
  func bytes(of entry: Entry) throws(ArrayError) -> FileBytes {
    guard !entry.isDeflated || entry.size <= maximumBytes else {
      throw ArrayError(
        "the zip entry '\(entry.name)' has \(entry.size) bytes, and at most 1 GiB is unpacked; save it"
          + " uncompressed, by numpy.savez")
    }
    // One byte more would show that there are more than it says.
    let bytes = entry.isDeflated ? try Self.unpacked(entry, upTo: entry.size + 1) : entry.packed
    guard bytes.count == entry.size else {
      throw ArrayError(
        "the zip entry '\(entry.name)' has another size than its directory says, \(entry.size) bytes"
      )
    }
    guard bytes.checksum == entry.checksum else {
      throw ArrayError("the zip entry '\(entry.name)' is damaged: its checksum is another")
    }
    return bytes
  }

  private static func unpacked(_ entry: Entry, upTo count: Int) throws(ArrayError) -> FileBytes {
    do throws(InflationError) {
      return FileBytes(try inflated(entry.packed, .raw, upTo: count))
    } catch {
      throw ArrayError("the zip entry '\(entry.name)': its data \(error)")
    }
  }

  /// Where the directory is.
  private struct Directory {
    let start: Int
    let end: Int
    let count: Int

    private static let cutOff = ArrayError("the zip archive is cut off: its directory is missing")

    init(of bytes: FileBytes) throws(ArrayError) {
      // The end of the directory has 22 bytes and a comment of at most 65535.
      let tail = max(0, bytes.count - 22 - 0xFFFF)
      let candidates = Self.places(of: "PK\u{5}\u{6}", in: bytes, from: tail).filter {
        $0 + 22 <= bytes.count
          && $0 + 22 + Int(bytes.integer(at: $0 + 20, as: UInt16.self)) == bytes.count
      }
      guard let place = candidates.last else { throw Self.cutOff }
      var reader = ByteReader(bytes, at: place + 10)
      var count = Int(try reader.next(UInt16.self))
      var size = Int(try reader.next(UInt32.self))
      var start = Int(try reader.next(UInt32.self))
      var end = place
      // A zip64 archive has a second end record; a locator of 20 bytes before the first has its offset.
      if place >= 20, bytes[place - 20..<place - 16].array == Array("PK\u{6}\u{7}".utf8) {
        guard let second = Int(exactly: bytes.integer(at: place - 12, as: UInt64.self)),
          second <= bytes.count - 56, bytes[second..<second + 4].array == Array("PK\u{6}\u{6}".utf8)
        else { throw Self.cutOff }
        var reader = ByteReader(bytes, at: second + 32)
        count = try reader.nextLength()
        size = try reader.nextLength()
        start = try reader.nextLength()
        end = second
      }
      guard start <= end, size == end - start, count <= size / 46 else {
        throw ArrayError("the directory of the zip archive is not where it says")
      }
      (self.start, self.end, self.count) = (start, end, count)
    }

    private static func places(
      of mark: String, in bytes: FileBytes, from start: Int
    ) -> [Int] {
      let (tail, mark) = (bytes[start..<bytes.count].array, Array(mark.utf8))
      return tail.indices.filter { tail[$0...].starts(with: mark) }.map { start + $0 }
    }
  }

  /// An entry of the directory.
  private struct Header {
    let name: String
    let method: UInt16
    let checksum: UInt32
    var packedSize: Int
    var size: Int
    var offset: Int

    init(from reader: inout ByteReader, end: Int) throws(ArrayError) {
      guard try reader.next(UInt32.self) == 0x0201_4B50 else {
        throw ArrayError("the directory of the zip archive is damaged")
      }
      reader.skip(4)
      let flags = try reader.next(UInt16.self)
      method = try reader.next(UInt16.self)
      reader.skip(4)
      checksum = try reader.next(UInt32.self)
      let sizes = (try reader.next(UInt32.self), try reader.next(UInt32.self))
      let lengths = [
        Int(try reader.next(UInt16.self)), Int(try reader.next(UInt16.self)),
        Int(try reader.next(UInt16.self)),
      ]
      reader.skip(8)
      let offset = try reader.next(UInt32.self)
      name = String(decoding: try reader.bytes(lengths[0]).array, as: UTF8.self)
      let extra = try reader.bytes(lengths[1])
      reader.skip(lengths[2])
      guard reader.position <= end else {
        throw ArrayError("the directory of the zip archive is damaged")
      }
      guard flags & 1 == 0 else { throw ArrayError("the zip entry '\(name)' is encrypted") }
      guard method == 0 || method == 8 else {
        throw ArrayError(
          "the zip entry '\(name)' is packed by method \(method); stored and deflated ones are read"
        )
      }
      (packedSize, size, self.offset) = (Int(sizes.0), Int(sizes.1), Int(offset))
      try readLargeSizes(in: extra)
      guard size < .max, packedSize < .max else {
        throw ArrayError("the zip entry '\(name)' is larger than any file")
      }
    }

    /// Sizes that need 64 bits stand in a field of their own.
    private mutating func readLargeSizes(in extra: FileBytes) throws(ArrayError) {
      var reader = ByteReader(extra, at: 0)
      while reader.position + 4 <= extra.count {
        let (identifier, length) = (try reader.next(UInt16.self), Int(try reader.next(UInt16.self)))
        guard identifier == 1 else {
          reader.skip(length)
          continue
        }
        let unknown = Int(UInt32.max)
        if size == unknown { size = try reader.nextLength() }
        if packedSize == unknown { packedSize = try reader.nextLength() }
        if offset == unknown { offset = try reader.nextLength() }
        return
      }
    }

    /// Where the packed bytes are, which another header precedes.
    func packedRange(in bytes: FileBytes, end: Int) throws(ArrayError) -> Range<Int> {
      let outside = ArrayError("the zip entry '\(name)' lies outside the file")
      guard offset <= end - 30 else { throw outside }
      guard bytes.integer(at: offset, as: UInt32.self) == 0x0403_4B50 else {
        throw ArrayError("the zip entry '\(name)' is not where the directory says")
      }
      let start =
        offset + 30 + Int(bytes.integer(at: offset + 26, as: UInt16.self))
        + Int(bytes.integer(at: offset + 28, as: UInt16.self))
      guard start <= end, packedSize <= end - start else { throw outside }
      return start..<start + packedSize
    }
  }
}

/// Reads numbers one after the other.
private struct ByteReader {
  private let bytes: FileBytes
  private(set) var position: Int

  init(_ bytes: FileBytes, at position: Int) {
    self.bytes = bytes
    self.position = position
  }

  mutating func bytes(_ count: Int) throws(ArrayError) -> FileBytes {
    guard count <= bytes.count - position else {
      throw ArrayError("the directory of the zip archive is cut off")
    }
    defer { position += count }
    return bytes[position..<position + count]
  }

  mutating func next<Integer: FixedWidthInteger>(
    _ type: Integer.Type
  ) throws(ArrayError) -> Integer {
    try bytes(MemoryLayout<Integer>.size).integer(at: 0, as: type)
  }

  /// A length in 64 bits.
  mutating func nextLength() throws(ArrayError) -> Int {
    // A length that is too large for an integer is larger than the file.
    Int(clamping: try next(UInt64.self))
  }

  mutating func skip(_ count: Int) { position += count }
}

extension FileBytes {
  /// CRC-32, as zip has it; no more than a part of a mapped file stays in memory.
  fileprivate var checksum: UInt32 {
    var checksum: UInt = 0
    for start in stride(from: 0, to: count, by: 1 << 22) {
      let part = start..<min(count, start + 1 << 22)
      checksum = unsafe self[part].withUnsafeBytes { bytes in
        let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        return unsafe crc32_z(checksum, start, bytes.count)
      }
      release(part)
    }
    return UInt32(truncatingIfNeeded: checksum)
  }
}
