// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimTestSupport
import Testing

/// Teacher files of every kind at the command line.
@Suite struct FileTeacherEndToEndTests {
  let klsim: CommandUnderTest

  init() throws {
    klsim = try CommandUnderTest()
    try klsim.folder.write("0.5\n0.1\n0.1\n0.3\n", to: "p.csv")
    try klsim.folder.write(
      "context,token,logprob\n0,0,\(log(0.5))\n0,3,\(log(0.3))\n", to: "top.csv")
    try klsim.folder.write(Self.npy([0.5, 0.1, 0.1, 0.3], shape: "(1, 1, 4)"), to: "cube.npy")
    try klsim.folder.write("token,p\n0,0.25\n3,0.75\n", to: "all.csv")
    // 1, 0 as float16 after ½, ½.
    let header = "{'descr': '<f2', 'fortran_order': False, 'shape': (2, 2), }\n"
    try klsim.folder.write(
      [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8)
        + [0, 0x38, 0, 0x38, 0, 0x3C, 0, 0], to: "half.npy")
    try klsim.folder.write([0x80, 4] + [UInt8](repeating: 0, count: 99), to: "p.pkl")
  }

  static func npy(_ numbers: [Double], shape: String) -> [UInt8] {
    let header = "{'descr': '<f8', 'fortran_order': False, 'shape': \(shape), }\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8)
      + numbers.flatMap { value in
        (0..<8).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * UInt64($0))) }
      }
  }

  private static let rest = "--epochs 5 --quiet"

  /// The rows but for the name of the teacher.
  private func rows(_ options: String) async throws -> [[String]] {
    let table = try await klsim.table("\(options) \(Self.rest)")
    return table.rows.map { row in table.header.dropFirst().map { row[$0] } }
  }

  @Test func theSameNumbersAreTheSameTeacher() async throws {
    let expected = try await rows("--teacher-file p.csv")
    #expect(try await rows("--teacher-file cube.npy") == expected)
    #expect(try await rows("--teacher file:path=cube.npy") == expected)
    let outcome = try await klsim.shell(
      "\"$klsim\" --teacher-file - \(Self.rest) <p.csv && \"$klsim\" --teacher-file - \(Self.rest) <cube.npy"
    )
    #expect(outcome.end == .exit(0), "\(outcome.errors)")
    let plain = try await klsim("--teacher-file p.csv \(Self.rest)").output
      .replacing("file:path=p.csv", with: "file:path=-")
    expectSameText(outcome.output, plain + plain)
  }

  @Test func flatteningIsTold() async throws {
    let outcome = try await klsim("--teacher-file cube.npy \(Self.rest)")
    #expect(
      outcome.errors
        == "klsim: note: cube.npy: its shape [1, 1, 4] is read as [1, 4], one context a row\n")
  }

  /// Numbers that are something else than they are said to be are read, with a note.
  @Test func doubtfulNumbersAreTold() async throws {
    let outcome = try await klsim("--teacher-file p.csv --teacher-values logits \(Self.rest)")
    #expect(
      outcome.errors
        == "klsim: note: p.csv: these logits look like probabilities, for none is negative and they sum to"
        + " 1; if they are, set values=probabilities\n"
        + "klsim: hint: --teacher-values probabilities for a --teacher-file\n")
    #expect(outcome.end == .exit(0))
  }

  @Test func restsGoWhereTheyAreTold() async throws {
    let table = try await klsim.table(
      "--teacher-file top.csv --tail uniform --vocabulary 4 \(Self.rest)")
    let expected = try await klsim.table("--teacher-file p.csv \(Self.rest)")
    #expect(table.rows[0]["teacher"] == "file:path=top.csv:tail=uniform:vocabulary=4")
    #expect(worstGap(table.numbers("loss"), expected.numbers("loss")) <= 1e-14)
    let bucket = try await klsim(
      "--teacher-file top.csv --tail bucket --objective fkl \(Self.rest)"
        + " --snapshots 0 --snapshot-output s.csv --output r.csv")
    #expect(bucket.end == .exit(0), "\(bucket.errors)")
    let snapshots = try Table(klsim.folder.text(of: "s.csv"))
    #expect(snapshots.column("token") == ["0", "1", "2", "3", "4"])
    #expect(worstGap(snapshots.numbers("p"), [0.5, 0, 0, 0.3, 0.2]) <= 1e-15)
  }

  /// What is not in a table of some tokens is told: V, the mass of the others, and a head among them.
  @Test func whatIsNotListedIsTold() async throws {
    try klsim.folder.write(
      "context,token,p\na,0,0.5\na,3,0.3\nb,1,0.39\n", to: "two.csv")
    for (line, notes) in [
      (
        "two.csv --tail uniform --vocabulary 6",
        ["two.csv: the listed tokens hold 0.39 to 0.8 of the mass"]
      ),
      (
        "two.csv --tail bucket --objective fkl",
        [
          "two.csv: the vocabulary is taken to be 4 tokens, because the largest listed is 3; set"
            + " vocabulary=… if there are more",
          "two.csv: the listed tokens hold 0.39 to 0.8 of the mass",
        ]
      ),
      ("two.csv --tail drop --vocabulary 6 --objective fkl", []),
      (
        "all.csv --tail bucket --vocabulary 4 --objective fkl",
        [
          "all.csv: the listed tokens already hold all the mass, so that nothing is left for the others"
        ]
      ),
      (
        "top.csv --tail uniform --vocabulary 4 --head count=2,count=3",
        [
          "top.csv: the listed tokens hold 0.8 of the mass",
          "file:path=top.csv:tail=uniform:vocabulary=4: the head count=3 of context 0 has 3 tokens, of which"
            + " 2 are listed; the others are taken from the uniform tail by token index",
        ]
      ),
    ] as [(String, [String])] {
      let outcome = try await klsim("--teacher-file \(line) \(Self.rest)")
      #expect(outcome.end == .exit(0))
      let told = outcome.errors.split(separator: "\n").filter { !$0.hasPrefix("klsim: hint: ") }
      #expect(told == notes.map { "klsim: note: \($0)" }, "\(line)")
    }
  }

  @Test(
    arguments: [
      (Refusal("--tail drop", says: "--tail says how to read --teacher-file"), 64),
      (Refusal("--teacher-file p.csv --vocabulary 4", says: "say tail=… too"), 64),
      (Refusal("--teacher-file top.csv --tail uniform", says: "vocabulary=…"), 64),
      (Refusal("--teacher-file top.csv --teacher-values text --tail drop", says: "--tail"), 64),
      (
        Refusal(
          "--teacher-file top.csv", says: "no line for token 1",
          "hint: --tail uniform --vocabulary n for a finite reverse KL; or --tail drop --objective fkl"
        ),
        65
      ),
      (
        Refusal(
          "--teacher-file top.csv --tail unifrom",
          says: "drop, bucket, uniform; did you mean uniform?"),
        64
      ),
      (
        Refusal(
          "--teacher-file p.csv --teacher-values logit", says: "is needed; did you mean logits?"),
        64
      ),
      (
        Refusal(
          "--teacher-file all.csv --tail uniform --vocabulary 4",
          says: "rkl is infinite: token 1 has probability 0",
          "listed tokens already hold all the mass", "not renormalised", "smooth=1e-6"), 65
      ),
      (
        Refusal(
          "--teacher-file top.csv --tail drop", says: "rkl is infinite", "smooth=1e-6",
          "hint: --tail uniform --vocabulary … for a --teacher-file; or --objective fkl"), 65
      ),
      (
        Refusal(
          "--teacher-file half.npy", says: "rkl is infinite",
          "half.npy, context 1 (float16 rounds"
            + " probabilities below 2^-25 to 0", "--objective fkl"), 65
      ),
      (
        Refusal(
          "--teacher-file top.csv --tail bucket --vocabulary 3", says: "ends at 2", "--vocabulary"),
        65
      ),
      (Refusal("--teacher-file p.pkl", says: "Python pickle", "numpy.save('teacher.npy'"), 65),
      (Refusal("--teacher-file cube.npy --teacher-array a", says: "no array 'a'"), 65),
      (Refusal("--teacher-file p.csv --teacher-tensor a", says: "no tensor 'a'"), 65),
    ] as [(Refusal, Int32)])
  func whatMakesNoSenseIsRefused(refusal: Refusal, code: Int32) async throws {
    try await klsim.expectRefusal(
      Refusal("\(refusal.line) --output out.csv", refusal.says), code: code)
  }
}
