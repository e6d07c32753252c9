// SPDX-License-Identifier: GPL-3.0-or-later

internal import CLibrary
internal import SystemPackage

/// A folder of files, each of which appears complete or not at all.
package struct ReportFolder: Sendable {
  private let path: FilePath

  /// Creates a folder and its parents unless they exist.
  ///
  /// - Parameter path: the folder.
  /// - Throws: `OutputError.cannotCreate`, also for an existing folder without write permission.
  package init(_ path: String) throws(OutputError) {
    guard !path.isEmpty else {
      throw .cannotCreate(path: path, reason: "\(Errno.noSuchFileOrDirectory)")
    }
    self.path = FilePath(path)
    try Self.create(self.path)
  }

  /// A folder inside this one, created unless it exists.
  ///
  /// - Throws: `OutputError.cannotCreate`.
  package func folder(_ name: String) throws(OutputError) -> ReportFolder {
    try ReportFolder(path(of: name))
  }

  /// A folder inside this one, nil if there is none.
  package func existingFolder(_ name: String) -> ReportFolder? {
    let inner = path(of: name)
    return (try? Stat(FilePath(inner)))?.type == .directory ? ReportFolder(existing: inner) : nil
  }

  /// A folder that exists, and that need not be writable.
  ///
  /// - Parameter path: the folder.
  package init(existing path: String) { self.path = FilePath(path) }

  private static func create(_ folder: FilePath) throws(OutputError) {
    if let existing = try? Stat(folder), existing.type == .directory {
      guard unsafe access(folder.string, W_OK | X_OK) == 0 else {
        throw .cannotCreate(path: folder.string, reason: "\(Errno(rawValue: errno))")
      }
      return
    }
    let parent = folder.removingLastComponent()
    if !parent.isEmpty, parent != folder { try create(parent) }
    guard unsafe mkdir(folder.string, 0o777) == 0 || errno == EEXIST else {
      throw .cannotCreate(path: folder.string, reason: "\(Errno(rawValue: errno))")
    }
    guard let made = try? Stat(folder), made.type == .directory else {
      throw .cannotCreate(path: folder.string, reason: "\(Errno.notDirectory)")
    }
  }

  /// Keeps the folder for this process until it ends, where the file system has locks.
  ///
  /// - Throws: `OutputError.cannotCreate` if another process has it.
  package func lock() throws(OutputError) {
    // It stays open, and programs that are started do not get it.
    guard let folder = try? FileDescriptor.open(path, .readOnly, options: .closeOnExec),
      flock(folder.rawValue, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK
    else { return }
    throw .cannotCreate(path: path.string, reason: "another process is writing its files")
  }

  /// The path of a file in the folder.
  ///
  /// - Parameter name: the file, relative to the folder.
  /// - Returns: its path.
  package func path(of name: String) -> String { path.appending(name).string }

  /// Writes a file.
  ///
  /// - Parameters:
  ///   - bytes: its content.
  ///   - name: the file, relative to the folder; missing folders are created.
  /// - Throws: `OutputError`.
  package func write(_ bytes: [UInt8], to name: String) throws(OutputError) {
    let destination = path.appending(name)
    try Self.create(destination.removingLastComponent())
    let file = try OutputFile(destination.string)
    try file.write(bytes)
    try file.commit()
  }

  /// The bytes of a file, nil if it cannot be read.
  package func bytes(of name: String) -> [UInt8]? { try? fileBytes(path(of: name)) }

  /// Removes files.
  ///
  /// - Parameter isRemoved: whether the file of a name is removed; all are by default.
  /// - Throws: `OutputError.cannotWrite`.
  package func removeFiles(
    where isRemoved: (_ name: String) -> Bool = { _ in true }
  ) throws(OutputError) {
    for name in names where isRemoved(name) {
      guard unsafe unlink(path(of: name)) == 0 || errno == ENOENT else {
        throw .cannotWrite(path: path(of: name), reason: "\(Errno(rawValue: errno))")
      }
    }
  }

  /// Removes the folder, which must be empty.
  ///
  /// - Throws: `OutputError.cannotWrite`.
  package func remove() throws(OutputError) {
    guard unsafe rmdir(path.string) == 0 else {
      throw .cannotWrite(path: path.string, reason: "\(Errno(rawValue: errno))")
    }
  }

  /// The names of what is in the folder; none if it cannot be read.
  var names: [String] {
    guard let folder = unsafe opendir(path.string) else { return [] }
    defer { unsafe closedir(folder) }
    var names: [String] = []
    while let entry = unsafe readdir(folder) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }
}
