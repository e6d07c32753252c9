// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimCore
import KLSimTestSupport
import Testing

/// Answers for programs: one JSON document each.
@Suite struct MachineOutputEndToEndTests {
  let klsim: CommandUnderTest

  init() throws {
    klsim = try CommandUnderTest()
  }

  /// The document that a command writes to standard output.
  private func document(_ line: String) async throws -> [String: Any] {
    let outcome = try await klsim(line)
    #expect(outcome.end == .exit(0), "\(outcome.errors)")
    return try parsed(outcome.output)
  }

  private func parsed(_ text: String) throws -> [String: Any] {
    let object = try JSONSerialization.jsonObject(with: Data(text.utf8))
    return try #require(object as? [String: Any])
  }

  @Test(arguments: [
    ("list heads exhibits --format json", "list.json", "list"),
    ("list tokens --teacher markov:text=alice:size=6 --format json", "tokens.json", "tokens"),
    ("gradient --teacher zipf:size=3 --format json --quiet", "gradient.json", "gradient"),
    (
      "--teacher zipf:size=6 --seeds 8 --epochs 2 --record 2 --learning-rate 0.1,0.2 --head count=1"
        + " --metric top1 --format json",
      "run-summary.json", "run-summary"
    ),
    (
      "sequence --signal seq-rkl,seq-fkl --epochs 2 --seeds 2 --format json",
      "sequence-summary.json", "sequence-summary"
    ),
    ("estimate --signal seqkd --format json", "estimate.json", "estimate"),
    (
      "reproduce fkl-is-cross-entropy --seeds 20 --format json --quiet", "verdicts.json", "verdicts"
    ),
  ])
  func documents(line: String, file: String, kind: String) async throws {
    let outcome = try await klsim(line)
    #expect(outcome.end == .exit(0), "\(outcome.errors)")
    try Golden(file).expectNumbers(outcome.output)
    try expectDescribed(try parsed(outcome.output), as: kind)
  }

  /// Expects a document that says what it is, and whose fields the documentation names.
  private func expectDescribed(_ document: [String: Any], as kind: String) throws {
    #expect(document["format"] as? String == "klsim/\(kind)")
    #expect(document["version"] as? Int == 1)
    let sections = try Golden(article: "MachineOutput.md").text.split(separator: "\n## ")
    let section = try #require(sections.first { $0.hasPrefix("klsim/\(kind)\n") })
    for field in document.keys where !["format", "version"].contains(field) {
      #expect(section.contains("`\(field)`"), "\(field)")
    }
  }

  @Test func comparisons() async throws {
    let runs = try await klsim(
      "--teacher zipf:size=6 --seeds 4 --epochs 2 --record 1,2 --output runs.csv --quiet")
    #expect(runs.end == .exit(0), "\(runs.errors)")
    let line = "compare runs.csv --format json"
    let outcome = try await klsim(line)
    try Golden("comparison.json").expectNumbers(outcome.output)
    try expectDescribed(try parsed(outcome.output), as: "comparison")
    // A document is that of the table, and may go to a file.
    let rows = try #require(try parsed(outcome.output)["rows"] as? [[String: Any]])
    let table = try Table(try await klsim("compare runs.csv --format csv").output)
    #expect(rows.map { $0["leads"] as? String } == table.rows.map { $0["leads"] })
    _ = try await klsim("\(line) --output answer.json")
    #expect(try klsim.folder.text(of: "answer.json") == outcome.output)
  }

  @Test func sweepEstimates() async throws {
    try klsim.folder.write("teacher: zipf:size=8\nseeds: 3\nepochs: 4\n", to: "study.yaml")
    let estimate = try await document(
      "sweep study.yaml --dry-run --format json --jobs 2 --memory 2GB")
    try expectDescribed(estimate, as: "sweep-estimate")
    #expect(estimate["runs"] as? Int == 6)
    #expect(estimate["rows"] as? Double == 30)
    #expect(estimate["memory_limit"] as? Double == 2e9)
    // As counts are written: without a point.
    let text = try await klsim("sweep study.yaml --dry-run --format json --memory 1.5kB").output
    #expect(text.contains(/"rows": 30,\s+"bytes": [0-9]+,/), "\(text)")
    #expect(text.contains(/"memory": [0-9]+,\s+"memory_limit": 1500,/), "\(text)")
    let memory = try #require(estimate["memory"] as? Double)
    #expect(memory > 1e6 && memory < 2e9)
  }

