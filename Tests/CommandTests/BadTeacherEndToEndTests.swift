// SPDX-License-Identifier: GPL-3.0-or-later

import CLibrary
import Foundation
import KLSimTestSupport
import Testing

/// Teachers that are no distributions: exit code 65, and nothing is written.
@Suite struct BadTeacherEndToEndTests {
  let klsim: CommandUnderTest

  init() throws {
    klsim = try CommandUnderTest()
  }

  /// A file that is no teacher.
  struct BadFile: CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    let options: String
    let says: [String]

    init(_ name: String, _ text: String, options: String = "", says: String...) {
      self.init(name, Array(text.utf8), options: options, says)
    }

    init(_ name: String, _ bytes: [UInt8], options: String = "", _ says: [String]) {
      self.name = name
      self.bytes = bytes
      self.options = options
      self.says = says
    }

    var testDescription: String { name + options }
  }

  static let counts = " --teacher-values counts"
  static let logits = " --teacher-values logits"
  static let ten = String(repeating: "1e308\n", count: 10)

  @Test(
    arguments: [
      BadFile("nan.csv", "0.5\nnan\n0.5\n", says: "token 1", "nan, not a finite number"),
      BadFile("nan.csv", "1\nNaN\n", options: counts, says: "token 1", "nan"),
      BadFile("nan.csv", "1\nnan\n", options: logits, says: "token 1", "nan"),
      BadFile("inf.csv", "0.5\ninf\n", says: "token 1", "inf, not a finite number"),
      BadFile("inf.csv", "1\ninf\n", options: counts, says: "token 1", "inf"),
      BadFile("inf.csv", "inf\n1\n", options: logits, says: "token 0", "inf"),
      BadFile("huge.csv", "1\n1e400\n", options: counts, says: "token 1", "not a finite number"),
      BadFile("negative.csv", "1.5\n-0.5\n", says: "token 1", "-0.5", "below 0"),
      BadFile("negative.csv", "3\n-1\n", options: counts, says: "token 1", "-1", "below 0"),
      BadFile("zero.csv", "0\n0\n0\n", says: "every token has 0"),
      BadFile("zero.csv", "0\n0\n0\n", options: counts, says: "every token has 0"),
      BadFile("zero.csv", "-inf\n-inf\n", options: logits, says: "every token has 0"),
      BadFile("overflow.csv", ten, options: counts, says: "more than a double can hold", "scale"),
      BadFile("sum.csv", "0.5\n0.6\n", says: "sum to 1.1", "1e-6", "--teacher-values counts"),
      BadFile("sum.csv", "0.5\n0.499\n", says: "sum to 0.999", "--teacher-values counts"),
      BadFile("empty.csv", "", says: "the file is empty"),
      BadFile("blank.csv", "\n \n\n", says: "the file is empty"),
      BadFile("header.csv", "p\n", says: "no number below the header"),
    ])
  func numbersThatAreNoDistribution(_ file: BadFile) async throws {
    try await expectRefusal(file)
  }

  @Test(
    arguments: [
      BadFile("word.csv", "p\n0.5\nhalf\n", says: "word.csv, line 3", "'half' is not a number"),
      BadFile("gap.csv", "p\n0.5\n\n0.5\n", says: "gap.csv, line 3", "'' is not a number"),
      BadFile("comma.csv", "0,5\n0,5\n", says: "line 1", "2 columns without a header"),
      BadFile("two.csv", "a,b\n1,2\n", says: "several columns", "'a', 'b'"),
      BadFile(
        "two.csv", "a,b\n1,2\n", options: " --teacher-column c", says: "no column 'c'", "'a', 'b'"),
      BadFile(
        "twins.csv", "a,a\n1,2\n", options: " --teacher-column a", says: "several columns 'a'"),
      BadFile("one.csv", "p\n1\n", options: " --teacher-column q", says: "no column 'q'", "'p'"),
      BadFile(
        "ragged.csv", "a,b\n1,2\n3\n", options: " --teacher-column a", says: "line 3", "1 field",
        "line 1 has 2"),
      BadFile("ragged.csv", "p\n0.5\n0.5,\n", says: "line 3", "2 fields", "line 1 has 1"),
      BadFile("open.csv", "p\n\"0.5\n0.5\n", says: "line 2", "a quote is not closed"),
      BadFile("after.csv", "p\n\"0.5\"x\n", says: "line 2", "text after a closing quote"),
    ])
  func filesThatAreNoTable(_ file: BadFile) async throws {
    try await expectRefusal(file)
  }

  @Test(
    arguments: [
      BadFile("latin.csv", Array("p\n".utf8) + [0xE9, 0x0A], ["line 2", "not UTF-8"]),
      BadFile("utf16.csv", [0xFF, 0xFE, 0x31, 0x00, 0x0A, 0x00], ["neither UTF-8 text"]),
      BadFile("binary.csv", [0x7F, 0x45, 0x4C, 0x46, 0x02, 0x01, 0x00, 0x00], ["binary.csv"]),
      BadFile("zeros.csv", [UInt8](repeating: 0, count: 5000), ["zeros.csv"]),
      BadFile("junk.csv", junk, ["junk.csv"]),
    ])
  func filesThatAreNoText(_ file: BadFile) async throws {
    try await expectRefusal(file)
  }

  static let junk: [UInt8] = {
    var generator = SplitMix64(seed: 1)
    return (0..<100_000).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
  }()

  private func expectRefusal(_ file: BadFile) async throws {
    try klsim.folder.write(file.bytes, to: file.name)
    let line = "--teacher-file \(file.name)\(file.options) --objective fkl --output out.csv"
    try await klsim.expectRefusal(Refusal(line, [file.name] + file.says), code: 65)
  }

  @Test func countsOfAnySizeAreNormalised() async throws {
    try klsim.folder.write("5e307\n5e307\n", to: "large.csv")
    try klsim.folder.write("5e-324\n5e-324\n", to: "small.csv")
    let table = try await klsim.table(
      "--teacher-file large.csv --teacher-file small.csv --teacher-values counts"
        + " --teacher uniform:size=2 --epochs 0 --objective fkl")
    #expect(table.rows.count == 3)
    #expect(Set(table.column("loss")).count == 1)
  }

  @Test(
    arguments: [
      ("--teacher-file missing.csv", 66, "missing.csv: no such file"),
      ("--teacher-file missing/p.csv", 66, "missing/p.csv: no such file"),
      ("--teacher-file file.csv/p.csv", 66, "file.csv/p.csv: no such file"),
      ("--teacher file:path=missing.csv", 66, "missing.csv: no such file"),
      ("--init file:path=missing.csv", 66, "missing.csv: no such file"),
      ("--teacher-file .", 74, "cannot be read"),
    ])
  func filesThatAreNotThere(line: String, code: Int32, message: String) async throws {
    try klsim.folder.write("1\n", to: "file.csv")
    try await klsim.expectRefusal(Refusal("\(line) --output out.csv", [message]), code: code)
  }

  @Test(.enabled(if: geteuid() != 0, "root may read everything"))
  func filesThatMayNotBeRead() async throws {
    let path = try klsim.folder.write("1\n", to: "secret.csv")
    try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: path)
    try await klsim.expectRefusal(
      Refusal(
        "--teacher-file secret.csv --output out.csv",
        says: "secret.csv: cannot be read"), code: 74)
  }

  @Test(
    arguments: [
      Refusal("--init file:path=z.csv", says: "z.csv: 2 logits for a teacher of 80 tokens"),
      Refusal("--teacher lognormal:sigma=1e308", says: "token 0", "not a finite number"),
    ])
  func choicesThatDoNotFitTheTeacher(_ refusal: Refusal) async throws {
    try klsim.folder.write("0\n1\n", to: "z.csv")
    let line = "\(refusal.line) --output out.csv"
    try await klsim.expectRefusal(Refusal(line, refusal.says), code: 65)
  }
}
