// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimTestSupport
import Testing

/// Numbers at the ends of their ranges.
@Suite struct LimitsEndToEndTests {
  let klsim: CommandUnderTest

  init() throws {
    klsim = try CommandUnderTest()
  }

  @Test(arguments: [
    (UInt64(0), 2), (UInt64(UInt32.max), 2), (UInt64.max - 3, 3), (UInt64.max - 1, 1),
  ])
  func seedsUpToTheLast(seed: UInt64, count: Int) async throws {
    let table = try await klsim.table(
      "--teacher uniform:size=4,dirichlet:size=4 --objective fkl --epochs 1"
        + " --record 1 --seed \(seed) --seeds \(count)")
    let seeds = (0..<UInt64(count)).map { "\(seed + $0)" }
    #expect(table.column("seed") == seeds + seeds)
  }

  @Test(arguments: [100, Int.max / 2 + 1, Int.max])
  func moreJobsThanRuns(jobs: Int) async throws {
    let one = try await klsim("--epochs 2 --seeds 3 --jobs 1")
    let many = try await klsim("--epochs 2 --seeds 3 --jobs \(jobs)")
    #expect(many.end == .exit(0), "\(many.errors)")
    expectSameText(many.output, one.output)
  }

  /// More runs than can ever be done begin like any others, or are refused.
  @Test(arguments: ["--seeds 1000000000000", "--seeds 9223372036854775807 --objective fkl"])
  func endlessRuns(options: String) async throws {
    let line = "\(options) --epochs 1 --teacher uniform:size=2"
    let outcome = try await klsim.shell(
      "ulimit -t 5; ulimit -v 8000000 2>/dev/null; { \"$klsim\" \(line); echo $? >code; }"
        + " | head -n 2")
    let code = try klsim.folder.text(of: "code")
    let rows = outcome.output.utf8.count { $0 == UInt8(ascii: "\n") }
    #expect((rows == 2 && code == "0\n") || (rows == 0 && code == "64\n"), "\(code)")
  }

  @Test func aVocabularyOfOne() async throws {
    let table = try await klsim.table(
      "--teacher uniform:size=1 --objective fkl,rkl,akl,jeffreys --epochs 2"
        + " --metric js,log-ratio,top1")
    #expect(table.rows.count == 12)
    #expect(table.numbers("loss").allSatisfy { $0 == 0 })
    #expect(table.numbers("tvd").allSatisfy { $0 == 0 })
  }

  /// A softmax does not see a common shift, however large.
  @Test(arguments: ["0", "1e17", "-1e17", "1e308", "-1e308"])
  func logitsThatAreAllAlike(logit: String) async throws {
    let text = String(repeating: "\(logit)\n", count: 5)
    try klsim.folder.write(text, to: "z.csv")
    let table = try await klsim.table(
      "--teacher-file z.csv --teacher-values logits --init file:path=z.csv --objective fkl,rkl"
        + " --epochs 0 --snapshots 0 --snapshot-output s.csv")
    #expect(table.numbers("tvd").allSatisfy { $0 == 0 })
    let snapshots = try Table(klsim.folder.text(of: "s.csv"))
    #expect(worstGap(snapshots.numbers("p"), [Double](repeating: 0.2, count: 10)) <= 1e-15)
    #expect(worstGap(snapshots.numbers("q"), [Double](repeating: 0.2, count: 10)) <= 1e-15)
  }
}
