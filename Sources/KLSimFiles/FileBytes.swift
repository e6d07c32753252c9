// SPDX-License-Identifier: GPL-3.0-or-later

internal import SystemPackage

/// More is not read, or unpacked, into memory: it may be a device without end, or a bomb.
package let maximumBytes = 1 << 30

/// The bytes of a whole text file, unpacked if it is gzip's.
///
/// - Parameters:
///   - path: the file; `-` is standard input.
///   - maximum: the largest size in bytes, packed and unpacked.
/// - Returns: the bytes.
/// - Throws: `InputError`, also for a larger file.
package func fileBytes(
  _ path: String, upTo maximum: Int = maximumBytes
) throws(InputError) -> [UInt8] {
  try unpacked(
    try withFile(path) { try readBytes($0, $1, upTo: maximum) }, path, upTo: maximum)
}

/// A range of the bytes of a mapped file or of an array.
struct FileBytes: Sendable {
  private let storage: Storage
  private let range: Range<Int>

  private enum Storage: Sendable {
    case mapped(MappedFile)
    case array([UInt8])
  }

  /// The bytes of a file: mapped if it is a regular one that holds arrays, else read, and unpacked if it
  /// is gzip's.
  ///
  /// - Parameter path: the file; `-` is standard input.
  /// - Throws: `InputError`.
  init(path: String) throws(InputError) {
    self = try withFile(path) { file, path in
      let state = try file.stat()
      if state.type == .regular, state.size > 0, try FileKind(of: file.firstBytes()).isMapped {
        let size = Int(state.size)
        return FileBytes(storage: .mapped(try MappedFile(file, path: path, count: size)), 0..<size)
      }
      return FileBytes(try unpacked(readBytes(file, path), path))
    }
  }

  /// The bytes of an array.
  init(_ array: [UInt8]) {
    self.init(storage: .array(array), array.indices)
  }

  private init(storage: Storage, _ range: Range<Int>) {
    self.storage = storage
    self.range = range
  }

  var count: Int { range.count }

  /// The first bytes, or all if there are fewer.
  func first(_ count: Int) -> [UInt8] { self[0..<min(count, self.count)].array }

  /// A part; indices count from its first byte.
  subscript(part: Range<Int>) -> FileBytes {
    precondition(part.lowerBound >= 0 && part.upperBound <= count, "a part of the bytes")
    return FileBytes(
      storage: storage, range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound)
  }

  /// Frees the memory of a part that has been read; it can be read again.
  ///
  /// Its last 2 MiB may stay until the part that follows is released.
  func release(_ part: Range<Int>) {
    guard case .mapped(let mapping) = storage else { return }
    mapping.release(range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound)
  }

  /// The bytes as an array: no copy if they are one.
  var array: [UInt8] {
    if case .array(let array) = storage, range == array.indices { return array }
    return unsafe withUnsafeBytes { unsafe Array($0) }
  }

  /// The little-endian number of some bytes.
  ///
  /// - Parameters:
  ///   - offset: where it begins; all its bytes are there.
  ///   - type: its type.
  /// - Returns: the number.
  func integer<Integer: FixedWidthInteger>(at offset: Int, as type: Integer.Type) -> Integer {
    precondition(
      offset >= 0 && offset + MemoryLayout<Integer>.size <= count, "bytes that are there")
    return unsafe withUnsafeBytes {
      Integer(littleEndian: unsafe $0.loadUnaligned(fromByteOffset: offset, as: type))
    }
  }

  /// Calls a function with the bytes in memory.
  func withUnsafeBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    switch storage {
    case .mapped(let mapping):
      return try unsafe body(UnsafeRawBufferPointer(rebasing: mapping.bytes[range]))
    case .array(let array):
      let result: Swift.Result<Result, Failure> = unsafe array.withUnsafeBytes { all in
        do throws(Failure) {
          return .success(try unsafe body(UnsafeRawBufferPointer(rebasing: all[range])))
        } catch {
          return .failure(error)
        }
      }
      return try result.get()
    }
  }
}

