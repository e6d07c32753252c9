// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimTestSupport
import Testing

@testable import KLSimReport

/// Pages for the browser, and the commands that they name.
@Suite struct PageEndToEndTests {
  let klsim: CommandUnderTest

  init() throws {
    klsim = try CommandUnderTest()
  }

  private func page(_ name: String) throws -> PageDocument {
    try PageDocument(page: klsim.folder.text(of: name).utf8)
  }

  /// Runs a command that a page names.
  private func run(_ command: String) async throws -> Outcome {
    try await klsim.shell("klsim() { \"$klsim\" \"$@\"; }\n\(command)")
  }

  @Test func theCommandOfAClaimMakesItsEvidence() async throws {
    let line = "reproduce convergence fkl-is-cross-entropy --seed 3 --seeds 72 --quiet --output r"
    #expect(try await klsim(line).end == .exit(0))
    let document = try page("r/index.html")
    #expect(
      try document.member("command")
        == "klsim reproduce convergence fkl-is-cross-entropy --seed 3 --seeds 72 --output .")
    let claims: [[String: Any]] = try document.member("claims")
    #expect(claims.map { $0["name"] as? String } == ["convergence", "fkl-is-cross-entropy"])
    let command = try #require(claims[1]["command"] as? String)
    #expect(try await run(command).end == .exit(0))
    expectSameText(
      try klsim.folder.text(of: "fkl-is-cross-entropy/fkl-is-cross-entropy.csv"),
      try klsim.folder.text(of: "r/fkl-is-cross-entropy.csv"))
  }

  @Test func theCommandOfTheGridMakesItsErrors() async throws {
    #expect(try await run(ExplorablePart.command).end == .exit(0))
    let table = try Table(klsim.folder.text(of: "errors.csv"))
    let grid = try PageDocument(
      page: ReportPage(title: "", version: "", command: "", parts: [ExplorablePart.member()]).bytes)
    let member: [String: Any] = try grid.member("explorable")
    let worlds = try #require(member["teachers"] as? [[String: Any]])
    let students = worlds.flatMap { $0["students"] as? [[String: Any]] ?? [] }
    for name in ["head_error", "tail_error"] {
      let shown = students.flatMap { $0[name] as? [Double] ?? [] }
      let made = table.column(name).compactMap { Double($0) }
      #expect(shown.count == 12 * 2 * 25 && made.count == shown.count)
      for (own, exact) in zip(shown, made) { #expect(abs(own - exact) <= 0.0051 * exact) }
    }
    let students40 = try Table(klsim.folder.text(of: "students.csv"))
    #expect(students40.rows.count == shown(students) && students40.header.contains("q"))
  }

  /// How many probabilities of students a grid has.
  private func shown(_ students: [[String: Any]]) -> Int {
    students.reduce(0) { sum, student in
      sum + ((student["q"] as? [[Double]]) ?? []).reduce(0) { $0 + $1.count }
    }
  }

  @Test func aComparisonAsAPage() async throws {
    let name = "</script><img src=x onerror=alert(1)>'\"\u{2028}"
    let rows = (1...9).flatMap { seed in
      ["fkl,\(seed),1,0.\(seed)", "\"\(name.replacing("\"", with: "\"\""))\",\(seed),1,0.\(seed)5"]
    }
    let file = "a b'\u{2028}<b>&.csv"
    try klsim.folder.write(
      (["objective,seed,epoch,tvd"] + rows).joined(separator: "\n") + "\n", to: file)
    let arguments = ["compare", file, "--metric", "tvd", "--html", "page.html"]
    let outcome = try await klsim(arguments)
    #expect(outcome.end == .exit(0), "\(outcome.errors)")
    #expect(outcome.output.hasPrefix("metric,epoch,by,a,b,pairs,"))
    let document = try page("page.html")
    #expect(!document.text.contains("<") && !document.text.contains("\u{2028}"))
    let answer: [String: Any] = try document.member("comparison")
    let (names, cells) = try PageDocument.rows(answer["table"])
    #expect(names.prefix(5) == ["metric", "epoch", "by", "a", "b"])
    #expect(cells.count == 1 && cells[0].prefix(5) == ["tvd", "1", "objective", "fkl", name])
    #expect(cells[0].last == "fkl")

    // The command in it is one for a shell.
    let first = try klsim.folder.text(of: "page.html")
    try FileManager.default.removeItem(atPath: klsim.folder("page.html"))
    #expect(try await run(document.member("command")).output == outcome.output)
    expectSameText(try klsim.folder.text(of: "page.html"), first)
  }

  @Test func pagesThatCannotBe() async throws {
    try klsim.folder.write("objective,seed,epoch,tvd\nfkl,1,1,0.5\nrkl,1,1,0.4\n", to: "a.csv")
    let line = "compare a.csv --metric tvd --html"
    try await klsim.expectRefusal(
      Refusal("\(line) b --output b", says: "both go to", "b'"), code: 64)
    try await klsim.expectRefusal(Refusal("\(line) -", says: "both go to"), code: 64)
    try await klsim.expectRefusal(
      Refusal("\(line) a.csv", says: "a.csv: cannot be created", "it is an input"), code: 73)
    try await klsim.expectRefusal(Refusal("\(line) none/b", says: "none/b"), code: 73)
    try await klsim.expectRefusal(
      Refusal("\(line) b --by nothing", says: "there is no such column"), code: 64)
  }
}
