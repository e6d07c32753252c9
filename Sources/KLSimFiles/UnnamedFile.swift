// SPDX-License-Identifier: GPL-3.0-or-later

internal import CLibrary
internal import SystemPackage

/// A file without a name, which exists until it is closed: input for another process.
///
/// Unlike a pipe, it can be written before the other process reads, and it needs no reader.
package struct UnnamedFile: Sendable {
  /// The file descriptor, positioned at the start; the caller must close it.
  package let descriptor: Int32

  /// Creates a file in the folder for temporary files.
  ///
  /// - Parameter text: its contents.
  /// - Throws: `OutputError`.
  package init(_ text: String) throws(OutputError) {
    let folder = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? ""
    let path = FilePath(folder.isEmpty ? "/tmp" : folder).appending(TemporaryFiles.newName())
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
