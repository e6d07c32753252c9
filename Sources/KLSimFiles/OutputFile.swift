// SPDX-License-Identifier: GPL-3.0-or-later

internal import SystemPackage

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

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
    self.path = path
    guard path != "-" else {
      target = .standardOutput
      descriptor = .standardOutput
      return
    }
    do {
      let destination = Self.followingLinks(FilePath(path))
      switch try? Stat(destination).type {
      case .directory:
        throw Errno.isDirectory
      case .regular, nil:
        let temporary = Self.temporaryName(beside: destination)
        target = .file(destination, temporary: temporary)
        TemporaryFiles.shared.add(temporary)
        descriptor = try FileDescriptor.open(
          temporary, .writeOnly, options: [.create, .exclusiveCreate],
          permissions: [.ownerReadWrite, .groupReadWrite, .otherReadWrite])
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

  /// Where a symbolic link leads, so that it is the file that is replaced and not the link.
  private static func followingLinks(_ path: FilePath) -> FilePath {
    guard let resolved = unsafe realpath(path.string, nil) else { return path }
    defer { unsafe free(resolved) }
    return unsafe FilePath(String(cString: resolved))
  }

  private static func temporaryName(beside destination: FilePath) -> FilePath {
    let name = destination.lastComponent?.string ?? "output"
    let tag = String(UInt64.random(in: .min ... .max), radix: 36)
    return destination.removingLastComponent().appending(".\(name).\(tag).tmp")
  }
}
