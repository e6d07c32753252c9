// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimFiles
import KLSimTestSupport
import Testing

@testable import KLSimCore
@testable import KLSimClaims
@testable import KLSimStudies

/// The files of a report, written and read again.
@Suite struct ReportTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private func lines(_ bytes: [UInt8]) throws -> [[String]] {
    var reader = try CSVReader(path: folder.write(bytes, to: "lines.csv"))
    var lines: [[String]] = []
    while let record = try reader.next() { lines.append(record.fields) }
    return lines
  }

  @Test func everyFindingIsARow() throws {
    let lines = try lines(ClaimsTable(HandMadeFindings.three()).csv)
    #expect(lines[0] == ClaimsTable.columns.map(\.name))
    let rows = lines.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(lines[0], $0)) }
    func column(_ name: String) -> [String?] { rows.map { $0[name] } }
    #expect(column("claim") == ["convergence", "fkl-is-cross-entropy", "one-minimum"])
    #expect(column("kind") == ["finding", "check", "check"])
    #expect(column("verdict") == ["holds", "fails", "depends"])
    #expect(column("published_verdict") == ["holds", "fails", "depends"])
    #expect(column("cells") == ["32", "24", "36"])
    #expect(column("holds") == ["32", "0", "0"] && column("fails") == ["0", "24", "0"])
    #expect(column("mixed") == ["0", "0", "36"] && column("chaotic") == ["0", "0", "0"])
    #expect(column("published_cells") == ["6", "24", "36"])
    #expect(column("share") == ["1.0", "0.0", "0.5"])
    // SciPy: beta.ppf(.025, [100, 50], [1, 51]), beta.ppf(.975, [1, 51], [100, 50])
    #expect(column("share_low") == ["0.963783", "0.0", "0.398321"])
    #expect(column("share_high") == ["1.0", "0.0362167", "0.601679"])
    #expect(rows.allSatisfy { $0["first_seed"] == "5" && $0["seeds"] == "100" })
    #expect(column("where")[0] == "in all 32 cells" && column("where")[1] == "in none of 24 cells")
    #expect(
      column("published_case")[0]
        == "longtail, adam at 0.2, torch-uniform, objective fkl, epoch 300")
    #expect(column("published_setting")[0] == Convergence.setting)
    #expect(column("statement")[0] == Convergence.statement)
    #expect(column("source")[2] == OneMinimum.source)
  }

  /// Two verdicts that differ, and cells that have none.
  @Test func bothVerdictsAreTold() throws {
    let holding = try HandMadeFindings.finding(Convergence()) { evidence in
      Convergence().isPublished(evidence) ? (100, 0) : (0, evidence.cell.epoch == 200 ? 2 : 0)
    }
    #expect(holding.published == .holds && holding.judgement == .depends)
    let chaotic = holding.count(.chaotic)
    // One epoch of two, but for the published: bimodal and unimodal, of two objectives.
    #expect(chaotic == 32 / 2 - 4 && holding.count(.holds) == 6 && holding.count(.fails) == 14)
    let lines = try lines(ClaimsTable([holding]).csv)
    let row = Dictionary(uniqueKeysWithValues: zip(lines[0], lines[1]))
    #expect(row["published_verdict"] == "holds" && row["verdict"] == "depends")
    #expect(row["chaotic"] == "12" && row["holds"] == "6" && row["cells"] == "32")
    #expect(row["share"] == "1.0" && row["mixed"] == "0")
    let text = try ClaimsTable([holding]).markdown
    #expect(text.contains("| **holds** (6 cells) |"))
    #expect(text.contains("| **depends** (holds in 6, fails in 14, chaotic in 12 of 32 cells) |"))
  }

  /// A chaotic cell stands for a claim only if all of its source's setting are.
  @Test func chaosDoesNotStandForAClaim() throws {
    let claim = Convergence()
    func finding(_ counts: (Int) -> (hits: Int, chaotic: Int)) throws -> Finding {
      var count = -1
      return try HandMadeFindings.finding(claim) { evidence in
        guard claim.isPublished(evidence) else { return (0, 0) }
        count += 1
        return counts(count)
      }
    }
    // Of six cells one is chaotic and has the fewest hits.
    let one = try finding { place in place == 3 ? (1, 2) : (100 - place, 0) }
    #expect(one.headline.hits == 95 && one.publishedCount == 6 && one.count(.chaotic) == 1)
    #expect(one.headline.observedShare == 0.95)
    let all = try finding { place in (50 + place, 32) }
    #expect(all.headline.hits == 50 && all.published == .depends && all.count(.chaotic) == 6)
  }

  @Test func peopleReadTheSame() throws {
    let text = try ClaimsTable(HandMadeFindings.three()).markdown
    let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `") }
    #expect(rows.count == 3)
    // SciPy: beta.ppf(.025, 100, 1)
    #expect(
      rows[0].contains("| **holds** (6 cells) |") && rows[0].contains("100 % (96.38 %–100 %)"))
    #expect(rows[0].contains("| **holds** (holds in 32 of 32 cells) |"))
    #expect(rows[0].contains("| \(Convergence.setting) |"))
    #expect(rows[1].contains("| **fails** (fails in 24 of 24 cells) |"))
    #expect(rows[2].contains("| **depends** (mixed in 36 of 36 cells) |"))
    #expect(rows.allSatisfy { $0.hasSuffix("| 100 of 5–104 |") })
    // A check has one verdict, and no case that stands for it.
    #expect(rows.map { row in row.count { $0 == "|" } } == [9, 6, 6])
  }

  /// Findings come first, then where they hold, then checks; what is missing has no heading.
  @Test func findingsAndChecksHaveTheirSections() throws {
    let three = try HandMadeFindings.three()
    let all = try ClaimsTable(three).markdown
    let checks = try #require(all.range(of: "## Checks"))
    let convergence = try #require(all.range(of: "| `convergence`"))
    let identity = try #require(all.range(of: "| `fkl-is-cross-entropy`"))
    #expect(convergence.lowerBound < checks.lowerBound && checks.upperBound < identity.lowerBound)
    #expect(all.contains("two verdicts"))
    let findings = try ClaimsTable(Array(three.prefix(1))).markdown
    #expect(!findings.contains("## Checks") && findings.contains("two verdicts"))
    let theorems = try ClaimsTable(Array(three.suffix(2))).markdown
    #expect(theorems.hasPrefix("## Checks") && !theorems.contains("two verdicts"))
    for text in [all, findings, theorems] {
      #expect(text.hasSuffix("|\n") && !text.contains("\n\n\n"))
    }
    // Details are listed of what has any.
    let details = try HandMadeFindings.finding(ConvergenceFromAnywhere()) { _ in (100, 0) }
    let long = try ClaimsTable([details] + three).markdown
    let heading = try #require(long.range(of: "## Where `convergence-init` holds\n\n- "))
    #expect(
      !long.contains("## Where `convergence` holds")
        && !long.contains("## Where `one-minimum` holds"))
    #expect(heading.upperBound < (try #require(long.range(of: "## Checks"))).lowerBound)
    #expect(details.boundaries.allSatisfy { long.contains("- \($0)\n") })
  }

  /// Every table row has as many cells as its heading.
  @Test func tablesAreTables() throws {
    let text = try ClaimsTable(HandMadeFindings.three()).markdown
    var width: Int?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      guard line.hasPrefix("|") else {
        width = nil
        continue
      }
      let count = line.count { $0 == "|" }
      #expect(width == nil || width == count)
      width = count
    }
  }

  @Test func fewSeedsAreCautionedAgainst() throws {
    let few = try HandMadeFindings.finding(Convergence(), seeds: 1..<72) { _ in (71, 0) }
    #expect(try ClaimsTable([few]).markdown.hasPrefix("Fewer than 72 seeds decide nothing"))
    let enough = try HandMadeFindings.finding(Convergence(), seeds: 1..<73) { _ in (72, 0) }
    #expect(try !ClaimsTable([enough]).markdown.contains("decide nothing"))
  }

  @Test func evidenceHasTheColumnsItDeclares() throws {
    let finding = try HandMadeFindings.finding(Convergence()) { _ in (100, 0) }
    let lines = try lines(finding.table)
    #expect(lines[0] == finding.columns.map(\.name))
    #expect(lines.count == 1 + 32)
    #expect(
      lines[1].prefix(7) == ["longtail", "softmax", "adam", "0.1", "torch-uniform", "fkl", "200"])
    #expect(lines.dropFirst().allSatisfy { $0.last == "0.0" })
  }

  @Test func packagesDescribeTheirTables() throws {
    let package = DataPackage(
      name: "a-b", title: "\"q\" \\ \u{1}\n é",
      provenance: .init(version: "1", gsl: "2", command: "c"),
      resources: [
        .init(
          path: "t.csv", summary: "s",
          columns: [Column("n", .integer, "i"), Column("x", .number, "j"), Column("t", .text, "k")])
      ])
    let json = try #require(
      try JSONSerialization.jsonObject(with: Data(package.text.utf8)) as? [String: Any])
    #expect(json["name"] as? String == "a-b")
    #expect(json["title"] as? String == "\"q\" \\ \u{1}\n é")
    let resources = try #require(json["resources"] as? [[String: Any]])
    #expect(resources.count == 1 && resources[0]["name"] as? String == "t")
    let schema = try #require(resources[0]["schema"] as? [String: Any])
    let fields = try #require(schema["fields"] as? [[String: String]])
    #expect(fields.map { $0["name"] } == ["n", "x", "t"])
    #expect(fields.map { $0["type"] } == ["integer", "number", "string"])
    #expect(fields.map { $0["description"] } == ["i", "j", "k"])
  }
}

/// Exhibits are runs that can be had one by one.
@Suite struct ExhibitTests {
  @Test(arguments: [1, 5]) func tablesHaveTheColumnsTheyDeclare(jobs: Int) async throws {
    for exhibit in ExhibitCatalog.exhibits(seeds: 3..<5) {
      let (columns, bytes) = try await exhibit.table(jobs: jobs)
      let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
      #expect(lines[0] == columns.map(\.name).joined(separator: ","))
      #expect(lines.count > 100)
      #expect(try await exhibit.table(jobs: 3).bytes == bytes)
    }
    #expect(ExhibitCatalog.exhibits(seeds: 1..<2).map(\.name) == ExhibitCatalog.names)
  }

  /// The six panels start from successive draws of one stream.
  @Test func panelsOfModesShareAStream() throws {
    let exhibit = try #require(
      ExhibitCatalog.exhibits(seeds: 1..<2).first { $0.name == "paper-modes" })
    let starts = try exhibit.studies.map { study in
      let setup = try study.setups()[0]
      return try setup.initialization.component.logits(
        for: setup.teacher.distribution(seed: 1), seed: 1)
    }
    let whole = try Catalog.initialization("torch-uniform").component.logits(
      for: Catalog.teacher("uniform:size=300").distribution(seed: 1), seed: 1)
    #expect(starts.count == 6 && starts.flatMap(\.self) == whole)
  }
}
