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
    ("longtail:top-k=3", "", "--objective fkl; or --teacher 'longtail:top-k=3:smooth=1e-6'"),
    (
      "file:path=it's.csv", "", "--objective fkl; or --teacher 'file:path=it'\\''s.csv:smooth=1e-6'"
    ),
    (
      "file:path=t", "tail=uniform:vocabulary=… helps",
      "--tail uniform --vocabulary … for a --teacher-file; or --objective fkl; or"
        + " --teacher 'file:path=t:smooth=1e-6'"
    ),
  ])
  func zerosHaveRemedies(teacher: String, reason: String, options: String) {
    let error = InfiniteObjective(
      objective: "rkl", teacher: teacher, place: "", token: 3, reason: reason)
    #expect(hint(for: error) == options)
  }

  @Test func keysAreOptionsOfTeacherFiles() {
    for (message, options) in [
      (
        "set values=logits, or tail=… if",
        "--teacher-values logits or --tail … for a --teacher-file"
      ),
      ("tail=uniform:vocabulary=…", "--tail uniform --vocabulary … for a --teacher-file"),
      ("name one by array=…", "--teacher-array … for a --teacher-file"),
    ] {
      #expect(TeacherOptions.instead(ofKeysIn: message) == options)
    }
    #expect(TeacherOptions.instead(ofKeysIn: "mean=3, context=… and default=x") == nil)
    let error = SpecificationError.inconsistent(component: "file", "say tail=… too")
    #expect(hint(for: error) == "--tail … for a --teacher-file")
    #expect(hint(for: SpecificationError.inconsistent(component: "zipf", "say tail=… too")) == nil)
    let quoted = InputError.malformed(path: "r.csv", line: 2, reason: "'tail=drop' is not a number")
    #expect(hint(for: quoted) == nil)
  }

  @Test func countsAreNormalised() {
    let sum = TeacherError(teacher: "p.csv", reason: .notNormalised(sum: 2))
    #expect(hint(for: sum)?.contains("--teacher-values counts") == true)
    #expect(hint(for: TeacherError(teacher: "p.csv", reason: .empty)) == nil)
    for (reason, option) in [
      (.negativeProbability(token: 0, value: -1), "--teacher-values logits"),
      (.logprobsNotNormalised(sum: 2), "--teacher-values logits"),
      (.positiveLogprob(token: 0, value: 2), "--teacher-values logits"),
      (.listedExcess(sum: 2), "--tail drop"),
      (.beyondVocabulary(token: 9, size: 4), "--vocabulary"),
    ] as [(DistributionError, String)] {
      #expect(hint(for: TeacherError(teacher: "p.csv", reason: reason))?.contains(option) == true)
    }
  }

  /// The learning rate is no parameter of an optimizer, and a file has to be said to be one.
  @Test func optionsAreNamed() {
    for (key, option) in [
      ("lr", "--learning-rate"), ("learning_rate", "--learning-rate"), ("schedule", "--schedule"),
    ] {
      let error = SpecificationError.unknownKey(component: "adamw", key: key, known: ["beta1"])
      #expect(hint(for: error) == option)
    }
    #expect(
      hint(for: SpecificationError.unknownKey(component: "adamw", key: "rate", known: [])) == nil)
    for path in ["st1.npy", "file=st1.npy"] {
      let error = #expect(throws: SpecificationError.self) { try Catalog.initialization(path) }
      #expect(error.flatMap { hint(for: $0) } == "--init 'file:path=st1.npy'")
    }
    let name = #expect(throws: SpecificationError.self) { try Catalog.initialization("zeroes") }
    #expect(name.flatMap { hint(for: $0) } == nil)
    let optimizer = #expect(throws: SpecificationError.self) { try Catalog.optimizer("a.b") }
    #expect(optimizer.flatMap { hint(for: $0) } == nil)
  }

  @Test func columnsAreNamed() {
    let error = InputError.ambiguous(path: "p.csv", part: .column, names: "'a', 'b'")
    #expect(
      hint(for: error)
        == "--teacher-column … for a --teacher-file; --logits-column … for a --logits-file")
    let listed = InputError.ambiguous(
      path: "p.npz", part: .array, names: "'token' [3], 'logprob' [3]")
    #expect(
      hint(for: listed)
        == "--teacher-array … for a --teacher-file; if it lists some tokens only, --tail uniform"
        + " --vocabulary n for a finite reverse KL; or --tail drop --objective fkl")
    #expect(hint(for: InputError.missing(path: "p.csv")) == nil)
  }

  @Test func programsAreNamed() {
    #expect(hint(for: GnuplotError.missing(program: "gp"))?.contains("KLSIM_GNUPLOT") == true)
    #expect(hint(for: GnuplotError.failed("")) == nil)
  }
}
