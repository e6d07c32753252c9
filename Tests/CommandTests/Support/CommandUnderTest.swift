// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimTestSupport

/// `klsim` as users run it, in a folder of its own.
struct CommandUnderTest {
  /// What any run may take; a hang is cut off there, and is a failure.
  static let limit = Duration.seconds(120)

  /// The folder it works in, gone with this value.
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  /// Runs a command line to its end: arguments with spaces between, `''` for an empty one.
  func callAsFunction(_ line: String) async throws -> Outcome {
    try await callAsFunction(Self.arguments(line))
  }

  /// Runs a command line whose arguments may have spaces in them to its end.
  func callAsFunction(_ arguments: [String]) async throws -> Outcome {
    try await ProcessSlots.shared.withSlot {
      try await start(arguments).outcome(within: Self.limit)
    }
  }

  /// Starts a command line that something is done to before it ends.
  func start(_ line: String) throws -> RunningProcess {
    try start(Self.arguments(line))
  }

  /// Runs a command line to its end.
  ///
  /// - Returns: the most memory that was resident, in bytes.
  /// - Throws: `FailedCommand`.
  func peakMemory(_ line: String) async throws -> Double {
    let (program, folder) = (try Self.executable(), folder.path)
    return try await ProcessSlots.shared.withSlot {
      try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread {
          continuation.resume(
            with: Result {
              try PeakMemory.measure(program, Self.arguments(line), in: folder)
            })
        }
      }
    }
  }

  /// Runs a shell script in which `"$klsim"` is the command.
  func shell(_ script: String) async throws -> Outcome {
    let process = try RunningProcess(
      "/bin/sh", ["-c", script], in: folder, environment: ["klsim": try Self.executable()])
    return try await process.outcome(within: Self.limit)
  }

  private func start(_ arguments: [String]) throws -> RunningProcess {
    try RunningProcess(try Self.executable(), arguments, in: folder)
  }

  private static func arguments(_ line: String) -> [String] {
    line.split(separator: " ").map { $0 == "''" ? "" : String($0) }
  }

  /// The command, which a build puts where it puts the test bundle.
  private static func executable() throws -> String {
    let bundles = [Bundle.main] + Bundle.allBundles
    let places =
      [URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()]
      + bundles.flatMap { [$0.bundleURL, $0.bundleURL.deletingLastPathComponent()] }
    let candidates = places.map { $0.appending(path: "klsim").path(percentEncoded: false) }
    guard let found = candidates.first(where: isExecutable) else {
      throw MissingCommand(candidates: candidates)
    }
    return found
  }

  private static func isExecutable(_ path: String) -> Bool {
    var isDirectory: ObjCBool = false
    let exists = unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
    return exists && !isDirectory.boolValue && FileManager.default.isExecutableFile(atPath: path)
  }
}

/// There is no `klsim` to test.
struct MissingCommand: Error, CustomStringConvertible {
  let candidates: [String]

  var description: String {
    "klsim is not beside the test bundle; build it with swift build. Looked for:"
      + candidates.map { "\n  \($0)" }.joined()
  }
}

/// Keeps tests that run at the same time from starting more processes than there are cores.
actor ProcessSlots {
  static let shared = ProcessSlots(count: ProcessInfo.processInfo.activeProcessorCount)

  private var free: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  private init(count: Int) {
    free = count
  }

  /// Does something once a slot is free.
  nonisolated func withSlot<Result>(_ body: () async throws -> Result) async throws -> Result {
    await acquire()
    do {
      let result = try await body()
      await release()
      return result
    } catch {
      await release()
      throw error
    }
  }

  private func acquire() async {
    if free > 0 {
      free -= 1
    } else {
      await withCheckedContinuation { waiting.append($0) }
    }
  }

  private func release() {
    if waiting.isEmpty {
      free += 1
    } else {
      waiting.removeFirst().resume()
    }
  }
}
