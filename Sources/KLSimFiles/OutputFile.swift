// SPDX-License-Identifier: GPL-3.0-or-later

internal import CLibrary
internal import SystemPackage

/// An output file that appears complete or not at all.
///
/// A regular file is written under a temporary name in the same directory and renamed by `commit`;
/// without it the temporary file is removed. Standard output (`-`) and special files such as
/// `/dev/null` are written directly.
package final class OutputFile {
  private let path: String
  private let descriptor: FileDescriptor
  private let target: Target
  private var isOpen = true

  private enum Target {
    case standardOutput
    case special
    case file(FilePath, temporary: FilePath)
  }

  /// Opens an output, so that an invalid destination is refused before anything is computed.
  ///
  /// - Parameter path: the file; `-` for standard output.
  /// - Throws: `OutputError.cannotCreate`.
  package init(_ path: String) throws(OutputError) {
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
  package func write(_ bytes: [UInt8]) throws(OutputError) {
    do {
      try descriptor.writeAll(bytes)
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
  /// - Throws: `OutputError.cannotWrite`.
  package func commit() throws(OutputError) {
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
      // A failure is ignored: every write has succeeded or thrown.
      try? descriptor.close()
    case .file(_, let temporary):
      try? descriptor.close()
      TemporaryFiles.shared.remove(temporary)
    }
  }

  /// Resolves symbolic links, so that the file is replaced and not the link.
  private static func followingLinks(_ path: FilePath) -> FilePath {
    if let resolved = realPath(path) { return resolved }
    // The file is new: resolve its folder.
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

  private static func temporaryName(beside destination: FilePath) -> FilePath {
    destination.removingLastComponent().appending(TemporaryFiles.newName())
  }
}
