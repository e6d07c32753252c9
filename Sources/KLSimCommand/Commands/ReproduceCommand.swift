// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import KLSimFiles
internal import KLSimNumerics
internal import KLSimClaims
internal import KLSimStudies

/// Puts claims of the literature to the test.
struct ReproduceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reproduce",
    abstract: "Put claims of the literature to the test: verdicts, evidence, figures.",
    discussion: """
      Claims: \(ClaimCatalog.claims.map { $0.name }.joined(separator: ", ")).
      Exhibits, which are shown without a verdict: \
      \(ExhibitCatalog.names.joined(separator: ", ")).

      Every claim is a predicate that is put to each seed in many cells: conditions, epochs, cuts, \
      objectives. A cell holds if the share of seeds is at least 0.95 with 95 % confidence \
      (Clopper-Pearson interval), fails if it is at most 0.05, and is mixed otherwise. It is \
      chaotic, and has no verdict, if more than 5 % of its runs change when their start changes in \
      the last digit. A claim has two verdicts, one in the setting in which its source makes it and \
      one over all cells that it covers: it holds or fails if all these cells do, and depends \
      otherwise. A condition gets 128 seeds, and 256 if a cell of it is still undecided with 99.5 % \
      confidence; from there on seeds double, up to --seeds, where a verdict hangs on an undecided \
      cell.

      Without --output and --check the verdicts go to standard output; with --format json always. \
      'klsim list claims' tells what each claim says and who says it.
      """)

  @Argument(
    help: ArgumentHelp(
      "Claims and exhibits. (default: all; with --check those recorded)", valueName: "name"))
  var names: [String] = []

  @Option(
    help: ArgumentHelp(
      "Folder for claims.csv, claims.md, index.html, the evidence, figures and datapackage.json.",
      valueName: "folder"))
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Folder of an earlier report: compare with its verdicts and write nothing; exit code 1 if one"
        + " differs.",
      valueName: "folder"))
  var check: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The first seed. (default: 1; with --check the one recorded)", valueName: "s"))
  var seed: UInt64?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How many seeds. (default: 1000; with --check as many as recorded)", valueName: "n"))
  var seeds: Int?

  @OptionGroup var jobs: JobOptions

  @Flag(
    help: ArgumentHelp(
      "Go on with an interrupted run in the folder of --output: claims that it has finished with the same"
        + " seeds are not computed again."))
  var resume = false

  @Flag(name: .customLong("no-figures"), help: "No figures, for which gnuplot is needed.")
  var isWithoutFigures = false

  @Option(
    help: ArgumentHelp(
      "How the verdicts on standard output are written: text, Markdown for people, or json, for programs.",
      valueName: "format"))
  var format = AnswerFormat.text

  @Flag(help: "No progress; warnings and errors still appear.")
  var quiet = false

  func run() async throws {
    let plan = try ReproducePlan(self)
    let folder = try output.map { path throws(OutputError) in try ReportFolder(path) }
    try warnOfTooFewSeeds(plan)
    let journal = try folder.map { try ReproduceJournal(of: $0, plan, resumes: resume) }
    let findings = try await findings(plan, journal)
    let table = ClaimsTable(findings)
    let differences = plan.recorded.map { findings.compactMap($0.difference) }
    if let folder {
      try await Report(findings: findings, plan: plan)
        .write(to: folder, drawing: !isWithoutFigures)
      try journal?.close()
    }
    switch format {
    case .json:
      let members = table.members + (differences.map { [("differences", JSON($0))] } ?? [])
      try Terminal.output(.document("verdicts", members))
    case .text where folder == nil && differences == nil:
      try Terminal.output(try table.markdown)
    case .text: break
    }
    if let differences { try tell(differences, among: findings.count) }
  }

  /// The findings on all claims, those of an interrupted run included.
  private func findings(
    _ plan: ReproducePlan, _ journal: ReproduceJournal?
  ) async throws -> [Finding] {
    let known = plan.claims.map { journal?.finding(on: $0) }
    let unfinished = zip(plan.claims, known).filter { $1 == nil }.map(\.0)
    let runners = try unfinished.map { claim in
      try ClaimRunner(claim, seeds: plan.seeds, jobs: plan.jobs, kernels: plan.kernels)
    }
    var progress = ProgressLine(
      total: runners.reduce(0) { $0 + $1.workCount }, unit: "chunks", isQuiet: quiet)
    let shared = SharedFits(for: runners)
    var findings: [Finding] = []
    var next = runners.makeIterator()
    for known in known {
      let finding: Finding
      if let known {
        finding = known
      } else if let runner = next.next() {
        finding = try await shared.finding(of: runner) { progress.advance(by: $0) }
        try journal?.add(finding)
      } else {
        break
      }
      findings.append(finding)
      guard !quiet, !Terminal.isInteractive else { continue }
      Terminal.say(
        "\(type(of: finding.claim).name) (\(findings.count) of \(plan.claims.count)):"
          + " \(finding.published) in its source's setting, \(finding.judgement) over the grid"
          + (known == nil ? "" : " (finished before)"))
    }
    return findings
  }

  private func warnOfTooFewSeeds(_ plan: ReproducePlan) throws {
    guard !plan.claims.isEmpty, let caution = try Verdict.caution(seeds: plan.seeds.count) else {
      return
    }
    Terminal.say("klsim: warning: \(caution)")
  }

  private func tell(_ differences: [String], among count: Int) throws {
    for difference in differences { Terminal.say(difference) }
    guard differences.isEmpty else { throw ExitCode.failure }
    guard !quiet else { return }
    Terminal.say(
      count == 1
        ? "both verdicts on the claim are as recorded"
        : "both verdicts on each of \(count) claims are as recorded")
  }
}
