// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimFiles
import KLSimTestSupport
import Testing

@testable import KLSimClaims

/// Verdicts that were recorded, against those of today.
@Suite struct RecordedVerdictsTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  @Test func recordsAreReadAgain() throws {
    let findings = try HandMadeFindings.three()
    try folder.write(ClaimsTable(findings).csv, to: "claims.csv")
    let recorded = try RecordedVerdicts(folder: folder.path)
    #expect(recorded.claims == ["convergence", "fkl-is-cross-entropy", "one-minimum"])
    #expect(recorded.seeds == 5..<105)
    for finding in findings { #expect(recorded.difference(finding) == nil) }
    let stranger = try HandMadeFindings.finding(SinkhornBias()) { _ in (0, 0) }
    #expect(recorded.difference(stranger) == "sinkhorn-bias: not recorded")
  }

  /// A finding on convergence that in its source's setting and elsewhere has so many hits.
  private static func finding(published: Int, elsewhere: Int) throws -> Finding {
    try HandMadeFindings.finding(Convergence()) {
      (Convergence().isPublished($0) ? published : elsewhere, 0)
    }
  }

  /// What is to be said of a finding, where another is recorded.
  private func difference(_ finding: Finding, recorded: Finding) throws -> String? {
    try folder.write(ClaimsTable([recorded]).csv, to: "claims.csv")
    return try RecordedVerdicts(folder: folder.path).difference(finding)
  }

  @Test func eitherVerdictMayDiffer() throws {
    let all = try Self.finding(published: 100, elsewhere: 100)
    let none = try Self.finding(published: 0, elsewhere: 0)
    let there = try Self.finding(published: 100, elsewhere: 0)
    let elsewhere = try Self.finding(published: 0, elsewhere: 100)
    let unclear = try Self.finding(published: 50, elsewhere: 50)
    #expect(
      try difference(none, recorded: all)
        == "convergence: in its source's setting recorded 'holds', now 'fails'; over the grid recorded"
        + " 'holds', now 'fails': in none of 32 cells")
    #expect(
      try difference(there, recorded: all)
        == "convergence: over the grid recorded 'holds', now 'depends': \(there.boundaries[0])")
    #expect(
      try difference(elsewhere, recorded: there)
        == "convergence: in its source's setting recorded 'holds', now 'fails':"
        + " \(elsewhere.boundaries[0])")
    #expect(
      try difference(unclear, recorded: there)
        == "convergence: in its source's setting recorded 'holds', now 'depends': in none of 32 cells"
    )
    for finding in [all, none, there, elsewhere, unclear] {
      #expect(try difference(finding, recorded: finding) == nil)
    }
  }

  private static let header = "claim,verdict,published_verdict,first_seed,seeds\n"

  /// A table of such lines, none of which is quoted.
  private static func table(_ lines: String...) -> String {
    header + lines.map { $0 + "\n" }.joined()
  }

  static let refusals: [(text: String, line: Int, reason: String)] = [
    ("", 0, "empty"), (header, 0, "no row below the header"),
    ("claim,verdict,published_verdict,seeds\nx,holds,holds,1\n", 0, "needs the column first_seed"),
    // As reports of old have it.
    ("claim,verdict,first_seed,seeds\nx,holds,1,10\n", 0, "needs the column published_verdict"),
    ("claim,published_verdict,first_seed,seeds\nx,holds,1,10\n", 0, "needs the column verdict"),
    (table("x,holds,holds,1,10"), 2, "no claim 'x'"),
    (table("convergence,perhaps,holds,1,10"), 2, "'perhaps' is not a verdict"),
    (table("convergence,holds,perhaps,1,10"), 2, "'perhaps' is not a verdict"),
    (table("convergence,mixed,holds,1,10"), 2, "'mixed' is not a verdict"),
    (table("convergence,holds,chaotic,1,10"), 2, "'chaotic' is not a verdict"),
    (table("convergence,holds,,1,10"), 2, "'' is not a verdict"),
    (table("convergence,holds,holds,1,0"), 2, "not a range of seeds"),
    (table("convergence,holds,holds,-1,10"), 2, "not a range of seeds"),
    (table("convergence,holds,holds,1,18446744073709551614"), 2, "not a range of seeds"),
    (table("convergence,holds,holds,18446744073709551615,1"), 2, "not a range of seeds"),
    (
      table("convergence,holds,holds,1,10", "convergence,holds,holds,1,10"), 3, "a second time"
    ),
    (table("convergence,holds,holds,1,10", "kappa,holds,holds,2,10"), 3, "other seeds"),
    (table("convergence,holds,holds,1,10", "kappa,holds,holds,1,11"), 3, "other seeds"),
    (table("convergence,holds,holds,1"), 2, "4 fields"),
  ]

  @Test(arguments: refusals)
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
}
