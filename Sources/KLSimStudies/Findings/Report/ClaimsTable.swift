// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore
internal import KLSimFiles
internal import KLSimNumerics

/// The findings in one table: for programs as CSV, for people as Markdown.
public struct ClaimsTable: Sendable {
  private let findings: [Finding]

  /// The table of findings, in order.
  public init(_ findings: [Finding]) {
    self.findings = findings
  }

  /// The columns of the CSV.
  public static let columns = [
    Column("claim", .text, "identifier of the claim"),
    Column("statement", .text, "what is claimed"),
    Column("source", .text, "who claims it"),
    Column("verdict", .text, "holds or fails: in every cell that the claim covers; else depends"),
    Column("where", .text, "where it holds, in words"),
    Column("cells", .integer, "number of cells that the claim covers"),
    Column(
      "holds", .integer,
      "number of cells whose share of seeds is at least 0.95 with 95 % confidence"),
    Column("mixed", .integer, "number of cells in between"),
    Column(
      "fails", .integer, "number of cells whose share of seeds is at most 0.05 with 95 % confidence"
    ),
    Column(
      "published_case", .text,
      "the least favourable cell: of the published condition, or of all where none is published"),
    Column("share", .number, "share of seeds for which the claim holds there"),
    Column("share_low", .number, "lower end of the share's 95 % Clopper-Pearson interval"),
    Column("share_high", .number, "upper end of it"),
    Column("first_seed", .integer, "the first seed"),
    Column("seeds", .integer, "number of seeds"),
  ]

  /// The table as CSV.
  public var csv: [UInt8] {
    CSVTable.text(
      Self.columns,
      rows: findings.map { finding in
        let claim = type(of: finding.claim)
        let headline = finding.headline
        return [
          claim.name, claim.statement, claim.source, finding.judgement.rawValue,
          finding.boundaries[0],
        ]
          + [
            Verdict.allCases.map { finding.count($0) }.reduce(0, +), finding.count(.holds),
            finding.count(.mixed), finding.count(.fails),
          ].map(\.description) + [
            finding.headlineInWords, digits(headline.observedShare), digits(headline.share.low),
            digits(headline.share.high), finding.seeds.lowerBound.description,
            finding.seeds.count.description,
          ]
      })
  }

  /// The table as Markdown, with the details below.
  ///
  /// - Throws: `StatisticsError` if GSL cannot say how many seeds decide something.
  public var markdown: String {
    get throws {
      try caution + table
    }
  }

  /// What is to be said of too few seeds, as a paragraph.
  private var caution: String {
    get throws {
      guard let fewest = findings.map(\.seeds.count).min(),
        let caution = try Verdict.caution(seeds: fewest)
      else { return "" }
      return caution.prefix(1).uppercased() + caution.dropFirst() + ".\n\n"
    }
  }

  private var table: String {
    var lines = [
      "| claim | source | verdict | where it holds | published, or least favourable case: share of seeds (95 % interval)"
        + " | seeds |",
      "|---|---|---|---|---|---|",
    ]
    for finding in findings {
      let claim = type(of: finding.claim)
      let share = finding.headline.share
      let interval =
        "\(percent(finding.headline.observedShare)) (\(percent(share.low))–\(percent(share.high)))"
      let cells = [
        "`\(claim.name)`: \(claim.statement)", claim.source, "**\(finding.judgement.rawValue)**",
        finding.boundaries[0], "\(finding.headlineInWords): \(interval)",
        "\(finding.seeds.lowerBound)–\(finding.seeds.upperBound - 1)",
      ]
      lines.append("| " + cells.joined(separator: " | ") + " |")
    }
    for finding in findings where finding.boundaries.count > 1 {
      lines += ["", "## `\(type(of: finding.claim).name)` holds", ""]
      lines += finding.boundaries.map { "- \($0)" }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension Finding {
  /// Which cell the headline is.
  var headlineInWords: String {
    let cell = zip(type(of: claim).cellColumns, headline.cell).map { "\($0.name) \($1)" }
    return ([headline.condition.words] + cell).joined(separator: ", ")
  }

  /// The table of all evidence.
  public var table: [UInt8] { CSVTable.text(columns, rows: evidence.map(\.fields)) }

  /// The columns of that table.
  public var columns: [Column] {
    let claim = type(of: claim)
    return Evidence.columns(cells: claim.cellColumns, quantity: claim.quantity)
  }
}
