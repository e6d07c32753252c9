// SPDX-License-Identifier: GPL-3.0-or-later

internal import SystemPackage

/// A larger file is not read: it may be a device without end.
private let maximumBytes = 1 << 30

/// The bytes of a whole file.
///
/// - Parameter path: the file.
/// - Returns: the bytes.
/// - Throws: `InputError.missing` or `.unreadable`, also for a file larger than 1 GiB.
func fileBytes(_ path: String) throws(InputError) -> [UInt8] {
  do {
    let file = try FileDescriptor.open(FilePath(path), .readOnly)
    return try file.closeAfter {
      var bytes: [UInt8] = []
      // An array that grows by doubling can take twice the memory of the file.
      if let size = try? Stat(FilePath(path)).size {
        bytes.reserveCapacity(min(max(Int(size), 0), maximumBytes) + 1)
      }
      var chunk = [UInt8](repeating: 0, count: 1 << 16)
      while true {
        let count = try unsafe chunk.withUnsafeMutableBytes { try unsafe file.read(into: $0) }
        guard count > 0 else { return bytes }
        bytes += chunk[..<count]
        guard bytes.count <= maximumBytes else {
          throw InputError.unreadable(path: path, reason: "it is larger than 1 GiB")
        }
      }
    }
  } catch let errno as Errno where errno == .noSuchFileOrDirectory || errno == .notDirectory {
    throw .missing(path: path)
  } catch let error as InputError {
    throw error
  } catch {
    throw .unreadable(path: path, reason: "\(error)")
  }
}
