// SPDX-License-Identifier: GPL-3.0-or-later

import CLibrary
import Foundation

/// The memory of a process, of which the system tells its parent at the end alone.
enum PeakMemory {
  /// Runs a program, whose output is dropped.
  ///
  /// - Returns: the most memory that was resident, in bytes.
  /// - Throws: `FailedCommand`.
  static func measure(
    _ program: String, _ arguments: [String], in folder: String
  ) throws -> Double {
    // A shell is replaced by the program, and so goes to the folder for it.
    let words =
      ["/bin/sh", "-c", #"cd "$0" && exec "$@" >/dev/null 2>&1"#, folder, program] + arguments
    var texts = unsafe words.map { unsafe strdup($0) } + [nil]
    defer { unsafe texts.forEach { unsafe free($0) } }
    var process = pid_t()
    var environment: [UnsafeMutablePointer<CChar>?] = unsafe [nil]
    guard unsafe posix_spawn(&process, "/bin/sh", nil, nil, &texts, &environment) == 0 else {
      throw FailedCommand(words: words, status: errno)
    }
    var (status, usage) = (Int32(0), rusage())
    guard unsafe wait4(process, &status, 0, &usage) == process, status == 0 else {
      throw FailedCommand(words: words, status: status)
    }
    #if canImport(Darwin)
      return Double(usage.ru_maxrss)
    #else
      return 1024 * Double(usage.ru_maxrss)
    #endif
  }
}

/// A process that did not end well.
struct FailedCommand: Error {
  let words: [String]
  let status: Int32
}
