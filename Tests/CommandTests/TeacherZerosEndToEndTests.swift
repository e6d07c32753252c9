// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimTestSupport
import Testing

/// Teachers that give a token no mass at all.
@Suite struct TeacherZerosEndToEndTests {
  let klsim: CommandUnderTest

  init() throws {
    klsim = try CommandUnderTest()
    try klsim.folder.write("0.5\n0\n0.3\n0.2\n", to: "p.csv")
  }

  static let infinite = ["rkl", "mix", "mix:lambda=0.1", "jeffreys", "akl", "akl:mu=0.8"]

  @Test(arguments: infinite)
  func infiniteObjectivesAreRefused(objective: String) async throws {
    let refusal = Refusal(
      "--teacher-file p.csv --objective \(objective) --output out.csv",
      says: "\(objective) is infinite", "file:path=p.csv", "token 1", "probability 0", "smooth")
    try await klsim.expectRefusal(refusal, code: 65)
    let gradient = Refusal("gradient \(refusal.line)", refusal.says)
    try await klsim.expectRefusal(gradient, code: 65)
  }

  @Test func oneInfiniteObjectiveStopsAll() async throws {
    try await klsim.expectRefusal(
      Refusal(
        "--teacher longtail --teacher-file p.csv --objective fkl,rkl --output out.csv",
        says: "rkl is infinite", "token 1"), code: 65)
  }

  @Test(arguments: ["fkl", "soft-ce", "mix:lambda=0", "akl:mu=1"])
  func finiteObjectivesRun(objective: String) async throws {
    let outcome = try await klsim("--teacher-file p.csv --objective \(objective) --epochs 100")
    #expect(outcome.end == .exit(0))
    #expect(!outcome.errors.contains("warning"))
    let table = try Table(outcome.output)
    #expect(table.numbers("loss").allSatisfy { $0.isFinite })
    #expect(table.numbers("fkl").allSatisfy { $0.isFinite })
    // KL(q‖p) is recorded for what it is.
    #expect(table.column("rkl").allSatisfy { $0 == "inf" })
    #expect(table.numbers("tvd")[100] < table.numbers("tvd")[0] / 2)
  }

  @Test(arguments: infinite)
  func theSuggestedTeacherWorks(objective: String) async throws {
    let refused = try await klsim("--teacher-file p.csv --objective \(objective)")
    let pattern = #/--teacher '([^']+)'/#
    let suggestion = try #require(refused.errors.firstMatch(of: pattern)?.output.1)
    let table = try await klsim.table(
      "--teacher \(suggestion) --objective \(objective) --epochs 30 --quiet")
    #expect(table.rows.count == 31)
    for column in ["loss", "fkl", "rkl"] {
      #expect(table.numbers(column).allSatisfy { $0.isFinite }, "\(column)")
    }
  }

  @Test func anInfiniteMetricIsAWord() async throws {
    let table = try await klsim.table(
      "--teacher-file p.csv --objective fkl --epochs 0 --metric js,log-ratio,top1")
    let row = try #require(table.rows.first)
    #expect(row.number("js").isFinite)
    #expect(row["tail_log_ratio"] == "inf")
  }

  @Test func aStartFromTheTeachersLogitsIsRefused() async throws {
    try await klsim.expectRefusal(
      Refusal(
        "--teacher-file p.csv --objective fkl --init teacher-noise --output out.csv",
        says: "teacher-noise", "token 1", "smooth"), code: 65)
  }
}
