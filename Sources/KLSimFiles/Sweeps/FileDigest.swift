// SPDX-License-Identifier: GPL-3.0-or-later

internal import CZlib
internal import SystemPackage

/// The size of a file and a checksum of its bytes, which tell whether it has been changed.
package struct FileDigest: Equatable, Sendable {
  /// The number of bytes.
  package private(set) var size = 0
  /// Their CRC-32 (RFC 1952, section 8).
  package private(set) var checksum: UInt32 = 0

  /// That of no bytes.
  package init() {}

  /// That of some bytes.
  package init(of bytes: [UInt8]) { add(bytes) }

  /// That of a file, whose bytes may be used for something else at the same time.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - body: takes its bytes, piece by piece.
  /// - Throws: `InputError`, or what `body` throws.
  package init(path: String, _ body: ([UInt8]) throws -> Void = { _ in }) throws {
    var digest = FileDigest()
    try forEachPiece(of: path) { piece in
      digest.add(piece)
      try body(piece)
    }
    self = digest
  }

  /// That of a digest that was written.
  ///
  /// - Parameter json: what `json` gives; nil is given for anything else.
  package init?(_ json: JSON) {
    guard let size = json["bytes"]?.integer, let text = json["crc32"]?.string,
      let checksum = UInt32(text, radix: 16)
    else { return nil }
    (self.size, self.checksum) = (size, checksum)
  }

  /// The members of an object.
  package var members: [(key: String, value: JSON)] {
    [("bytes", .plain("\(size)")), ("crc32", .string(String(checksum, radix: 16)))]
  }

  /// Adds bytes at the end.
  package mutating func add(_ bytes: [UInt8]) {
    size += bytes.count
    checksum = UInt32(truncatingIfNeeded: unsafe crc32_z(UInt(checksum), bytes, bytes.count))
  }
}
