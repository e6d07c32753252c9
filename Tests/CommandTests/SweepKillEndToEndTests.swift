// SPDX-License-Identifier: GPL-3.0-or-later

import CLibrary
import Foundation
import KLSimTestSupport
import Testing

/// Sweeps that are stopped from outside, or that lack room: the next start ends with the same bytes.
///
/// `Scripts/kill_sweep.py` and `Scripts/break_sweep.py` do it at many moments and in more ways.
@Suite(.serialized) struct SweepKillEndToEndTests {
  let klsim: CommandUnderTest

  init() throws {
    klsim = try CommandUnderTest()
    try klsim.folder.write(Self.study, to: "study.yaml")
  }

  /// Six chunks: the rows of two setups are too many for one.
  private static let study = """
    teacher: uniform:size=2
    objective: fkl
    learning-rate: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    epochs: 50
    seeds: 250
    head: [count=1, mass=0.9]
    record: every=1

    """

  private static let line = "sweep study.yaml --quiet --output"

  private func finishedChunks(_ folder: String) throws -> Int {
    guard try klsim.folder.names().contains(folder),
      let text = try? klsim.folder.text(of: "\(folder)/journal.jsonl")
    else { return 0 }
    return text.split(separator: "\n").count { $0.contains("\"worker\"") }
  }

  private func names(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: klsim.folder(folder)).sorted()
  }

  /// Goes on to the end, and expects the bytes of `run` and nothing else in the folder.
  private func expectWhole(_ folder: String) async throws {
    #expect(try await klsim("\(Self.line) \(folder)").end == .exit(0))
    #expect(
      try names(folder) == ["datapackage.json", "journal.jsonl", "records.csv", "study.yaml"])
    #expect(try await klsim("run --study study.yaml --quiet --output whole.csv").end == .exit(0))
    expectSameText(
      try klsim.folder.text(of: "\(folder)/records.csv"), try klsim.folder.text(of: "whole.csv"))
  }

  @Test func killedThreeTimes() async throws {
    for count in [0, 2, 4] {
      let process = try klsim.start("\(Self.line) a --jobs 1")
      try await process.send(SIGKILL, after: "\(count) chunks") {
        try klsim.folder.names().contains("a") && finishedChunks("a") >= count
      }
      let end = try await process.outcome(within: CommandUnderTest.limit).end
      #expect([.signal(SIGKILL), .exit(0)].contains(end))
    }
    try await expectWhole("a")
  }

  @Test func oneOfTwoIsKilled() async throws {
    let (killed, other) = (
      try klsim.start("\(Self.line) a --jobs 1"), try klsim.start("\(Self.line) a --jobs 1")
    )
    try await killed.send(SIGKILL, after: "a chunk") { try finishedChunks("a") >= 1 }
    _ = try await killed.outcome(within: CommandUnderTest.limit)
    #expect(try await other.outcome(within: CommandUnderTest.limit).end == .exit(0))
    try await expectWhole("a")
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func signalsLeaveASweepThatGoesOn(signal: Int32) async throws {
    let process = try klsim.start("\(Self.line) a --jobs 1")
    try await process.send(signal, after: "a chunk") { try finishedChunks("a") >= 1 }
    let end = try await process.outcome(within: CommandUnderTest.limit).end
    if end == .exit(128 + signal) { #expect(try names("a/leases").isEmpty) }
    #expect([.exit(128 + signal), .exit(0)].contains(end))
    try await expectWhole("a")
  }

  /// What a killed process was writing stands beside leases, and goes with them.
  @Test func nothingIsLeftOfKilledWriters() async throws {
    #expect(try await klsim("\(Self.line) a --shard 1/2").end == .exit(0))
    try klsim.folder.write("half", to: "a/leases/.klsim-1.tmp")
    try klsim.folder.write("", to: "a/leases/.klsim-2.tmp")
    try await expectWhole("a")
  }

  @Test func aJournalWhoseOnlyLineIsCutShortIsMended() async throws {
    #expect(try await klsim("\(Self.line) a --shard 6/6").end == .exit(0))
    let line = try klsim.folder.text(of: "a/journal.jsonl").prefix(100)
    try klsim.folder.write(String(line), to: "a/journal.jsonl")
    let outcome = try await klsim("\(Self.line) a --shard 1/6")
    #expect(outcome.end == .exit(0))
    #expect(outcome.errors.contains("lost its first line"))
    #expect(try await klsim("status a").output.hasPrefix("1 of 6 chunks"))
    try await expectWhole("a")
  }

  @Test(.enabled(if: geteuid() != 0, "root may write everywhere"))
  func aFolderThatMayOnlyBeRead() async throws {
    #expect(try await klsim("\(Self.line) a --shard 1/2").end == .exit(0))
    let folder = klsim.folder("a")
    try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: folder)
    let outcome = try await klsim("\(Self.line) a")
    #expect(outcome.end == .exit(73))
    #expect(outcome.errors.contains("a: cannot be created: Permission denied"))
    #expect(try await klsim("status a").output.hasPrefix("3 of 6 chunks"))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder)
    try await expectWhole("a")
  }
}
