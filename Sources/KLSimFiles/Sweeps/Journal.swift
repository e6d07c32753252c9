// SPDX-License-Identifier: GPL-3.0-or-later

internal import CLibrary
internal import SystemPackage

/// A file to which several processes append entries, each on a line of its own: a JSON object whose last
/// member is the checksum of what stands before it.
///
/// An entry is on the disk when `append` returns. A line that was cut short or edited is told apart from a
/// whole one, and ignored.
package struct Journal: Sendable {
  /// The path of the file.
  package let path: String
  /// How many bytes have been read.
  private var position = 0
  /// How many lines of those that have been read are damaged.
  package private(set) var damagedLines = 0

  /// A journal, which need not exist.
  ///
  /// - Parameter path: its file.
  package init(path: String) { self.path = path }

  /// The entries that were appended since the last call, all at the first.
  ///
  /// - Returns: the entries that are whole, in order; none if there is no file.
  /// - Throws: `InputError.unreadable`.
  package mutating func newEntries() throws(InputError) -> [JSON] {
    let bytes: [UInt8]
    do {
      let file = try FileDescriptor.open(FilePath(path), .readOnly)
      bytes = try file.closeAfter { try Self.read(file, from: position) }
    } catch Errno.noSuchFileOrDirectory {
      return []
    } catch {
      throw .unreadable(path: path, reason: "\(error)")
    }
    // What follows the last end of a line may still be on its way.
    let whole = bytes.lastIndex(of: newline).map { $0 + 1 } ?? 0
    position += whole
    let lines = bytes[..<whole].split(separator: newline)
    let entries = lines.compactMap(Self.entry)
    damagedLines += lines.count - entries.count
    return entries
  }

  /// Appends an entry.
  ///
  /// - Parameters:
  ///   - members: the members of its object.
  ///   - isFirst: whether it is appended only if the file is empty; the file is created if it is not there.
  /// - Throws: `OutputError`.
  package func append(
    _ members: [(key: String, value: JSON)], onlyIfEmpty isFirst: Bool = false
  ) throws(OutputError) {
    do {
      let file = try FileDescriptor.open(
        FilePath(path), .readWrite, options: isFirst ? [.create, .append] : .append,
        permissions: [.ownerReadWrite, .groupReadWrite, .otherReadWrite])
      try file.closeAfter {
        // On network file systems appending alone would not keep two processes apart.
        var lock = flock()
        lock.l_type = Int16(F_WRLCK)
        guard unsafe fcntl(file.rawValue, F_SETLKW, &lock) == 0 else {
          throw Errno(rawValue: errno)
        }
        let size = try Int(file.stat().size)
        guard size == 0 || !isFirst else { return }
        let isCutShort = try size > 0 && Self.read(file, from: size - 1) != [newline]
        try file.writeAll((isCutShort ? [newline] : []) + Self.line(of: members))
        guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
      }
    } catch {
      throw .cannotWrite(path: path, reason: "\(error)")
    }
  }

  private static func read(_ file: FileDescriptor, from position: Int) throws -> [UInt8] {
    let count = max(0, try Int(file.stat().size) - position)
    return try unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let rest = unsafe UnsafeMutableRawBufferPointer(
          rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
        let read = try unsafe file.read(
          fromAbsoluteOffset: Int64(position + filled), into: rest)
        guard read > 0 else { break }
        filled += read
      }
    }
  }

  private static func line(of members: [(key: String, value: JSON)]) -> [UInt8] {
    let content = Array(JSON.object(members).line.utf8.dropLast())
    return content + ending(of: content)
  }

  /// The checksum of the line, as its last member, and the end of the line.
  private static func ending(of content: [UInt8]) -> [UInt8] {
    let checksum = FileDigest(of: content).checksum
    return Array(",\"check\":\"\(String(checksum, radix: 16))\"}\n".utf8)
  }

  /// The entry of a line without its end, nil if it is damaged.
  private static func entry(_ line: ArraySlice<UInt8>) -> JSON? {
    guard let comma = line.lastIndex(of: UInt8(ascii: ",")) else { return nil }
    let content = Array(line[..<comma])
    guard ending(of: content).dropLast() == line[comma...] else { return nil }
    return JSON(parsing: content + [UInt8(ascii: "}")])
  }
}

private let newline = UInt8(ascii: "\n")
