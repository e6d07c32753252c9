// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KLSimCommand

/// The line on a terminal while work is going on.
@Suite struct ProgressLineTests {
  @Test(arguments: [
    (0, 40, 2.0, "░░░░░░░░░░░░░░░░░░░░ 0 of 40 runs"),
    (10, 40, 2, "█████░░░░░░░░░░░░░░░ 10 of 40 runs, 5 runs/s, 6 s left"),
    (39, 40, 2, "███████████████████░ 39 of 40 runs, 19.5 runs/s, 1 s left"),
    (40, 40, 2, "████████████████████ 40 of 40 runs, 20 runs/s, 0 s left"),
    (1, 301, 3, "░░░░░░░░░░░░░░░░░░░░ 1 of 301 runs, 0.333 runs/s, 15 min left"),
    (1, 7201, 3, "░░░░░░░░░░░░░░░░░░░░ 1 of 7201 runs, 0.333 runs/s, 6 h left"),
  ])
  func saysHowFarHowFastAndHowLong(done: Int, total: Int, seconds: Double, line: String) {
    #expect(ProgressLine.text(done: done, of: total, unit: "runs", after: seconds) == line)
  }

  /// What was done before the start counts as done, but not for the rate.
  @Test func goesOnFromWhatIsKnown() {
    let line = ProgressLine.text(
      done: 30, known: 20, of: 40, unit: "runs", after: 2, isDrawn: false)
    #expect(line == "30 of 40 runs, 5 runs/s, 2 s left")
  }

  /// Numbers that no work reaches still make a line.
  @Test func extremesHaveALine() {
    let line = ProgressLine.text(done: 1, of: .max, unit: "runs", after: 1e-9)
    #expect(line.contains("1 of \(Int.max) runs") && line.hasSuffix(" days left"))
    #expect(ProgressLine.text(done: 0, of: 0, unit: "runs", after: 1).hasSuffix(" 0 of 0 runs"))
  }
}
