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
}
