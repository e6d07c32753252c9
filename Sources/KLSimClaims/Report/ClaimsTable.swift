// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimStudies
package import KLSimCore
package import KLSimFiles
internal import KLSimNumerics

/// The table of findings, as CSV for programs and as Markdown for people.
package struct ClaimsTable: Sendable {
  private let findings: [Finding]

  package init(_ findings: [Finding]) {
    self.findings = findings
  }

  /// The columns of the CSV.
  package static let columns = [
    Column(key: "claim", .text, "identifier of the claim"),
    Column("statement", .text, "what is claimed"),
    Column("source", .text, "who claims it"),
    Column(
      "verdict", .text,
      "over the grid: holds or fails in every cell that the claim covers, chaotic ones left out; else"
        + " depends"),
    Column("where", .text, "where it holds, in words: the source's setting first"),
    Column("cells", .integer, "number of cells that the claim covers"),
    Column(
      "holds", .integer,
      "number of cells whose share of seeds is at least 0.95 with 95 % confidence"),
    Column("mixed", .integer, "number of cells in between, or undecided by their seeds"),
    Column(
      "fails", .integer, "number of cells whose share of seeds is at most 0.05 with 95 % confidence"
    ),
    Column("published_case", .text, "the least favourable cell of the source's setting"),
    Column("share", .number, "share of seeds for which the claim holds there"),
    Column("share_low", .number, "lower end of the share's 95 % Clopper-Pearson interval"),
    Column("share_high", .number, "upper end of it"),
    Column("first_seed", .integer, "the first seed"),
    Column("seeds", .integer, "number of seeds that a cell has at most"),
    Column(
      "published_verdict", .text,
      "in the source's own setting: holds or fails in every cell of it, chaotic ones left out; else"
        + " depends"),
    Column("published_setting", .text, "the setting in which the source makes the statement"),
    Column("published_cells", .integer, "number of cells of that setting"),
    Column(
      "chaotic", .integer, "number of covered cells whose runs hang on the last digit of the start"),
    Column(
      "kind", .text, "finding: could have come out otherwise; check: of a theorem or an identity"),
  ]

  /// The table as CSV.
  package var csv: [UInt8] { RowFormat.csv.table(Self.columns, rows: findings.map(Self.values)) }

  /// The table for programs, with all that is said of where claims hold.
  package var members: [(key: String, value: JSON)] {
    let claims = findings.map { finding in
      JSON.object(
        JSON.members(Self.columns, Self.values(finding))
          + [("boundaries", JSON(finding.boundaries))])
    }
    return [("claims", .array(claims))]
  }

  private static func values(_ finding: Finding) -> [Value] {
    let claim = type(of: finding.claim)
    let headline = finding.headline
    let counts = [finding.cellCount] + [.holds, .mixed, .fails].map { finding.count($0) }
    let shares = [headline.observedShare, headline.share.low, headline.share.high]
    return [
      .text(claim.name), .text(claim.statement), .text(claim.source),
      .text(finding.judgement.rawValue), .text(finding.boundaries[0]),
    ] + counts.map { Value($0) } + [.text(headline.words)]
      + shares.map { .number(rounded($0)) } + [
        Value(finding.seeds.lowerBound), Value(finding.seeds.count),
        .text(finding.published.rawValue), .text(claim.setting),
        Value(finding.publishedCount), Value(finding.count(.chaotic)),
        .text(claim.kind.rawValue),
      ]
  }

  /// The table as Markdown, with the details below.
  ///
  /// - Throws: `StatisticsError` if GSL fails.
  package var markdown: String {
    get throws {
      let kinds = Dictionary(grouping: findings) { type(of: $0.claim).kind }
      let (findings, checks) = (kinds[.finding] ?? [], kinds[.check] ?? [])
      let parts =
        (findings.isEmpty ? [] : [Self.legend, Self.table(findings), Self.boundaries(findings)])
        + (checks.isEmpty ? [] : [Self.checks(checks)])
      return try ([caution ?? ""] + parts).filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
    }
  }

  /// The warning of too few seeds as a sentence; nil if there are enough.
  ///
  /// - Throws: `StatisticsError` if GSL fails.
  package var caution: String? {
    get throws {
      guard let fewest = findings.map(\.seeds.count).min(),
        let caution = try Verdict.caution(seeds: fewest)
      else { return nil }
      return caution.prefix(1).uppercased() + caution.dropFirst() + "."
    }
  }

  private static let legend =
    "Every claim has two verdicts: in the setting in which its source makes it, and over the whole grid"
    + " of teachers, optimizers, starts, cuts and epochs. A claim that holds in its source's setting and"
    + " *depends* over the grid is true there, and the text says where it ends. A chaotic cell, whose"
    + " runs change when their start moves by one unit in the last place, is left out of both verdicts."
    + " Shares are of seeds, with 95 % intervals, in the least favourable cell of the source's setting."
    + " Where a source has no experiment that could be repeated here, its setting is chosen here and says"
    + " so. A cell that its seeds leave undecided counts as mixed."

  private static func table(_ findings: [Finding]) -> String {
    let header = [
      "claim", "source", "source's setting", "verdict there", "least favourable case there",
      "verdict over the grid", "where it holds", "seeds",
    ]
    return markdown(header, findings) { finding, claim in
      [
        claim.source, claim.setting,
        "**\(finding.published.rawValue)** (\(publishedCounts(finding)))",
        "\(finding.headline.words): \(interval(finding))",
      ]
    }
  }

  private static func boundaries(_ findings: [Finding]) -> String {
    findings.filter { $0.boundaries.count > 1 }.map { finding in
      "## Where `\(type(of: finding.claim).name)` holds\n\n"
        + finding.boundaries.map { "- \($0)" }.joined(separator: "\n")
    }.joined(separator: "\n\n")
  }

  private static func checks(_ checks: [Finding]) -> String {
    "## Checks\n\nTheorems, which cannot come out otherwise: they show that klsim computes them.\n\n"
      + markdown(["check", "source", "verdict", "where it holds", "seeds"], checks) { [$1.source] }
  }

  private static func interval(_ finding: Finding) -> String {
    let share = finding.headline.share
    return
      "\(percent(finding.headline.observedShare)) (\(percent(share.low))–\(percent(share.high)))"
  }

  private static func publishedCounts(_ finding: Finding) -> String {
    let chaotic = finding.publishedChaoticCount
    let cells = finding.publishedCount == 1 ? "1 cell" : "\(finding.publishedCount) cells"
    return chaotic == 0 ? cells : "\(cells), \(chaotic) of them chaotic"
  }

  private static func counts(_ finding: Finding) -> String {
    Verdict.allCases.filter { finding.count($0) > 0 }.map {
      "\($0.rawValue) in \(finding.count($0))"
    }.joined(separator: ", ") + " of \(finding.cellCount) cells"
  }

  private static func seeds(_ finding: Finding) -> String {
    let used = finding.usedSeeds
    let counts =
      used.lowerBound == used.upperBound
      ? "\(used.lowerBound)" : "\(used.lowerBound) to \(used.upperBound)"
    return "\(counts) of \(finding.seeds.lowerBound)–\(finding.seeds.upperBound - 1)"
  }

  /// A Markdown table of the claim, some columns of its own, the verdict over the grid and the seeds.
  private static func markdown(
    _ header: [String], _ findings: [Finding],
    _ details: (_ finding: Finding, _ claim: any Claim.Type) -> [String]
  ) -> String {
    let rows = findings.map { finding in
      let claim = type(of: finding.claim)
      return ["`\(claim.name)`: \(claim.statement)"] + details(finding, claim) + [
        "**\(finding.judgement.rawValue)** (\(counts(finding)))", finding.boundaries[0],
        seeds(finding),
      ]
    }
    return ([header, header.map { _ in "---" }] + rows).map {
      "| \($0.joined(separator: " | ")) |"
    }.joined(separator: "\n")
  }
}
