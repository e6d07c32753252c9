// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimTestSupport
import Testing

/// How far a sweep is.
@Suite struct StatusEndToEndTests {
  let klsim: CommandUnderTest

  init() async throws {
    klsim = try CommandUnderTest()
    try klsim.folder.write(
      "experiment: fit\nobjective: [fkl, rkl]\nepochs: 3\nseeds: 2\n", to: "study.yaml")
    let outcome = try await klsim("sweep study.yaml --output s --quiet")
    #expect(outcome.end == .exit(0), "\(outcome.errors)")
  }

  /// Takes the sweep back to its first moment; entries of the journal may follow.
  private func begin(with entries: String...) async throws {
    let header = try klsim.folder.text(of: "s/journal.jsonl").split(separator: "\n")[0]
    try klsim.folder.write(
      "\(header)\n\(entries.map { "\($0)\n" }.joined())", to: "s/journal.jsonl")
    try FileManager.default.createDirectory(
      atPath: klsim.folder("s/leases"), withIntermediateDirectories: true)
  }

  private struct Status: Decodable {
    struct Count: Decodable, Equatable { let done, total: Int }
    struct Worker: Decodable {
      let host: String?
      let process, chunk: Int?
      let stopped: Bool
    }
    struct Failure: Decodable { let chunk: Int; let error: String }

    let folder, klsim: String
    let complete: Bool
    let chunks, runs: Count
    let workers: [Worker]
    let failed: [Failure]
    let damaged_lines: Int
    let seconds_left: Double?
    let tables: [String]
  }

  /// The state for programs.
  private func state() async throws -> Status {
    let outcome = try await klsim("status s --format json")
    #expect(outcome.end == .exit(0) && outcome.errors.isEmpty, "\(outcome.errors)")
    return try JSONDecoder().decode(Status.self, from: Data(outcome.output.utf8))
  }

  @Test func ofACompleteSweep() async throws {
    #expect(
      try await klsim("status s").output
        == "1 of 1 chunks are finished, 4 of 4 runs\ncomplete: s/records.csv\n")
    let state = try await state()
    #expect(state.complete && state.folder == "s" && state.tables == ["s/records.csv"])
    #expect(state.chunks == .init(done: 1, total: 1) && state.runs == .init(done: 4, total: 4))
    #expect(state.seconds_left == 0 && state.workers.isEmpty && state.failed.isEmpty)
  }

  @Test func ofASweepThatNobodyWorksOn() async throws {
    try await begin()
    #expect(
      try await klsim("status s").output
        == "0 of 1 chunks are finished, 0 of 4 runs\n"
        + "no process works on it: 'klsim sweep s/study.yaml --output s' goes on\n")
    let state = try await state()
    #expect(!state.complete && state.tables.isEmpty && state.seconds_left == nil)
    #expect(state.chunks == .init(done: 0, total: 1) && state.runs == .init(done: 0, total: 4))
  }

  @Test func ofProcessesAtWorkAndGone() async throws {
    try await begin()
    let outcome = try await klsim.shell(
      """
      echo "$$ $(uname -n)" > s/leases/0; echo "2147483647 $(uname -n)" > s/leases/merge
      "$klsim" status s && "$klsim" status s --format json > state.json; echo $$
      """)
    let lines = outcome.output.split(separator: "\n")
    let process = try #require(lines.last)
    #expect(outcome.end == .exit(0) && lines.count == 4, "\(outcome.errors)")
    #expect(lines[1].hasSuffix(", process \(process): at work on chunk 0"))
    #expect(lines[2].contains(", process 2147483647: stopped at putting the tables together"))
    let state = try JSONDecoder().decode(
      Status.self, from: Data(klsim.folder.text(of: "state.json").utf8))
    #expect(state.workers.map(\.chunk) == [0, nil])
    #expect(state.workers.map(\.stopped) == [false, true])
    #expect(state.workers[0].process == Int(process) && state.workers[0].host != nil)
  }

  @Test func whatIsWrongIsRefused() async throws {
    try await klsim.expectRefusal(
      Refusal("status s --format yaml", says: "--format", "text", "json"), code: 64)
    try await klsim.expectRefusal(Refusal("status no", says: "no: no such file"), code: 66)
    try klsim.folder.write("", to: "s/journal.jsonl")
    try await klsim.expectRefusal(
      Refusal("status s", says: "s/journal.jsonl, line 1: it does not say which sweep"), code: 65)
  }
}
