// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimTestSupport
import Testing

/// Whole outputs against recorded ones: the formats that users rely on.
@Suite struct GoldenEndToEndTests {
  let klsim: CommandUnderTest

  init() throws {
    klsim = try CommandUnderTest()
  }

  @Test func records() async throws {
    let outcome = try await klsim(
      "--teacher longtail:size=10,dirichlet:size=6 --objective fkl,akl:mu=0.8"
        + " --optimizer adam,sgd:momentum=0.9 --seeds 2 --epochs 3 --record 0,1,3"
        + " --head mass=0.5,count=3,rank=1 --metric top1,js,log-ratio --quiet")
    #expect(outcome.end == .exit(0))
    #expect(outcome.errors.isEmpty)
    try Golden("records.csv").expectTable(outcome.output)
  }

  @Test func snapshots() async throws {
    let outcome = try await klsim(
      "--teacher longtail:size=6,bimodal:size=5 --objective fkl,mix:lambda=0.9"
        + " --init normal:sigma=3 --epochs 4 --snapshots 0,2,4 --snapshot-output snapshots.csv"
        + " --output records.csv --quiet")
    #expect(outcome.end == .exit(0))
    #expect(outcome.output.isEmpty)
    try Golden("snapshots.csv").expectTable(klsim.folder.text(of: "snapshots.csv"))
  }

  @Test func gradient() async throws {
    try klsim.folder.write("0.15\n0.5\n0.05\n0.3\n", to: "p.csv")
    let outcome = try await klsim("gradient --objective jeffreys --teacher-file p.csv --quiet")
    #expect(outcome.end == .exit(0))
    try Golden("gradient.csv").expectTable(outcome.output)
  }

  @Test func points() async throws {
    let outcome = try await klsim(
      "points --points 5 --vocabulary 3 --kinds random,extreme,near,long-tail,zeros")
    #expect(outcome.end == .exit(0))
    try Golden("points.csv").expectTable(outcome.output)
  }

  @Test(
    arguments: [
      ("--help", "help.txt"), ("run --help", "help-run.txt"),
      ("gradient --help", "help-gradient.txt"), ("sequence --help", "help-sequence.txt"),
      ("estimate --help", "help-estimate.txt"), ("list --help", "help-list.txt"),
      ("plot --help", "help-plot.txt"), ("sweep --help", "help-sweep.txt"),
      ("status --help", "help-status.txt"), ("merge --help", "help-merge.txt"),
      ("compare --help", "help-compare.txt"), ("reproduce --help", "help-reproduce.txt"),
      ("points --help", "help-points.txt"), ("identify --help", "help-identify.txt"),
      ("list", "list.txt"),
    ])
  func text(line: String, file: String) async throws {
    let outcome = try await klsim(line)
    #expect(outcome.end == .exit(0))
    #expect(outcome.errors.isEmpty)
    try Golden(file).expectText(outcome.output)
  }

  /// The documentation's catalogs are those of the command, after an introduction.
  @Test(arguments: [
    ("CatalogOfObjectives.md", "objectives"),
    ("CatalogOfSequences.md", "worlds sequence-students sequence-objectives signals"),
  ])
  func catalogs(article: String, kinds: String) async throws {
    let outcome = try await klsim("list \(kinds) --verbose")
    #expect(outcome.end == .exit(0))
    let golden = Golden(article: article)
    let introduction = try #require(try golden.text.split(separator: "```text\n").first)
    // One kind needs no heading.
    let items = kinds.contains(" ") ? outcome.output : String(outcome.output.trimmingPrefix(/.*\n/))
    try golden.expectText("\(introduction)```text\n\(items)```\n")
  }

  @Test func listOfOneKindIsAPartOfTheWhole() async throws {
    let whole = try await klsim("list").output
    let kinds = [
      "teachers", "students", "objectives", "optimizers", "schedules", "inits", "heads", "metrics",
      "worlds", "sequence-students", "sequence-objectives", "signals", "claims", "exhibits",
    ]
    var parts: [String] = []
    for kind in kinds { parts.append(try await klsim("list \(kind)").output) }
    expectSameText(parts.joined(separator: "\n"), whole)
    let two = try await klsim("list metrics objectives").output
    expectSameText(two, "\(parts[7])\n\(parts[2])")
    expectSameText(try await klsim("list teacher").output, parts[0])
  }

  @Test func versionNamesKlsimAndGSL() async throws {
    let outcome = try await klsim("--version")
    #expect(outcome.end == .exit(0))
    let pattern = #/klsim \d+\.\d+\.\d+ \(GSL \d+\.\d+(\.\d+)?\)\n/#
    #expect(outcome.output.wholeMatch(of: pattern) != nil, "\(outcome.output)")
  }
}
