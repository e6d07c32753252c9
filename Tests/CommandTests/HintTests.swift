// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimFigures
import KLSimFiles
import KLSimTestSupport
import Testing

@testable import KLSimCore
@testable import KLSimCommand

/// The command adds the options that its modules do not know.
@Suite struct HintTests {
  @Test(arguments: [
    ("longtail:top-k=3", "--teacher 'longtail:top-k=3:smooth=1e-6'"),
    ("file:path=it's.csv", "--teacher 'file:path=it'\\''s.csv:smooth=1e-6'"),
  ])
  func teachersAreSmoothed(teacher: String, options: String) {
    let error = InfiniteObjective(objective: "rkl", teacher: teacher, token: 3)
    #expect(hint(for: error) == options)
  }

  @Test func countsAreNormalised() {
    let sum = TeacherError(teacher: "p.csv", reason: .notNormalised(sum: 2))
    #expect(hint(for: sum)?.contains("--teacher-values counts") == true)
    #expect(hint(for: TeacherError(teacher: "p.csv", reason: .empty)) == nil)
    for (reason, option) in [
      (.negativeProbability(token: 0, value: -1), "--teacher-values logits"),
      (.logprobsNotNormalised(sum: 2), "--teacher-values logits"),
      (.listedExcess(sum: 2), "--tail drop"),
      (.beyondVocabulary(token: 9, size: 4), "--vocabulary"),
    ] as [(DistributionError, String)] {
      #expect(hint(for: TeacherError(teacher: "p.csv", reason: reason))?.contains(option) == true)
    }
  }

  @Test func columnsAreNamed() {
    let error = InputError.ambiguous(path: "p.csv", part: .column, names: "'a', 'b'")
    #expect(hint(for: error)?.contains("--teacher-column") == true)
    #expect(hint(for: InputError.missing(path: "p.csv")) == nil)
  }

  @Test func programsAreNamed() {
    #expect(hint(for: GnuplotError.missing(program: "gp"))?.contains("KLSIM_GNUPLOT") == true)
    #expect(hint(for: GnuplotError.failed("")) == nil)
  }
}
