// SPDX-License-Identifier: GPL-3.0-or-later

import CLibrary
import Foundation
import KLSimTestSupport

/// A process that has been started.
///
/// Its output goes to files, so that it never waits for a reader.
final class RunningProcess: Sendable {
  private let process = Process()
  private let arguments: [String]
  private let streams: TemporaryFolder
  private let ends: AsyncStream<Outcome.End>

  /// Starts a program in a folder.
  init(
    _ program: String, _ arguments: [String], in folder: TemporaryFolder,
    environment: [String: String] = [:]
  ) throws {
    self.arguments = arguments
    streams = try TemporaryFolder()
    let (ends, continuation) = AsyncStream.makeStream(of: Outcome.End.self)
    self.ends = ends
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.currentDirectoryURL = URL(filePath: folder.path)
    process.environment = Self.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(
      forWritingTo: URL(filePath: streams.write("", to: "output")))
    process.standardError = try FileHandle(
      forWritingTo: URL(filePath: streams.write("", to: "errors")))
    process.terminationHandler = { process in
      let status = process.terminationStatus
      continuation.yield(
        process.terminationReason == .exit ? .exit(status) : .signal(status))
      continuation.finish()
    }
    try process.run()
  }

  deinit {
    if process.isRunning { send(SIGKILL) }
  }

  /// The tests' own environment without what would change the output.
  private static var environment: [String: String] {
    var environment = ProcessInfo.processInfo.environment
    // Help is wrapped to the terminal's width, and a crash would spend minutes on its backtrace.
    environment["COLUMNS"] = nil
    environment["SWIFT_BACKTRACE"] = "enable=no"
    return environment
  }

  /// Sends a signal.
  func send(_ signal: Int32) {
    _ = kill(process.processIdentifier, signal)
  }

  /// Sends a signal once something has happened.
  ///
  /// A thread of its own looks out for it: tests that compute may occupy all that tasks run on for a
  /// minute, and the process would go on for that long.
  ///
  /// - Throws: `TimeLimitExceeded` if it does not happen, and what the condition throws.
  func send(
    _ signal: Int32, after event: String, _ hasHappened: @escaping @Sendable () throws -> Bool
  ) async throws {
    try await withCheckedThrowingContinuation {
      (continuation: CheckedContinuation<Void, any Error>) in
      Thread.detachNewThread { [self] in
        let limit = CommandUnderTest.limit
        let end = ContinuousClock.now + limit
        continuation.resume(
          with: Result {
            while try !hasHappened() {
              guard ContinuousClock.now < end else {
                throw TimeLimitExceeded(arguments: [event], limit: limit)
              }
              Thread.sleep(forTimeInterval: 0.01)
            }
            send(signal)
          })
      }
    }
  }

  /// Sends a signal after a time.
  func send(_ signal: Int32, after time: Duration) async throws {
    let end = ContinuousClock.now + time
    try await send(signal, after: "\(time)") { ContinuousClock.now >= end }
  }

  /// What it has printed so far, in bytes.
  var printedCount: Int {
    get throws { try streams.text(of: "output").utf8.count }
  }

  /// The size in bytes of the largest file without a name that it has open; 0 where the system does not tell.
  var unnamedFileSize: Int {
    let folder = "/proc/\(process.processIdentifier)/fd"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.reduce(0) { size, name in
      var state = stat()
      let isUnnamed =
        unsafe stat("\(folder)/\(name)", &state) == 0 && state.st_nlink == 0
        && state.st_mode & S_IFMT == S_IFREG
      return isUnnamed ? max(size, Int(state.st_size)) : size
    }
  }

  /// Waits for the end.
  ///
  /// - Parameter limit: how long at most.
  /// - Returns: what came of it.
  /// - Throws: `TimeLimitExceeded`, having ended the process.
  func outcome(within limit: Duration) async throws -> Outcome {
    let identifier = process.processIdentifier
    let watchdog = Task {
      try await Task.sleep(for: limit)
      _ = kill(identifier, SIGKILL)
    }
    defer { watchdog.cancel() }
    var end = Outcome.End.signal(SIGKILL)
    for await actual in ends { end = actual }
    watchdog.cancel()
    guard case .failure = await watchdog.result else {
      throw TimeLimitExceeded(arguments: arguments, limit: limit)
    }
    return Outcome(
      end: end, output: try streams.text(of: "output"), errors: try streams.text(of: "errors"))
  }
}

/// What came of a process.
struct Outcome {
  enum End: Equatable {
    case exit(Int32)
    case signal(Int32)
  }

  let end: End
  /// What was on standard output.
  let output: String
  /// What was on standard error.
  let errors: String
}

/// A process that had not ended in time.
struct TimeLimitExceeded: Error, CustomStringConvertible {
  let arguments: [String]
  let limit: Duration

  var description: String { "still running after \(limit): \(arguments)" }
}
