// SPDX-License-Identifier: GPL-3.0-or-later

internal import CLibrary
internal import SystemPackage

/// A file that is written before it has its name.
///
/// Where the system has files without a name, nothing is left of it even if the process is killed, but for the
/// moment in which it replaces another. Then, and elsewhere always, it has a temporary name and a lock; one
/// whose lock is free, since its process is dead, is removed by the next such file in the same folder.
struct StagedFile: Sendable {
  let descriptor: FileDescriptor
  /// Where its name is given to it: on the same file system, and out of the way.
  private let place: FilePath
  private let isNamed: Bool

  /// Creates a file.
  ///
  /// - Parameters:
  ///   - folder: a folder of the file system on which it will appear.
  ///   - permissions: its mode, less what the process's mask takes away.
  /// - Throws: `Errno`.
  init(in folder: FilePath, permissions: FilePermissions) throws {
    let folder = folder.isEmpty ? "." : folder
    place = folder.appending(TemporaryFiles.newName())
    if let descriptor = Self.openWithoutName(in: folder, permissions) {
      (self.descriptor, isNamed) = (descriptor, false)
    } else {
      Self.removeAbandoned(in: folder)
      TemporaryFiles.shared.add(place)
      do {
        descriptor = try FileDescriptor.open(
          place, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
          permissions: permissions)
      } catch {
        TemporaryFiles.shared.remove(place)
        throw error
      }
      isNamed = true
    }
    _ = flock(descriptor.rawValue, LOCK_EX | LOCK_NB)
  }

  /// Gives the file its name, in place of any other file of that name, and closes it.
  ///
  /// - Parameters:
  ///   - destination: its path.
  ///   - isDurable: whether it is on the disk before.
  /// - Throws: `Errno`; the file is removed.
  func commit(as destination: FilePath, durably isDurable: Bool) throws {
    var isOpen = true
    defer { TemporaryFiles.shared.forget(place) }
    do {
      if isDurable, fsync(descriptor.rawValue) != 0 { throw Errno(rawValue: errno) }
      // Closing tells of late failures to write; the copy keeps the lock, without which another process
      // could take the file for abandoned.
      let kept = try descriptor.duplicate()
      defer { try? kept.close() }
      isOpen = false
      try descriptor.close()
      if !isNamed {
        if try Self.link(kept, as: destination) { return }
        Self.removeAbandoned(in: place.removingLastComponent())
        TemporaryFiles.shared.add(place)
        guard try Self.link(kept, as: place) else { throw Errno.fileExists }
      }
      guard unsafe rename(place.string, destination.string) == 0 else {
        throw Errno(rawValue: errno)
      }
    } catch {
      if isOpen { try? descriptor.close() }
      _ = unsafe unlink(place.string)
      throw error
    }
  }

  /// Closes and removes the file.
  func discard() {
    // A failure is ignored: nothing of the file is wanted any more.
    try? descriptor.close()
    if isNamed { TemporaryFiles.shared.remove(place) }
  }

  /// Removes the files in a folder whose processes are dead.
  private static func removeAbandoned(in folder: FilePath) {
    for name in ReportFolder(existing: folder.string).names where TemporaryFiles.isName(name) {
      let path = folder.appending(name)
      guard let file = try? FileDescriptor.open(path, .writeOnly) else { continue }
      defer { try? file.close() }
      var state = stat()
      // One that is young and empty may not have its lock yet.
      guard unsafe fstat(file.rawValue, &state) == 0, state.st_size > 0 || isOld(state),
        flock(file.rawValue, LOCK_EX | LOCK_NB) == 0
      else { continue }
      _ = unsafe unlink(path.string)
    }
  }

  private static let youth = 60

  private static func isOld(_ state: stat) -> Bool {
    #if canImport(Darwin)
      let changed = state.st_mtimespec.tv_sec
    #else
      let changed = state.st_mtim.tv_sec
    #endif
    return time(nil) - changed > youth
  }

  #if os(Linux)
    /// O_TMPFILE.
    private static let withoutName = FileDescriptor.OpenOptions(
      rawValue: 0o20_000_000 | O_DIRECTORY)

    /// nil where the file system has no such files, or nothing could give one its name later.
    private static func openWithoutName(
      in folder: FilePath, _ permissions: FilePermissions
    ) -> FileDescriptor? {
      guard
        let file = try? FileDescriptor.open(
          folder, .writeOnly, options: [withoutName, .closeOnExec], permissions: permissions)
      else { return nil }
      guard unsafe access(path(of: file), F_OK) == 0 else {
        try? file.close()
        return nil
      }
      return file
    }

    private static func path(of file: FileDescriptor) -> String {
      "/proc/self/fd/\(file.rawValue)"
    }

    /// Gives a file without a name one; false if there is a file of that name.
    private static func link(_ file: FileDescriptor, as name: FilePath) throws -> Bool {
      guard
        unsafe linkat(AT_FDCWD, path(of: file), AT_FDCWD, name.string, AT_SYMLINK_FOLLOW) != 0
      else { return true }
      guard errno == EEXIST else { throw Errno(rawValue: errno) }
      return false
    }
  #else
    private static func openWithoutName(
      in folder: FilePath, _ permissions: FilePermissions
    ) -> FileDescriptor? { nil }

    private static func link(_ file: FileDescriptor, as name: FilePath) -> Bool { false }
  #endif
}
