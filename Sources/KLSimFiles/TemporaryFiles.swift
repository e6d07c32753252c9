// SPDX-License-Identifier: GPL-3.0-or-later

internal import CLibrary
internal import Synchronization
internal import SystemPackage

/// The existing temporary files, so that an interrupted process can remove them.
package final class TemporaryFiles: Sendable {
  /// The files of this process.
  package static let shared = TemporaryFiles()

  private let paths = Mutex<Set<FilePath>>([])

  private init() {}

  /// Removes every temporary file; for a process that ends by a signal.
  package func removeAll() {
    paths.withLock { paths in
      for path in paths { _ = unsafe unlink(path.string) }
      paths = []
    }
  }

  /// A unique file name.
  ///
  /// It does not contain the name of the destination, with which it could be too long.
  static func newName() -> String {
    ".klsim-\(String(UInt64.random(in: .min ... .max), radix: 36)).tmp"
  }

  /// Whether a file's name is one of those.
  package static func isName(_ name: String) -> Bool {
    name.hasPrefix(".klsim-") && name.hasSuffix(".tmp")
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
