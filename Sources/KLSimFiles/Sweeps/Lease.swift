// SPDX-License-Identifier: GPL-3.0-or-later

internal import CLibrary
internal import Dispatch
internal import Synchronization
internal import SystemPackage

/// The right of one process to a piece of work, for as long as it lives: a file that only one process can
/// create, and whose time it renews.
///
/// A lease keeps work from being done twice; it is no lock. Where one is taken over while its owner still
/// works, both do the same, and one result replaces its equal.
package final class Lease: Sendable {
  /// Who holds a lease.
  package struct Owner: Equatable, Sendable {
    /// The name of the machine.
    package let host: String
    /// The process.
    package let process: Int

    /// This process.
    package static var this: Owner {
      var name = [CChar](repeating: 0, count: 256)
      let code = unsafe gethostname(&name, name.count - 1)
      let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      return Owner(
        host: code == 0 ? String(decoding: bytes, as: UTF8.self) : "unknown",
        process: Int(getpid()))
    }

    /// The host and the process.
    package var words: String { "\(host), process \(process)" }
  }

  /// How often the time of a lease is renewed, in seconds.
  static let period = 10
  /// After how many seconds without renewal another process may take a lease over.
  package static let patience = 60

  private let path: FilePath
  private let isHeld = Atomic(true)
  /// Only its own queue and the last holder use it.
  nonisolated(unsafe) private let timer: any DispatchSourceTimer

  private init(_ path: FilePath) {
    self.path = path
    TemporaryFiles.shared.add(path)
    unsafe timer = DispatchSource.makeTimerSource(queue: .global())
    unsafe timer.schedule(
      deadline: .now() + .seconds(Self.period), repeating: .seconds(Self.period))
    unsafe timer.setEventHandler { _ = unsafe utimensat(AT_FDCWD, path.string, nil, 0) }
    unsafe timer.resume()
  }

  deinit { release() }

  /// Takes a lease.
  ///
  /// - Parameter path: its file.
  /// - Returns: the lease; nil if another process holds it, or if its folder is missing.
  /// - Throws: `OutputError`.
  package static func take(_ path: String) throws(OutputError) -> Lease? {
    let file = FilePath(path)
    if let holder = holder(of: path) {
      guard holder.isStale else { return nil }
      // Of several processes one renames it.
      let aside = file.removingLastComponent().appending(TemporaryFiles.newName())
      guard unsafe rename(file.string, aside.string) == 0 else { return nil }
      _ = unsafe unlink(aside.string)
    }
    let created: FileDescriptor
    do {
      created = try FileDescriptor.open(
        file, .writeOnly, options: [.create, .exclusiveCreate],
        permissions: [.ownerReadWrite, .groupRead, .otherRead])
    } catch Errno.fileExists {
      return nil
    } catch Errno.noSuchFileOrDirectory {
      // Another process has completed the work, and removed the folder.
      return nil
    } catch {
      throw .cannotCreate(path: path, reason: "\(error)")
    }
    let (lease, owner) = (Lease(file), Owner.this)
    do {
      try created.closeAfter {
        _ = try created.writeAll("\(owner.process) \(owner.host)\n".utf8)
      }
    } catch {
      lease.release()
      throw .cannotWrite(path: path, reason: "\(error)")
    }
    return lease
  }

  /// Gives it back; further calls do nothing.
  package func release() {
    unsafe timer.cancel()
    // Another process may have the file by then.
    guard isHeld.exchange(false, ordering: .relaxed) else { return }
    TemporaryFiles.shared.remove(path)
  }

  /// The process that holds a lease.
  ///
  /// - Parameter path: its file.
  /// - Returns: the owner, nil if unknown; and whether it is gone. nil if nobody holds it.
  package static func holder(of path: String) -> (owner: Owner?, isStale: Bool)? {
    guard let state = try? Stat(FilePath(path)) else { return nil }
    let owner = (try? fileBytes(path)).flatMap(Self.owner)
    let age = time(nil) - Int(state.st_mtim.tv_sec)
    let isGone =
      owner.map { $0.host == Owner.this.host && kill(pid_t($0.process), 0) != 0 && errno == ESRCH }
      ?? false
    return (owner, isGone || age > patience)
  }

  private static func owner(_ text: [UInt8]) -> Owner? {
    let words = String(decoding: text, as: UTF8.self).split(separator: " ", maxSplits: 1)
    guard words.count == 2, let process = Int32(words[0]),
      let host = words[1].split(separator: "\n").first
    else { return nil }
    return Owner(host: String(host), process: Int(process))
  }
}
