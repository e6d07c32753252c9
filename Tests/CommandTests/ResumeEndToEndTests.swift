// SPDX-License-Identifier: GPL-3.0-or-later

import CLibrary
import Foundation
import KLSimTestSupport
import Testing

/// Reports that are interrupted and gone on with.
@Suite struct ResumeEndToEndTests {
  let klsim: CommandUnderTest

  init() throws {
    klsim = try CommandUnderTest()
  }

  private static let claims = ["convergence", "temperature-scale", "kappa", "fkl-is-cross-entropy"]
  private static let line = "reproduce \(claims.joined(separator: " ")) --jobs 1"

  /// The text of every file of a folder, hidden ones included.
  private func files(in name: String) throws -> [String: String] {
    let names = try FileManager.default.subpathsOfDirectory(atPath: klsim.folder(name))
    return Dictionary(
      uniqueKeysWithValues: try names.map { ($0, try klsim.folder.text(of: "\(name)/\($0)")) })
  }

  private func expectSameFiles(_ name: String, _ other: String) throws {
    let (own, others) = (try files(in: name), try files(in: other))
    #expect(own.keys.sorted() == others.keys.sorted())
    for (path, text) in own { expectSameText(text, others[path] ?? "") }
  }

  /// Writes a report whose claims are all finished, but whose last files cannot be written.
  private func interrupt(in name: String, _ options: String) async throws {
    let obstacle = klsim.folder("\(name)/claims.md")
    try FileManager.default.createDirectory(
      atPath: obstacle, withIntermediateDirectories: true)
    let outcome = try await klsim("\(Self.line) \(options) --output \(name)")
    #expect(outcome.end == .exit(73) && outcome.errors.contains("claims.md"), "\(outcome.errors)")
    try FileManager.default.removeItem(atPath: obstacle)
  }

  /// The claims that were not computed.
  private func keptClaims(_ outcome: Outcome) -> [String] {
    outcome.errors.split(separator: "\n").filter { $0.hasSuffix("(finished before)") }
      .compactMap { $0.split(separator: " ").first.map(String.init) }
  }

  /// How many claims a report in the making has finished; all if it is complete.
  private func finishedClaims(_ folder: String) throws -> Int {
    func exists(_ name: String) -> Bool {
      FileManager.default.fileExists(atPath: klsim.folder("\(folder)/\(name)"))
    }
    guard !exists("claims.csv") else { return Self.claims.count }
    guard exists(".unfinished"),
      let text = try? klsim.folder.text(of: "\(folder)/.unfinished/journal.jsonl")
    else { return 0 }
    return max(0, text.split(separator: "\n").count - 1)
  }

  @Test func aFolderInWhichAnotherProcessIsAtWorkIsRefused() async throws {
    let process = try klsim.start("\(Self.line) --seeds 72 --output report")
    try await process.send(SIGSTOP, after: "the first line of the journal") {
      FileManager.default.fileExists(atPath: klsim.folder("report/.unfinished/journal.jsonl"))
    }
    let before = try files(in: "report/.unfinished")
    try await klsim.expectRefusal(
      Refusal(
        "\(Self.line) --seeds 72 --output report",
        says: "report: cannot be created: another process is writing its files"), code: 73)
    #expect(try files(in: "report/.unfinished") == before)
    process.send(SIGCONT)
    #expect(try await process.outcome(within: CommandUnderTest.limit).end == .exit(0))
    #expect(try await klsim("\(Self.line) --seeds 72 --output whole").end == .exit(0))
    try expectSameFiles("report", "whole")
  }

