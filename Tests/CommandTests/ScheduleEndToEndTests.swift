// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimTestSupport
import Testing

/// Schedules of the learning rate at the command line.
@Suite struct ScheduleEndToEndTests {
  let klsim: CommandUnderTest

  init() throws {
    klsim = try CommandUnderTest()
  }

  /// The key column stands at the end, after those of contexts, and only where a run has a schedule.
  @Test func theColumnStandsAtTheEnd() async throws {
    let line = "--teacher dirichlet:size=5:contexts=2 --epochs 3 --quiet"
    let plain = try await klsim(line).output
    expectSameText(try await klsim("\(line) --schedule constant").output, plain)
    let lines = plain.split(separator: "\n").map(String.init)
    #expect(lines[0].hasSuffix(",context,context_label"))
    let both = try await klsim("\(line) --schedule constant,cosine:warmup=1").output
    let table = try Table(both)
    #expect(Set(table.column("schedule")) == ["constant", "cosine:warmup=1"])
    // What the constant runs say is what they say alone.
    let kept = both.split(separator: "\n").map(String.init).filter {
      $0.hasSuffix(",constant") || $0.hasSuffix(",schedule")
    }
    #expect(kept == [lines[0] + ",schedule"] + lines.dropFirst().map { $0 + ",constant" })
  }

  @Test func everyTableHasTheColumn() async throws {
    let line = "--schedule linear --epochs 2 --quiet"
    for options in ["--aggregate", "--snapshots 0,2 --snapshot-output - --output /dev/null"] {
      let table = try Table(try await klsim("\(line) \(options)").output)
      #expect(table.header.last == "schedule", "\(options)")
      #expect(table.column("schedule").allSatisfy { $0 == "linear" })
    }
  }

  /// Of runs that differ in their schedule alone the summary takes the best, and names its schedule.
  @Test func theSummaryTellsSchedulesApart() async throws {
    let outcome = try await klsim("--schedule linear,constant --epochs 2 --output /dev/null")
    let titles = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("longtail") }
    #expect(titles.count == 1)
    #expect(titles[0].contains(" · adam at 0.2, best of 2 for each · "))
    let one = try await klsim("--schedule linear --epochs 2 --output /dev/null")
    #expect(one.errors.contains("adam at 0.2 linear · "))
  }

  @Test(arguments: [
    Refusal("--schedule nonsense", says: "unknown schedule 'nonsense'", "cosine"),
    Refusal("--schedule step", says: "step needs every="),
    Refusal("--schedule cosine:final=2", says: "cosine: final=2"),
    Refusal("--schedule linear:warmup=-1", says: "linear: warmup=-1"),
    Refusal("--schedule linear,linear", says: "--schedule: linear is given twice"),
  ])
  func whatMakesNoSenseIsRefused(refusal: Refusal) async throws {
    try await klsim.expectRefusal(refusal, code: 64)
  }
}
