// SPDX-License-Identifier: GPL-3.0-or-later

import CLibrary
import KLSimTestSupport
import Testing

/// What is left of a run that is stopped from outside.
@Suite(.serialized) struct InterruptionEndToEndTests {
  let klsim: CommandUnderTest

  init() throws {
    klsim = try CommandUnderTest()
  }

  static let long = "--seeds 1000000000 --epochs 20 --jobs 1"

  /// Starts a run that takes a day, and sends it a signal once it writes.
  private func interruptLongRun(_ signal: Int32, _ options: String) async throws -> Outcome {
    let before = try klsim.folder.names()
    let process = try klsim.start("\(Self.long) \(options)")
    try await process.send(signal, after: "rows in a file that is not finished") {
      if process.unnamedFileSize > 10_000 { return true }
      return try klsim.folder.names().contains { name in
        guard !before.contains(name) else { return false }
        return try klsim.folder.size(of: name) > 10_000
      }
    }
    return try await end(of: process)
  }

  private func end(of process: RunningProcess) async throws -> Outcome {
    try await process.outcome(within: CommandUnderTest.limit)
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func nothingIsLeftBehind(signal: Int32) async throws {
    let outcome = try await interruptLongRun(
      signal, "--output out.csv --snapshots 0 --snapshot-output s.csv")
    #expect(outcome.end == .exit(128 + signal))
    #expect(outcome.output.isEmpty)
    #expect(try klsim.folder.names().isEmpty)
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func olderFilesStayAsTheyAre(signal: Int32) async throws {
    try klsim.folder.write("older records", to: "out.csv")
    try klsim.folder.write("older snapshots", to: "s.csv")
    let outcome = try await interruptLongRun(
      signal, "--output out.csv --snapshots 0 --snapshot-output s.csv")
    #expect(outcome.end == .exit(128 + signal))
    #expect(try klsim.folder.names() == ["out.csv", "s.csv"])
    #expect(try klsim.folder.text(of: "out.csv") == "older records")
    #expect(try klsim.folder.text(of: "s.csv") == "older snapshots")
  }

  @Test func aClosedTerminalLeavesNothingBehind() async throws {
    #expect(try await interruptLongRun(SIGHUP, "--output out.csv").end != .exit(0))
    #expect(try klsim.folder.names().isEmpty)
  }

  @Test(arguments: ["older", nil])
  func killedTheNamedFileIsOldOrAbsent(older: String?) async throws {
    if let older { try klsim.folder.write(older, to: "out.csv") }
    #expect(try await interruptLongRun(SIGKILL, "--output out.csv").end == .signal(SIGKILL))
    let names = try klsim.folder.names()
    #expect(names.contains("out.csv") == (older != nil))
    #if os(Linux)
      #expect(names == (older == nil ? [] : ["out.csv"]))
    #endif
    if let older { #expect(try klsim.folder.text(of: "out.csv") == older) }
    let again = try await klsim("--epochs 1 --output out.csv")
    #expect(again.end == .exit(0))
    #expect(try Table(klsim.folder.text(of: "out.csv")).rows.count == 4)
  }

  /// At whatever moment it comes, the file is whole or absent.
  @Test func aKillAtAnyMomentLeavesNoHalfFile() async throws {
    let line = "--epochs 200 --seeds 2 --output out.csv"
    let start = ContinuousClock.now
    let whole = try await end(of: klsim.start("--epochs 200 --seeds 2")).output
    let duration = ContinuousClock.now - start
    for moment in 1...8 {
      let process = try klsim.start(line)
      try await process.send(SIGKILL, after: duration * moment / 8)
      _ = try await end(of: process)
      if try klsim.folder.names().contains("out.csv") {
        expectSameText(try klsim.folder.text(of: "out.csv"), whole)
      }
    }
  }

  @Test func aRunThatFailsBeforeItsFirstRowPrintsNone() async throws {
    let outcome = try await klsim("--optimizer gradient-flow --learning-rate 1e300")
    #expect(outcome.end != .exit(0))
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains("of one epoch, a time of 1e+300, in 1000 steps"))
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func runsThatPrintStopToo(signal: Int32) async throws {
    let process = try klsim.start(Self.long)
    try await process.send(signal, after: "rows on standard output") {
      try process.printedCount > 10_000
    }
    #expect(try await end(of: process).end == .exit(128 + signal))
  }

  @Test func aLongWayToTheStartCanBeInterrupted() async throws {
    // Every seed skips again, so that no machine is at the end when the signal comes.
    let process = try klsim.start(
      "--init torch-uniform:skip=268435456 --seeds 1000 --jobs 1 --output out.csv")
    try await process.send(SIGINT, after: .milliseconds(500))
    // The other is for a signal that comes before the command has looked out for it.
    #expect([.exit(130), .signal(SIGINT)].contains(try await end(of: process).end))
    #expect(try klsim.folder.names().isEmpty)
  }
}

/// Readers that stop reading.
@Suite struct ClosedPipeEndToEndTests {
  let klsim: CommandUnderTest

  init() throws {
    klsim = try CommandUnderTest()
  }

  /// Hours of work and endless rows, were it not for the reader; the limit is for what runs on.
  @Test(
    arguments: [
      "--seeds 1000000000 --epochs 20 --jobs 1",
      "--seeds 1000000000 --epochs 20 --jobs 2 --record 0",
      "--seeds 1000000000 --epochs 20 --jobs 2 --snapshots all --snapshot-output - --output r.csv",
    ])
  func endTheRun(line: String) async throws {
    let outcome = try await klsim.shell(
      "ulimit -t 60; { \"$klsim\" \(line); echo $? >code; } | head -n 1")
    #expect(outcome.end == .exit(0))
    #expect(outcome.output.hasPrefix("teacher,student,objective,"))
    #expect(outcome.output.utf8.count { $0 == UInt8(ascii: "\n") } == 1)
    // The size of the snapshots is said before.
    #expect(
      outcome.errors.isEmpty
        || outcome.errors.hasPrefix("klsim: warning: the snapshots will take")
          && outcome.errors.split(separator: "\n").count == 1
    )
    #expect(try klsim.folder.names().allSatisfy { !$0.hasSuffix(".tmp") })
  }

  @Test(arguments: ["list", "--help", "gradient --quiet --teacher zipf:size=20000"])
  func endOtherCommands(line: String) async throws {
    let outcome = try await klsim.shell("\"$klsim\" \(line) | true")
    #expect(outcome.end == .exit(0))
    #expect(outcome.errors.isEmpty)
  }

  @Test func endTheRunWithSuccessWhenNothingElseWasAskedFor() async throws {
    _ = try await klsim.shell(
      "ulimit -t 60; { \"$klsim\" --seeds 1000000000 --epochs 20; echo $? >code; } | head -n 1")
    #expect(try klsim.folder.text(of: "code") == "0\n")
  }

  /// A file that was asked for and is not there is not a success.
  @Test func doNotSilentlyTakeTheRecordsWithThem() async throws {
    _ = try await klsim.shell(
      "ulimit -t 60; { \"$klsim\" --seeds 300 --epochs 5 --quiet --output r.csv"
        + " --snapshots all --snapshot-output -; echo $? >code; } | head -n 1")
    let isWhole = try klsim.folder.names().contains("r.csv")
    #expect(try isWhole || klsim.folder.text(of: "code") != "0\n")
  }
}
