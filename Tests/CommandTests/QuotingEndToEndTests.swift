// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimTestSupport
import Testing

/// Names that mean something to CSV, to specifications or to a shell.
@Suite struct QuotingEndToEndTests {
  let klsim: CommandUnderTest

  init() throws {
    klsim = try CommandUnderTest()
  }

  @Test(
    arguments: [
      ("a,b.csv", "file:path=\"a,b.csv\""),
      ("a:b.csv", "file:path=\"a:b.csv\""),
      ("a\"b.csv", "file:path=\"a\"\"b.csv\""),
      ("a,b:c\"d.csv", "file:path=\"a,b:c\"\"d.csv\""),
      ("\"a\".csv", "file:path=\"\"\"a\"\".csv\""),
      ("a=b.csv", "file:path=a=b.csv"),
      ("a b.csv", "file:path=a b.csv"),
      ("a'b.csv", "file:path=a'b.csv"),
      ("Größe-μ.csv", "file:path=Größe-μ.csv"),
      ("a\nb.csv", "file:path=a\nb.csv"),
      ("a\r\nb.csv", "file:path=a\r\nb.csv"),
      // A comma and a quote that make one character with the accent after them.
      ("a,\u{301}b.csv", nil),
      ("a\"\u{301}b.csv", nil),
    ] as [(String, String?)])
  func keysReadBackAsCSVAndAsSpecification(name: String, specification: String?) async throws {
    try klsim.folder.write("0.5\n0.3\n0.2\n", to: name)
    let rest = ["--epochs", "2", "--quiet"]
    let outcome = try await klsim(["--teacher-file", name] + rest)
    #expect(outcome.end == .exit(0), "\(outcome.errors)")
    let keys = Set(try Table(outcome.output).column("teacher"))
    #expect(keys.count == 1)
    if let specification { #expect(keys == [specification]) }
    for key in keys {
      let again = try await klsim(["--teacher", key] + rest)
      #expect(again.end == .exit(0), "\(again.errors)")
      expectSameText(again.output, outcome.output)
      let listed = try await klsim(["--teacher", "uniform:size=2,\(key)"] + rest)
      #expect(listed.end == .exit(0), "\(listed.errors)")
      #expect(Set(try Table(listed.output).column("teacher")) == ["uniform:size=2", key])
    }
  }

  @Test func everyTableQuotesItsKeys() async throws {
    let name = "a,b:c\"d.csv"
    try klsim.folder.write("x\n0.5\n0.3\n0.2\n", to: name)
    let initialization = "file:path=\"a,b:c\"\"d.csv\":column=x"
    let outcome = try await klsim([
      "--teacher-file", name, "--teacher-column", "x", "--init", initialization, "--epochs", "1",
      "--snapshots", "0", "--snapshot-output", "s.csv", "--output", "r.csv", "--objective", "fkl",
    ])
    #expect(outcome.end == .exit(0), "\(outcome.errors)")
    for file in ["r.csv", "s.csv"] {
      let table = try Table(klsim.folder.text(of: file))
      #expect(Set(table.column("init")) == [initialization])
      #expect(Set(table.column("teacher")) == [initialization])
    }
  }

  /// The suggested command can be pasted into a shell as it stands.
  @Test(arguments: ["p.csv", "a b.csv", "a,b:c\"d.csv", "it's.csv"])
  func suggestionsCanBePasted(name: String) async throws {
    try klsim.folder.write("0.5\n0.5\n0\n", to: name)
    let refused = try await klsim(["--teacher-file", name])
    #expect(refused.end == .exit(65))
    let start = try #require(refused.errors.firstRange(of: "--teacher '")).lowerBound
    let suggestion = refused.errors[start...].split(separator: "\n")[0]
    let pasted = try await klsim.shell("\"$klsim\" \(suggestion) --epochs 1 --quiet")
    #expect(pasted.end == .exit(0), "\(pasted.errors)")
    #expect(try Table(pasted.output).rows.count == 4)
  }

  @Test func outputNamesAreTakenAsTheyAre() async throws {
    let names = ["a,b.csv", "a b.csv", "a:b\"c.csv", "-x.csv", "…µ.csv"]
    for name in names {
      let outcome = try await klsim(["--epochs", "0", "--quiet", "--output=\(name)"])
      #expect(outcome.end == .exit(0), "\(outcome.errors)")
    }
    #expect(try klsim.folder.names() == names.sorted())
  }
}
