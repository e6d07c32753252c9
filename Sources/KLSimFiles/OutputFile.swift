// SPDX-License-Identifier: GPL-3.0-or-later

internal import CLibrary
internal import CZlib
internal import SystemPackage

/// An output file that appears complete or not at all.
///
/// A regular file is written as a `StagedFile`, which `commit` gives its name. Standard output (`-`) and special files such as
/// `/dev/null` are written directly. A regular file that ends in `.gz` is packed by gzip, without a name
/// or a time in its header: the same content gives the same bytes.
@safe package final class OutputFile {
  private let path: String
  private let descriptor: FileDescriptor
  private let target: Target
  /// What comes before the next bytes.
  private var heading: [UInt8] = []
  /// Compresses to a copy of `descriptor`; nil for no compression.
  private let packer: gzFile?
  private var isOpen = true

  private enum Target {
    case standardOutput
    case special
    case file(FilePath, StagedFile)
  }

  /// Whether it is standard output, from which nothing is taken back.
  package var isStandardOutput: Bool {
    if case .standardOutput = target { true } else { false }
  }

  /// Opens an output, so that an invalid destination is refused before anything is computed.
  ///
  /// - Parameters:
  ///   - path: the file; `-` for standard output.
  ///   - inputs: files that are read, which it must not replace.
  ///   - isPacked: whether it is packed by gzip; nil for what the ending of the path says.
  ///   - folder: where it is written before, on the same file system; nil for the folder of the file.
  /// - Throws: `OutputError.cannotCreate`.
  package init(
    _ path: String, inputs: some Sequence<String> = [], isPacked: Bool? = nil,
    temporaryIn folder: String? = nil
  ) throws(OutputError) {
    let isStandardOutput = path == "-" || path == "/dev/stdout"
    if !isStandardOutput, let existing = Self.realPath(FilePath(path)),
      (try? Stat(existing))?.type == .regular,
      inputs.contains(where: { Self.realPath(FilePath($0)) == existing })
    {
      throw .cannotCreate(path: path, reason: "it is an input; name another file")
    }
    self.path = isStandardOutput ? "standard output" : path
    guard !isStandardOutput else {
      target = .standardOutput
      descriptor = .standardOutput
      unsafe packer = nil
      return
    }
    do {
      guard let end = path.utf8.last else { throw Errno.noSuchFileOrDirectory }
      guard end != UInt8(ascii: "/") else { throw Errno.isDirectory }
      let destination = try Self.followingLinks(FilePath(path))
      let existing = try Self.state(of: destination)
      switch existing?.type {
      case .directory:
        throw Errno.isDirectory
      case .regular, nil:
        let staged = try StagedFile(
          in: folder.map { FilePath($0) } ?? destination.removingLastComponent(),
          permissions: existing?.permissions
            ?? [.ownerReadWrite, .groupReadWrite, .otherReadWrite])
        (target, descriptor) = (.file(destination, staged), staged.descriptor)
        do {
          unsafe packer =
            isPacked ?? path.hasSuffix(RowFormat.packedEnding)
            ? try Self.packer(of: descriptor) : nil
        } catch {
          staged.discard()
          throw error
        }
      default:
        target = .special
        descriptor = try FileDescriptor.open(destination, .writeOnly)
        unsafe packer = nil
      }
    } catch {
      throw .cannotCreate(path: path, reason: "\(error)")
    }
  }

  /// Writes bytes at the end.
  ///
  /// - Throws: `OutputError.cannotWrite`, or `.closedPipe`.
  package func write(_ bytes: [UInt8]) throws(OutputError) {
    if !bytes.isEmpty { try writeAll(bytes) }
  }

  /// Holds the heading of a table back until the first bytes after it, or the commit: what fails before its
  /// first row leaves standard output empty.
  package func hold(heading bytes: [UInt8]) { heading += bytes }

  private func writeAll(_ bytes: [UInt8]) throws(OutputError) {
    let first = heading
    heading = []
    do {
      guard let packer = unsafe packer else {
        // One after the other, since what comes after the heading can be large.
        try descriptor.writeAll(first)
        try descriptor.writeAll(bytes)
        return
      }
      let bytes = first.isEmpty ? bytes : first + bytes
      guard unsafe gzfwrite(bytes, 1, bytes.count, packer) == bytes.count else {
        var code: Int32 = 0
        _ = unsafe gzerror(packer, &code)
        throw Self.error(of: code)
      }
    } catch let errno as Errno where errno == .brokenPipe {
      throw .closedPipe
    } catch {
      throw .cannotWrite(path: path, reason: "\(error)")
    }
  }

  /// The path of the file if this output and another are the same file, else nil.
  ///
  /// - Parameter other: the other one.
  /// - Returns: the path.
  package func sameFile(as other: OutputFile) -> String? {
    switch (target, other.target) {
    case (.standardOutput, .standardOutput): path
    case (.file(let path, _), .file(let otherPath, _)) where path == otherPath: path.string
    default: nil
    }
  }

  /// Makes the file appear under its name.
  ///
  /// - Parameter isDurable: whether it is on the disk before, so that it is there whole even if the machine
  ///   stops.
  /// - Throws: `OutputError.cannotWrite`, or `.closedPipe`.
  package func commit(durably isDurable: Bool = false) throws(OutputError) {
    if !heading.isEmpty { try writeAll([]) }
    guard case .file(let destination, let staged) = target else { return }
    isOpen = false
    do {
      do {
        try closePacker()
      } catch {
        staged.discard()
        throw error
      }
      try staged.commit(as: destination, durably: isDurable)
      if isDurable { try Self.synchronize(destination.removingLastComponent()) }
    } catch {
      throw .cannotWrite(path: path, reason: "\(error)")
    }
  }

  deinit {
    guard isOpen else { return }
    switch target {
    case .standardOutput:
      break
    case .special:
      // A failure is ignored: every write has succeeded or thrown.
      try? descriptor.close()
    case .file(_, let staged):
      try? closePacker()
      staged.discard()
    }
  }

  /// Waits until a file or folder is on the disk.
  private static func synchronize(_ path: FilePath) throws {
    let file = try FileDescriptor.open(path.isEmpty ? "." : path, .readOnly)
    try file.closeAfter {
      guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
    }
  }

  /// Compresses to a descriptor that stays open.
  private static func packer(of descriptor: FileDescriptor) throws -> gzFile {
    let own = try descriptor.duplicate()
    guard let packer = unsafe gzdopen(own.rawValue, "wb") else {
      try own.close()
      throw Errno.noMemory
    }
    return unsafe packer
  }

  private func closePacker() throws {
    guard let packer = unsafe packer else { return }
    let code = unsafe gzclose(packer)
    guard code == Z_OK else { throw Self.error(of: code) }
  }

  /// The error of the system behind a code of zlib, which sets `errno` for one of them alone.
  private static func error(of code: Int32) -> Errno {
    switch code {
    case Z_ERRNO: Errno(rawValue: errno)
    case Z_MEM_ERROR: .noMemory
    default: .ioError
    }
  }

  /// Resolves symbolic links, so that the file is replaced and not the link; the file need not exist.
  private static func followingLinks(_ path: FilePath) throws -> FilePath {
    var path = path
    // As many as Linux follows.
    for _ in 0..<40 {
      if let resolved = realPath(path) { return resolved }
      // The file is new: resolve its folder.
      let parent = path.removingLastComponent()
      guard let name = path.lastComponent, let folder = realPath(parent.isEmpty ? "." : parent)
      else { return path }
      path = folder.appending(name)
      guard let target = target(ofLink: path) else { return path }
      path = folder.pushing(target)
    }
    throw Errno.tooManySymbolicLinkLevels
  }

  /// nil if there is no such file; what else is wrong with its path, such as a name that is too long, would
  /// show only when the file gets its name.
  private static func state(of path: FilePath) throws -> Stat? {
    do {
      return try Stat(path)
    } catch Errno.noSuchFileOrDirectory {
      return nil
    }
  }

  private static func target(ofLink path: FilePath) -> FilePath? {
    var target = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    guard unsafe readlink(path.string, &target, target.count - 1) > 0 else { return nil }
    return FilePath(platformString: target)
  }

  private static func realPath(_ path: FilePath) -> FilePath? {
    guard let resolved = unsafe realpath(path.string, nil) else { return nil }
    defer { unsafe free(resolved) }
    return unsafe FilePath(String(cString: resolved))
  }
}
