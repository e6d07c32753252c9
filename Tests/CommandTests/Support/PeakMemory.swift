// SPDX-License-Identifier: GPL-3.0-or-later

import CLibrary
import Foundation

/// The memory of a process.
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
    #if canImport(Darwin)
      var (status, usage) = (Int32(0), rusage())
      guard unsafe wait4(process, &status, 0, &usage) == process, status == 0 else {
        throw FailedCommand(words: words, status: status)
      }
      return Double(usage.ru_maxrss)
    #else
      // What Linux tells at the end is at least what the parent took when it started the process.
      var (status, peak) = (Int32(0), 0.0)
      while unsafe waitpid(process, &status, WNOHANG) == 0 {
        peak = max(peak, resident(process) ?? 0)
        usleep(1000)
      }
      guard status == 0 else { throw FailedCommand(words: words, status: status) }
      return peak
    #endif
  }

  #if !canImport(Darwin)
    /// The most memory that has been resident of a process of Linux so far, in bytes; nil if it has ended.
    private static func resident(_ process: pid_t) -> Double? {
      guard let file = FileHandle(forReadingAtPath: "/proc/\(process)/status"),
        let text = try? file.readToEnd().map({ String(decoding: $0, as: UTF8.self) }),
        let kilobytes = text.firstMatch(of: /VmHWM:\s*([0-9]+) kB/)
      else { return nil }
      return Double(kilobytes.1).map { 1024 * $0 }
    }
  #endif
}

/// A process that did not end well.
struct FailedCommand: Error {
  let words: [String]
  let status: Int32
}
