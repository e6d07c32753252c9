// SPDX-License-Identifier: GPL-3.0-or-later

internal import CLibrary
internal import Synchronization
internal import SystemPackage

/// A file mapped into memory.
///
/// If it is cut short, reading what is gone raises SIGBUS, of which `exitWhenCutShort` makes an error. Its bytes
/// are only read, by any thread.
@safe package final class MappedFile: @unchecked Sendable {
  let bytes: UnsafeRawBufferPointer
  private let entry: UnsafeMutablePointer<Entry>

  /// What the signal handler needs, which may neither wait for a lock nor allocate memory.
  ///
  /// Entries stay, since it may be reading one; that of an unmapped file has no bytes.
  @safe private struct Entry {
    let start: UInt
    var count: Int
    let message: UnsafeBufferPointer<UInt8>
    let next: UnsafeMutablePointer<Entry>?
  }

  private static let isAdding = Mutex(())
  // The handler, which cannot wait for a lock, reads these: entries go in front of the others under `isAdding`,
  // and the rest is set once, before a file is mapped.
  nonisolated(unsafe) private static var entries: UnsafeMutablePointer<Entry>?
  nonisolated(unsafe) private static var exitCode: Int32 = 0
  nonisolated(unsafe) private static var message: @Sendable (InputError) -> String = { "\($0)\n" }

  init(_ file: FileDescriptor, path: String, count: Int) throws {
    let address = unsafe mmap(nil, count, PROT_READ, MAP_PRIVATE, file.rawValue, 0)
    guard let address = unsafe address, unsafe address != MAP_FAILED else {
      throw Errno(rawValue: errno)
    }
    unsafe bytes = UnsafeRawBufferPointer(start: address, count: count)
    let error = InputError.unreadable(path: path, reason: "it was cut short while it was read")
    let text = unsafe Array(Self.message(error).utf8)
    let message = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: text.count)
    _ = unsafe message.initialize(fromContentsOf: text)
    unsafe entry = UnsafeMutablePointer<Entry>.allocate(capacity: 1)
    Self.isAdding.withLock { _ in
      unsafe entry.initialize(
        to: Entry(
          start: UInt(bitPattern: address), count: count, message: UnsafeBufferPointer(message),
          next: Self.entries))
      unsafe Self.entries = unsafe entry
    }
  }

  /// From now on the process says which mapped file was cut short, and ends, where SIGBUS would end it.
  ///
  /// - Parameters:
  ///   - code: its exit code.
  ///   - message: what it writes on standard error; called when a file is mapped.
  package static func exitWhenCutShort(
    code: Int32, message: @escaping @Sendable (InputError) -> String
  ) {
    unsafe (exitCode, Self.message) = (code, message)
    var action = sigaction()
    action.sa_flags = SA_SIGINFO
    let handler:
      @convention(c) (Int32, UnsafeMutablePointer<siginfo_t>?, UnsafeMutableRawPointer?)
        -> Void = { _, information, _ in
          let address = unsafe MappedFile.address(of: information)
          var next = unsafe MappedFile.entries
          while let entry = unsafe next {
            let mapped = unsafe entry.pointee
            if address >= mapped.start, address - mapped.start < UInt(mapped.count) {
              _ = unsafe write(STDERR_FILENO, mapped.message.baseAddress, mapped.message.count)
              unsafe _exit(MappedFile.exitCode)
            }
            unsafe next = unsafe mapped.next
          }
          // It is of another kind: the same instruction raises it again.
          _ = signal(SIGBUS, SIG_DFL)
        }
    #if canImport(Darwin)
      unsafe action.__sigaction_u.__sa_sigaction = handler
    #elseif canImport(Musl)
      unsafe action.__sa_handler.sa_sigaction = handler
    #else
      unsafe action.__sigaction_handler.sa_sigaction = handler
    #endif
    _ = unsafe sigaction(SIGBUS, &action, nil)
  }

  private static func address(of information: UnsafeMutablePointer<siginfo_t>?) -> UInt {
    guard let information = unsafe information else { return 0 }
    #if canImport(Darwin)
      return unsafe UInt(bitPattern: information.pointee.si_addr)
    #elseif canImport(Musl)
      return unsafe UInt(bitPattern: information.pointee.__si_fields.__sigfault.si_addr)
    #else
      return unsafe UInt(bitPattern: information.pointee._sifields._sigfault.si_addr)
    #endif
  }

  /// Releases the windows that end in a part.
  ///
  /// So parts narrower than a page are released, too. Linux maps up to 2 MiB around a byte that is read.
  func release(_ part: Range<Int>) {
    let (window, count) = (1 << 21, unsafe bytes.count)
    let first = part.lowerBound / window * window
    let end = part.upperBound == count ? count : part.upperBound / window * window
    guard first < end, let start = unsafe bytes.baseAddress else { return }
    // A failure is ignored: it costs memory and nothing else.
    _ = unsafe madvise(UnsafeMutableRawPointer(mutating: start + first), end - first, MADV_DONTNEED)
  }

  deinit {
    unsafe entry.pointee.count = 0
    unsafe munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
  }
}