extension FileDescriptor {
  /// The first bytes of a regular file, whose position stays the same.
  fileprivate func firstBytes() throws -> [UInt8] {
    try unsafe [UInt8](unsafeUninitializedCapacity: FileKind.prefixLength) { buffer, count in
      count = try unsafe read(fromAbsoluteOffset: 0, into: UnsafeMutableRawBufferPointer(buffer))
    }
  }
}

/// Opens a file for a function, and converts the errors to those of the file.
private func withFile<Result>(
  _ path: String, _ body: (FileDescriptor, String) throws -> Result
) throws(InputError) -> Result {
  do {
    guard path != "-" else { return try body(.standardInput, path) }
    let file = try FileDescriptor.open(FilePath(path), .readOnly)
    return try file.closeAfter { try body(file, path) }
  } catch {
    throw InputError(error, path: path)
  }
}

extension InputError {
  /// What an error of the system means for a file that is read.
  fileprivate init(_ error: any Error, path: String) {
    switch error {
    case Errno.noSuchFileOrDirectory, Errno.notDirectory: self = .missing(path: path)
    case let error as InputError: self = error
    default: self = .unreadable(path: path, reason: "\(error)")
    }
  }
}

/// Reads a file of any size, piece by piece.
///
/// - Parameters:
///   - path: the file.
///   - body: takes the pieces.
/// - Throws: `InputError`, or what `body` throws.
func forEachPiece(of path: String, _ body: ([UInt8]) throws -> Void) throws {
  func reading<Result>(_ read: () throws -> Result) throws(InputError) -> Result {
    do { return try read() } catch { throw InputError(error, path: path) }
  }
  let file = try reading { try FileDescriptor.open(FilePath(path), .readOnly) }
  // Nothing is written: closing cannot lose anything.
  defer { try? file.close() }
  while true {
    let piece = try reading {
      try unsafe [UInt8](unsafeUninitializedCapacity: 1 << 20) { buffer, count in
        count = try unsafe file.read(into: UnsafeMutableRawBufferPointer(buffer))
      }
    }
    guard !piece.isEmpty else { return }
    try body(piece)
  }
}

private func readBytes(
  _ file: FileDescriptor, _ path: String, upTo maximum: Int = maximumBytes
) throws -> [UInt8] {
  var bytes: [UInt8] = []
  // An array that grows by doubling can take twice the memory of the file.
  bytes.reserveCapacity(min(max(Int(try file.stat().size), 0), maximum) + 1)
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = try unsafe chunk.withUnsafeMutableBytes { try unsafe file.read(into: $0) }
    guard count > 0 else { return bytes }
    bytes += chunk[..<count]
    guard bytes.count <= maximum else {
      throw InputError.unreadable(path: path, reason: "it is larger than \(size(maximum))")
    }
  }
}

/// The same bytes, or what gzip has packed in them.
func unpacked(
  _ bytes: [UInt8], _ path: String, upTo maximum: Int = maximumBytes
) throws(InputError) -> [UInt8] {
  guard FileKind(of: bytes) == .gzip else { return bytes }
  let all: [UInt8]
  do throws(InflationError) {
    // One byte more would show that there are more than may be.
    all = try inflated(FileBytes(bytes), .gzip, upTo: maximum + 1)
  } catch {
    throw .malformed(path: path, line: 0, reason: "its gzip data \(error)")
  }
  guard all.count <= maximum else {
    throw .unreadable(path: path, reason: "unpacked, it is larger than \(size(maximum))")
  }
  return all
}

/// A size in words, of whole KiB or GiB.
private func size(_ bytes: Int) -> String {
  bytes < 1 << 30 ? "\(bytes >> 10) KiB" : "\(bytes >> 30) GiB"
}
