// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimFiles
import KLSimTestSupport
import Testing

@testable import KLSimCore
@testable import KLSimStudies

/// The files of a report, written and read again.
@Suite struct ReportTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  /// Findings on claims of the catalog of which each cell has so many hits.
  private static func finding(
    _ claim: any Claim, hits: Int, seeds: Range<UInt64> = 5..<105
  ) throws -> Finding {
    Finding(
      claim, seeds: seeds,
      evidence: try claim.trials().flatMap { trial in
        try trial.cells.map {
          try evidence($0, condition: trial.condition, hits: hits, of: seeds.count)
        }
      })
  }

  private static func findings() throws -> [Finding] {
    [
      try finding(Convergence(), hits: 100), try finding(CrossEntropyIdentity(), hits: 0),
      try finding(OneMinimum(), hits: 50),
    ]
  }

  private func lines(_ bytes: [UInt8]) throws -> [[String]] {
    var reader = try CSVReader(path: folder.write(bytes, to: "lines.csv"))
    var lines: [[String]] = []
    while let record = try reader.next() { lines.append(record.fields) }
    return lines
  }

  @Test func everyFindingIsARow() throws {
    let lines = try lines(ClaimsTable(Self.findings()).csv)
    #expect(lines[0] == ClaimsTable.columns.map(\.name))
    let rows = lines.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(lines[0], $0)) }
    #expect(
      rows.map { $0["claim"] } == ["convergence", "fkl-is-cross-entropy", "one-minimum"])
    #expect(rows.map { $0["verdict"] } == ["holds", "fails", "depends"])
    #expect(
      rows.map { $0["cells"] }
        == rows.map { $0[$0["verdict"] == "depends" ? "mixed" : $0["verdict"] ?? ""] })
    #expect(rows.map { $0["share"] } == ["1.0", "0.0", "0.5"])
    #expect(rows.allSatisfy { $0["first_seed"] == "5" && $0["seeds"] == "100" })
    #expect(rows[0]["where"] == "in all 16 cells" && rows[1]["where"] == "in none of 24 cells")
    #expect(rows[0]["published_case"] == "longtail, adam at 0.1, torch-uniform, objective fkl")
  }

  @Test func peopleReadTheSame() throws {
    let text = try ClaimsTable(Self.findings()).markdown
    let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `") }
    #expect(rows.count == 3)
    // SciPy: beta.ppf(.025, [100, 50], [1, 51]), beta.isf(.025, 51, 50)
    #expect(rows[0].contains("**holds**") && rows[0].contains("100 % (96.38 %–100 %)"))
    #expect(rows[2].contains("**depends**") && rows[2].contains("50 % (39.83 %–60.17 %)"))
    #expect(rows.allSatisfy { $0.count { $0 == "|" } == 7 && $0.contains("| 5–104 |") })
    // Details are listed of what has any.
    #expect(text.contains("## `one-minimum` holds") && !text.contains("## `convergence` holds"))
  }

  @Test func evidenceHasTheColumnsItDeclares() throws {
    let finding = try Self.finding(Convergence(), hits: 100)
    let lines = try lines(finding.table)
    #expect(lines[0] == finding.columns.map(\.name))
    #expect(lines.count == 1 + 16)
    #expect(lines[1].prefix(6) == ["longtail", "softmax", "adam", "0.1", "torch-uniform", "fkl"])
  }

  @Test func recordsAreReadAgain() throws {
    try folder.write(ClaimsTable(Self.findings()).csv, to: "claims.csv")
    let recorded = try RecordedVerdicts(folder: folder.path)
    #expect(recorded.claims == ["convergence", "fkl-is-cross-entropy", "one-minimum"])
    #expect(recorded.seeds == 5..<105)
    for finding in try Self.findings() { #expect(recorded.difference(finding) == nil) }
    let other = try #require(recorded.difference(Self.finding(Convergence(), hits: 0)))
    #expect(other == "convergence: recorded 'holds', now 'fails': in none of 16 cells")
    let stranger = try recorded.difference(Self.finding(NoModeDropping(), hits: 0))
    #expect(stranger == "no-mode-dropping: not recorded")
  }

  static let header = "claim,verdict,first_seed,seeds\n"

  @Test(arguments: [
    ("", 0, "empty"), (header, 0, "no claim below the header"),
    ("claim,verdict,seeds\nx,holds,1\n", 1, "no column 'first_seed'"),
    (header + "x,holds,1,10\n", 2, "no claim 'x'"),
    (header + "convergence,perhaps,1,10\n", 2, "'perhaps' is no verdict"),
    (header + "convergence,mixed,1,10\n", 2, "'mixed' is no verdict"),
    (header + "convergence,holds,1,0\n", 2, "no range of seeds"),
    (header + "convergence,holds,-1,10\n", 2, "no range of seeds"),
    (header + "convergence,holds,1,18446744073709551614\n", 2, "no range of seeds"),
    (header + "convergence,holds,18446744073709551615,1\n", 2, "no range of seeds"),
    (header + "convergence,holds,1,10\nconvergence,holds,1,10\n", 3, "a second time"),
    (header + "convergence,holds,1,10\none-minimum,holds,2,10\n", 3, "other seeds"),
    (header + "convergence,holds,1\n", 2, "3 fields"),
  ])
  func recordsThatAreNoneAreRefused(text: String, line: Int, reason: String) throws {
    let path = try folder.write(text, to: "claims.csv")
    let error = #expect(throws: InputError.self) { try RecordedVerdicts(folder: folder.path) }
    guard case .malformed(path, line, let actual) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(actual.contains(reason))
  }

  @Test func noRecordsAreMissing() throws {
    let missing = folder("no")
    #expect(throws: InputError.missing(path: missing + "/claims.csv")) {
      try RecordedVerdicts(folder: missing)
    }
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
    for exhibit in try ExhibitCatalog.exhibits(seeds: 3..<5) {
      let bytes = try await exhibit.table(jobs: jobs)
      let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
      #expect(lines[0] == exhibit.columns.map(\.name).joined(separator: ","))
      #expect(lines.count > 100)
      #expect(try await exhibit.table(jobs: 3) == bytes)
    }
    #expect(try ExhibitCatalog.exhibits(seeds: 1..<2).map(\.name) == ExhibitCatalog.names)
  }

  /// The six panels start from successive draws of one stream.
  @Test func panelsOfModesShareAStream() throws {
    let exhibit = try #require(
      try ExhibitCatalog.exhibits(seeds: 1..<2).first { $0.name == "paper-modes" })
    let starts = try exhibit.grids.map { grid in
      let setup = grid.setups[0]
      return try setup.initialization.component.logits(
        for: setup.teacher.distribution(seed: 1), seed: 1)
    }
    let whole = try Catalog.initialization("torch-uniform").component.logits(
      for: Catalog.teacher("uniform:size=300").distribution(seed: 1), seed: 1)
    #expect(starts.count == 6 && starts.flatMap(\.self) == whole)
  }
}
