// SPDX-License-Identifier: GPL-3.0-or-later

internal import CZlib

/// The wrapping of compressed bytes, by zlib's number.
enum Packing: Int32 {
  /// Nothing around them, as in a zip archive.
  case raw = -15
  /// The header and checksum of gzip; several such parts may follow each other.
  case gzip = 31
}

/// A reason not to unpack bytes, to be read after "its data".
enum InflationError: Error, CustomStringConvertible {
  case damaged
  case cutOff
  case bomb

  var description: String {
    switch self {
    case .damaged: "are damaged"
    case .cutOff: "are cut off"
    case .bomb:
      "expand to more than \(Inflater.maximumRatio) times their size, as a decompression bomb does; if"
        + " the file is none, unpack it first"
    }
  }
}

/// Unpacks bytes.
///
/// - Parameters:
///   - packed: the bytes.
///   - packing: how they are wrapped.
///   - maximum: unpacking ends after so many bytes.
/// - Returns: the bytes, at most `maximum`.
/// - Throws: `InflationError`.
func inflated(
  _ packed: FileBytes, _ packing: Packing, upTo maximum: Int
) throws(InflationError) -> [UInt8] {
  try unsafe packed.withUnsafeBytes { bytes throws(InflationError) in
    try unsafe Inflater(packing).bytes(of: bytes, upTo: maximum)
  }
}

/// One stream of zlib, which must stay at its place in memory.
@safe private final class Inflater {
  /// Text shrinks to a hundredth at best, a decompression bomb to a thousandth.
  static let maximumRatio = 250
  /// Below this size the ratio is not checked.
  private static let harmlessBytes = 1 << 24

  private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
  private let packing: Packing

  init(_ packing: Packing) {
    self.packing = packing
    unsafe stream.initialize(to: z_stream())
    let code = unsafe czlib_inflate_init(stream, packing.rawValue)
    precondition(code == Z_OK, "memory for zlib")
  }

  deinit {
    unsafe inflateEnd(stream)
    unsafe stream.deallocate()
  }

  func bytes(
    of packed: UnsafeRawBufferPointer, upTo maximum: Int
  ) throws(InflationError) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(min(maximum, 4 * packed.count, 1 << 26))
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    var consumed = 0
    while bytes.count < maximum {
      // zlib counts in 32 bits.
      let rest = unsafe packed[consumed...].prefix(1 << 30)
      let room = min(chunk.count, maximum - bytes.count)
      let code = unsafe chunk.withUnsafeMutableBufferPointer { target in
        let input = unsafe UnsafeRawBufferPointer(rebasing: rest).assumingMemoryBound(
          to: UInt8.self)
        unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        unsafe stream.pointee.avail_in = UInt32(input.count)
        unsafe stream.pointee.next_out = target.baseAddress
        unsafe stream.pointee.avail_out = UInt32(room)
        return unsafe inflate(stream, Z_NO_FLUSH)
      }
      consumed += unsafe rest.count - Int(stream.pointee.avail_in)
      bytes += chunk[..<(room - Int(unsafe stream.pointee.avail_out))]
      if bytes.count > Self.harmlessBytes, bytes.count / Self.maximumRatio > consumed {
        throw .bomb
      }
      switch code {
      case Z_STREAM_END:
        guard packing == .gzip, consumed < packed.count else { return bytes }
        _ = unsafe inflateReset(stream)
      case Z_OK: break
      // No progress: the input has ended.
      case Z_BUF_ERROR: throw .cutOff
      default: throw .damaged
      }
    }
    return bytes
  }
}
