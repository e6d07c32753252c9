// SPDX-License-Identifier: GPL-3.0-or-later

internal import CLibrary
internal import SystemPackage

/// An output that appears whole or not at all.
///
/// A regular file is written under a temporary name in the same directory and renamed by `commit`;
/// without it the temporary file is removed. Standard output (`-`) and special files such as
/// `/dev/null` are written as they are.
public final class OutputFile {
  private let path: String
  private let descriptor: FileDescriptor
  private let target: Target
  private var isOpen = true

  private enum Target {
    case standardOutput
    case special
    case file(FilePath, temporary: FilePath)
  }

  /// Opens an output, so that a destination that cannot be is refused before anything is computed.
  ///
  /// - Parameter path: the file; `-` for standard output.
  /// - Throws: `OutputError.cannotCreate`.
  public init(_ path: String) throws(OutputError) {
    let isStandardOutput = path == "-" || path == "/dev/stdout"
    self.path = isStandardOutput ? "standard output" : path
    guard !isStandardOutput else {
      target = .standardOutput
      descriptor = .standardOutput
      return
    }
    do {
      guard let end = path.utf8.last else { throw Errno.noSuchFileOrDirectory }
      guard end != UInt8(ascii: "/") else { throw Errno.isDirectory }
      let destination = Self.followingLinks(FilePath(path))
      let existing = try? Stat(destination)
      switch existing?.type {
      case .directory:
        throw Errno.isDirectory
      case .regular, nil:
        let temporary = Self.temporaryName(beside: destination)
        target = .file(destination, temporary: temporary)
        TemporaryFiles.shared.add(temporary)
        descriptor = try FileDescriptor.open(
          temporary, .writeOnly, options: [.create, .exclusiveCreate],
          permissions: existing?.permissions
            ?? [.ownerReadWrite, .groupReadWrite, .otherReadWrite])
      default:
        target = .special
        descriptor = try FileDescriptor.open(destination, .writeOnly)
      }
    } catch {
      throw .cannotCreate(path: path, reason: "\(error)")
    }
  }

  /// Writes bytes at the end.
  ///
  /// - Throws: `OutputError.cannotWrite`, or `.closedPipe`.
  public func write(_ bytes: [UInt8]) throws(OutputError) {
    do {
      try descriptor.writeAll(bytes)
    } catch let errno as Errno where errno == .brokenPipe {
      throw .closedPipe
    } catch {
      throw .cannotWrite(path: path, reason: "\(error)")
    }
  }

  /// The file that this and another output both are, nil if they are two.
  ///
  /// - Parameter other: the other one.
  /// - Returns: its path.
  public func sameFile(as other: OutputFile) -> String? {
    switch (target, other.target) {
    case (.standardOutput, .standardOutput): path
    case (.file(let path, _), .file(let otherPath, _)) where path == otherPath: path.string
    default: nil
    }
  }

  /// Makes the file appear under its name.
  ///
  /// - Throws: `OutputError.cannotWrite`.
  public func commit() throws(OutputError) {
    guard case .file(let destination, let temporary) = target else { return }
    do {
      isOpen = false
      try descriptor.close()
      guard unsafe rename(temporary.string, destination.string) == 0 else {
        throw Errno(rawValue: errno)
      }
      TemporaryFiles.shared.forget(temporary)
    } catch {
      TemporaryFiles.shared.remove(temporary)
      throw .cannotWrite(path: path, reason: "\(error)")
    }
  }

  deinit {
    guard isOpen else { return }
    switch target {
    case .standardOutput:
      break
    case .special:
      // Nothing can be done about a close that fails here, and nothing is lost by it.
      try? descriptor.close()
    case .file(_, let temporary):
      try? descriptor.close()
      TemporaryFiles.shared.remove(temporary)
    }
  }

  /// Where symbolic links lead, so that it is the file that is replaced and not the link.
  private static func followingLinks(_ path: FilePath) -> FilePath {
    if let resolved = realPath(path) { return resolved }
    // A file that is not there yet stands in a folder that is.
    let parent = path.removingLastComponent()
    guard let name = path.lastComponent, let folder = realPath(parent.isEmpty ? "." : parent)
    else { return path }
    return folder.appending(name)
  }

  private static func realPath(_ path: FilePath) -> FilePath? {
    guard let resolved = unsafe realpath(path.string, nil) else { return nil }
    defer { unsafe free(resolved) }
    return unsafe FilePath(String(cString: resolved))
  }

  /// A name of its own: one made of the destination's could be too long for the file system.
  private static func temporaryName(beside destination: FilePath) -> FilePath {
    let tag = String(UInt64.random(in: .min ... .max), radix: 36)
    return destination.removingLastComponent().appending(".klsim-\(tag).tmp")
  }
}
