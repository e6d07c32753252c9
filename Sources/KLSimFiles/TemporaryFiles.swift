// SPDX-License-Identifier: GPL-3.0-or-later

internal import CLibrary
internal import Synchronization
internal import SystemPackage

/// The temporary files that exist, so that an interrupted process can take them with it.
public final class TemporaryFiles: Sendable {
  /// The files of this process.
  public static let shared = TemporaryFiles()

  private let paths = Mutex<Set<FilePath>>([])

  private init() {}

  /// Removes every temporary file; for the way out after a signal.
  public func removeAll() {
    paths.withLock { paths in
      for path in paths { _ = unsafe unlink(path.string) }
      paths = []
    }
  }

  func add(_ path: FilePath) {
    paths.withLock { _ = $0.insert(path) }
  }

  func forget(_ path: FilePath) {
    paths.withLock { _ = $0.remove(path) }
  }

  func remove(_ path: FilePath) {
    _ = unsafe unlink(path.string)
    forget(path)
  }
}
