// SPDX-License-Identifier: GPL-3.0-or-later

internal import CLibrary
internal import SystemPackage

/// A file without a name, gone when it is closed: what another process is to read.
///
/// Unlike a pipe, it needs no one to write while the other reads, and no reader.
public struct UnnamedFile: Sendable {
  /// Its number in this process, to be closed by whoever takes it; it reads from the start.
  public let descriptor: Int32

  /// Makes a file in the folder for temporary files.
  ///
  /// - Parameter text: what is in it.
  /// - Throws: `OutputError`.
  public init(_ text: String) throws(OutputError) {
    let folder = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? ""
    let tag = String(UInt64.random(in: .min ... .max), radix: 36)
    let path = FilePath(folder.isEmpty ? "/tmp" : folder).appending(".klsim-\(tag).tmp")
    let file: FileDescriptor
    do {
      TemporaryFiles.shared.add(path)
      defer { TemporaryFiles.shared.remove(path) }
      file = try FileDescriptor.open(
        path, .readWrite, options: [.create, .exclusiveCreate, .closeOnExec],
        permissions: .ownerReadWrite)
    } catch {
      throw .cannotCreate(path: path.string, reason: "\(error)")
    }
    do {
      try file.writeAll(text.utf8)
      try file.seek(offset: 0, from: .start)
    } catch {
      try? file.close()
      throw .cannotWrite(path: path.string, reason: "\(error)")
    }
    descriptor = file.rawValue
  }
}