  /// A report is looked at once nobody else can write it: what is found stays true.
  @Test func verdictsThatWouldBeForgottenAreLookedForUnderTheLock() async throws {
    #expect(
      try await klsim("reproduce kappa --seeds 72 --no-figures --output report").end == .exit(0))
    let line = "reproduce convergence --seeds 72 --no-figures --output report"
    let lock = unsafe open(klsim.folder("report"), O_RDONLY)
    #expect(flock(lock, LOCK_EX | LOCK_NB) == 0)
    try await klsim.expectRefusal(Refusal(line, says: "another process is writing"), code: 73)
    close(lock)
    try await klsim.expectRefusal(Refusal(line, says: "verdicts on kappa, too"), code: 64)
    #expect(try files(in: "report").keys.allSatisfy { !$0.hasPrefix(".unfinished") })
  }

  @Test func killedBetweenClaimsItGoesOn() async throws {
    #expect(try await klsim("\(Self.line) --seeds 72 --output whole").end == .exit(0))
    for count in 0..<Self.claims.count {
      let process = try klsim.start("\(Self.line) --seeds 72 --output part")
      try await process.send(SIGKILL, after: "\(count) claims") {
        try klsim.folder.names().contains("part") && finishedClaims("part") >= count
      }
      _ = try await process.outcome(within: CommandUnderTest.limit)
      let isComplete = FileManager.default.fileExists(atPath: klsim.folder("part/claims.csv"))
      let outcome = try await klsim("\(Self.line) --seeds 72 --output part --resume")
      #expect(outcome.end == .exit(0), "\(outcome.errors)")
      try expectSameFiles("part", "whole")
      let kept = keptClaims(outcome)
      #expect(isComplete || kept.count >= count, "\(kept)")
      #expect(Set(kept).isSubset(of: Self.claims))
      try FileManager.default.removeItem(atPath: klsim.folder("part"))
    }
  }

  @Test func changedAndMissingFilesAreMadeAgain() async throws {
    #expect(try await klsim("\(Self.line) --seeds 72 --output whole").end == .exit(0))
    try await interrupt(in: "part", "--seeds 72")
    let kappa = try klsim.folder.text(of: "part/.unfinished/kappa.csv")
    try klsim.folder.write(
      kappa.replacing("holds", with: "fails", maxReplacements: 1), to: "part/.unfinished/kappa.csv")
    try FileManager.default.removeItem(
      atPath: klsim.folder("part/.unfinished/temperature-scale.csv"))
    let outcome = try await klsim("\(Self.line) --seeds 72 --output part --resume")
    #expect(outcome.end == .exit(0), "\(outcome.errors)")
    for name in ["kappa", "temperature-scale"] {
      #expect(outcome.errors.contains("\(name).csv of the interrupted run has changed"))
    }
    #expect(keptClaims(outcome) == ["convergence", "fkl-is-cross-entropy"])
    try expectSameFiles("part", "whole")
  }

  /// A claim whose line is cut off or changed is computed again.
  @Test(arguments: [true, false])
  func brokenLinesAreLeftOut(isCutOff: Bool) async throws {
    #expect(try await klsim("\(Self.line) --seeds 72 --output whole").end == .exit(0))
    try await interrupt(in: "part", "--seeds 72")
    let place = "part/.unfinished/journal.jsonl"
    var lines = try klsim.folder.text(of: place).split(separator: "\n").map(String.init)
    #expect(lines.count == 1 + Self.claims.count)
    if isCutOff {
      lines[3].removeLast(9)
    } else {
      lines[3] = lines[3].replacing("\"hits\":", with: "\"hits\":1")
    }
    try klsim.folder.write(lines.map { "\($0)\n" }.joined(), to: place)
    let outcome = try await klsim("\(Self.line) --seeds 72 --output part --resume")
    #expect(outcome.end == .exit(0), "\(outcome.errors)")
    #expect(keptClaims(outcome).count == 3 && !outcome.errors.contains("has changed"))
    try expectSameFiles("part", "whole")
  }

  @Test func otherSeedsStartAgain() async throws {
    #expect(try await klsim("\(Self.line) --seeds 73 --output whole").end == .exit(0))
    try await interrupt(in: "part", "--seeds 72")
    let outcome = try await klsim("\(Self.line) --seeds 73 --output part --resume")
    #expect(outcome.end == .exit(0) && keptClaims(outcome).isEmpty)
    #expect(outcome.errors.contains("the interrupted run has seeds 72, here 73"))
    try expectSameFiles("part", "whole")
  }

  /// Without the option nothing is taken over, nor where there is nothing.
  @Test func onlyWhatWasAskedForIsTakenOver() async throws {
    try await interrupt(in: "part", "--seeds 72")
    let anew = try await klsim("\(Self.line) --seeds 72 --output part")
    #expect(anew.end == .exit(0) && keptClaims(anew).isEmpty)
    let nothing = try await klsim("\(Self.line) --seeds 72 --output part --resume")
    #expect(nothing.end == .exit(0) && keptClaims(nothing).isEmpty)
    #expect(nothing.errors.contains("no interrupted run"))
    try await klsim.expectRefusal(
      Refusal("reproduce convergence --resume", says: "--resume", "--output"), code: 64)
  }
}
