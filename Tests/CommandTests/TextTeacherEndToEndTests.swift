// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimTestSupport
import Testing

/// Texts as teachers at the command line.
@Suite struct TextTeacherEndToEndTests {
  let klsim: CommandUnderTest

  init() throws {
    klsim = try CommandUnderTest()
    try klsim.folder.write("The cat, the dog; the cat sat. A cat!\n", to: "t.txt")
  }

  @Test func aTextFileIsAnNGramTeacher() async throws {
    let rest = "--epochs 3 --objective fkl --quiet"
    let short = try await klsim.table("--teacher-file t.txt --teacher-values text \(rest)")
    let long = try await klsim.table("--teacher ngram:path=t.txt \(rest)")
    #expect(short.rows.count == 4)
    #expect(short.column("loss") == long.column("loss"))
    #expect(Set(short.column("teacher")) == ["ngram:path=t.txt"])
  }

  /// "the" is followed by cat, dog, cat; "cat" by the, sat.
  @Test func historiesAreLabelledContexts() async throws {
    let outcome = try await klsim(
      "--teacher ngram:path=t.txt:histories=2:k=0 --objective fkl --epochs 1 --snapshots 0"
        + " --snapshot-output s.csv --output r.csv --quiet")
    #expect(outcome.end == .exit(0), "\(outcome.errors)")
    let records = try Table(klsim.folder.text(of: "r.csv"))
    #expect(records.rows(["epoch": "1"]).map { $0["context_label"] } == ["the", "cat", "mean"])
    #expect(records.rows(["epoch": "1"]).map { $0["context"] } == ["0", "1", ""])
    let snapshots = try Table(klsim.folder.text(of: "s.csv"))
    // By frequency, then alphabet: cat and the, three times each, then a, dog and sat.
    let p = snapshots.rows(["context": "0"]).map { $0.number("p") }
    #expect(worstGap(p, [2.0 / 3, 0, 0, 1.0 / 3, 0]) <= 1e-15)
    let q = snapshots.rows(["context_label": "cat"]).map { $0.number("p") }
    #expect(worstGap(q, [0, 0.5, 0, 0, 0.5]) <= 1e-15)
  }

  @Test func textsThatAreNotUTF8AreRefused() async throws {
    try klsim.folder.write([0x61, 0x0A, 0x62, 0xE9], to: "latin.txt")
    try await klsim.expectRefusal(
      Refusal(
        "--teacher-file latin.txt --teacher-values text --output out.csv",
        says: "latin.txt, line 2", "0xE9", "offset 3"), code: 65)
  }

  @Test(
    arguments: [
      (Refusal("--teacher-file t.txt --teacher-values text --teacher-column p", says: "text"), 64),
      (Refusal("--teacher ngram", says: "ngram: path=", "text=alice"), 64),
      (Refusal("--teacher ngram:path=no.txt", says: "no.txt: no such file"), 66),
      (Refusal("--teacher ngram:path=t.txt:history=bird", says: "t.txt", "'bird'"), 65),
      (Refusal("--teacher ngram:path=t.txt:histories=9", says: "histories=9"), 65),
      (Refusal("--teacher ngram:path=t.txt:histories=2:contexts=2", says: "contexts"), 64),
    ] as [(Refusal, Int32)])
  func whatATextDoesNotGiveIsRefused(refusal: Refusal, code: Int32) async throws {
    try await klsim.expectRefusal(
      Refusal("\(refusal.line) --output out.csv", refusal.says), code: code)
  }
}