  /// Every name that people are told, programs are.
  @Test func listsHaveEveryName() async throws {
    let kinds = try #require(try await document("list --format json")["kinds"] as? [[String: Any]])
    let listed = try await klsim("list").output
    #expect(
      kinds.compactMap { ($0["plural"] as? String)?.uppercased() }
        == listed.split(separator: "\n").filter { !$0.hasPrefix(" ") }.map(String.init))
    for kind in kinds {
      let items = try #require(kind["items"] as? [[String: Any]])
      #expect(!items.isEmpty)
      for item in items {
        let name = try #require(item["name"] as? String)
        #expect(listed.contains("\n  \(name)  "), "\(name)")
      }
    }
    let objectives = try #require(kinds.first { $0["kind"] as? String == "objective" })
    let items = try #require(objectives["items"] as? [[String: Any]])
    let rkl = try #require(items.first { $0["name"] as? String == "rkl" })
    #expect((rkl["aliases"] as? [String])?.contains("reverse-kl") == true)
    let parameters = try #require(rkl["parameters"] as? [[String: Any]])
    #expect(parameters.contains { $0["name"] as? String == "temperature" })
  }

  /// Records and summary come from one run, and quiet keeps the summary that was asked for.
  @Test func recordsGoToTheirFileBesideASummary() async throws {
    let options = "--teacher zipf:size=6 --epochs 2"
    let outcome = try await klsim("\(options) --output runs.jsonl --format json --quiet")
    #expect(outcome.end == .exit(0) && outcome.errors.isEmpty, "\(outcome.errors)")
    let tables = try #require(try parsed(outcome.output)["tables"] as? [[String: Any]])
    let rows = try #require(tables.first?["rows"] as? [[String: Any]])
    let arrival = try #require(rows.last)
    #expect(arrival["metric"] as? String == "convergence_epoch")
    #expect(arrival["medians"] as? [String: String] == ["fkl": "inf", "rkl": "inf"])
    #expect(
      try klsim.folder.text(of: "runs.jsonl")
        == (try await klsim("\(options) --format jsonl --quiet").output))
  }

  /// What is not finite is a text, so that the document stays JSON.
  @Test func numbersThatAreNotFiniteAreTexts() async throws {
    let line =
      "--teacher zipf:size=6 --optimizer sgd:momentum=0.9 --learning-rate 1e308 --epochs 20 --format json"
    let document = try await document(line)
    #expect(document["diverged"] as? Int == document["runs"] as? Int)
    #expect((document["warnings"] as? [String])?.last?.contains("infinite or not a number") == true)
  }

  @Test func checksTellDifferences() async throws {
    let claim = "fkl-is-cross-entropy"
    let options = "--quiet --format json"
    let written = try await klsim(
      "reproduce \(claim) --seeds 20 --output report --no-figures \(options)")
    #expect(written.end == .exit(0), "\(written.errors)")
    let same = try await document("reproduce --check report \(options)")
    #expect((same["differences"] as? [String])?.isEmpty == true)
    try expectDescribed(same, as: "verdicts")
    let claims = try klsim.folder.text(of: "report/claims.csv")
    try klsim.folder.write(
      claims.replacing(",depends,", with: ",fails,", maxReplacements: 1), to: "report/claims.csv")
    let outcome = try await klsim("reproduce --check report \(options)")
    #expect(outcome.end == .exit(1))
    let differences = try #require(try parsed(outcome.output)["differences"] as? [String])
    #expect(differences.count == 1 && differences[0].hasPrefix("\(claim): "))
    #expect(outcome.errors.contains(differences[0]))
  }

  @Test(arguments: [
    Refusal(
      "--format json --output -", says: "--format json writes the summary to standard output"),
    Refusal(
      "--snapshots 0 --snapshot-output - --format json",
      says: "--format json writes the summary to standard output"),
    Refusal("sequence --format json --output -", says: "give other results a file"),
    Refusal("compare runs.csv --table --format json", says: "exclude each other"),
    Refusal("list --format xml", says: "xml"),
    Refusal("gradient --format xml", says: "unknown format 'xml'; known: csv, jsonl, json"),
  ])
  func isRefused(refusal: Refusal) async throws {
    try await klsim.expectRefusal(refusal, code: 64)
  }

  @Test func sweepsHaveTablesAlone() async throws {
    try klsim.folder.write("epochs: 1\n", to: "study.yaml")
    let outcome = try await klsim("sweep study.yaml --output s --format json")
    #expect(outcome.end == .exit(64))
    #expect(outcome.errors.contains("for the tables give --format csv or jsonl"))
    let sweep = try await klsim("sweep study.yaml --output s --quiet")
    #expect(sweep.end == .exit(0), "\(sweep.errors)")
    try expectDescribed(try await document("status s --format json"), as: "status")
  }
}
