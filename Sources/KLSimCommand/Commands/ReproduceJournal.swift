// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimClaims
internal import KLSimFiles
internal import KLSimNumerics

/// The claims that an interrupted `reproduce` has finished.
///
/// They are kept in a folder of their own inside that of the report, which is not touched before all claims
/// are finished: a table each, and a journal whose first line is the identity of the command and whose other
/// lines are finished claims. The folder is removed when the report is complete.
struct ReproduceJournal {
  static let folderName = ".unfinished"
  private let report: ReportFolder
  private let folder: ReportFolder
  private var journal: Journal
  private let seeds: Range<UInt64>
  /// The entry of each finished claim.
  private var finished: [String: JSON] = [:]

  /// Opens the journal of a report.
  ///
  /// - Parameters:
  ///   - report: the folder of the report.
  ///   - plan: what is to be done.
  ///   - resumes: whether finished claims are taken over, if they are of the same seeds and version.
  /// - Throws: `UsageError` for a report that the plan would take verdicts from, `OutputError`, or `InputError` for
  ///   a file that cannot be read.
  init(of report: ReportFolder, _ plan: ReproducePlan, resumes: Bool) throws {
    // Two processes would take each other's journal and verdicts away.
    try report.lock()
    try plan.refuseToForget()
    self.report = report
    seeds = plan.seeds
    folder = try report.folder(Self.folderName)
    journal = Journal(path: folder.path(of: "journal.jsonl"))
    let identity = Self.identity(plan)
    let entries = resumes ? try journal.newEntries() : []
    let recorded = entries.first { $0["klsim"] != nil }
    if let difference = Self.difference(between: identity, and: recorded) {
      if resumes { Terminal.say("klsim: --resume: \(difference); all claims are computed") }
      try folder.removeFiles()
    } else {
      for entry in entries {
        if let claim = entry["claim"]?.string { finished[claim] = entry }
      }
    }
    try journal.append(identity, onlyIfEmpty: true)
  }

  /// What decides a finding beside the claim.
  ///
  /// Which vector kernels compute makes no difference.
  private static func identity(_ plan: ReproducePlan) -> [(key: String, value: JSON)] {
    [
      ("klsim", .string(KLSim.version)), ("gsl", .string(GSL.version)),
      ("kernels", .string(plan.kernels == .plain ? "plain" : "vector")),
      ("seed", .plain("\(plan.seeds.lowerBound)")), ("seeds", .plain("\(plan.seeds.count)")),
    ]
  }

  /// Why finished claims are not taken over, nil if they are.
  private static func difference(
    between own: [(key: String, value: JSON)], and recorded: JSON?
  ) -> String? {
    guard let recorded else { return "there is no interrupted run in the folder" }
    let words = own.compactMap { key, value in
      let other = recorded[key]?.line ?? "nothing"
      return other == value.line ? nil : "\(key) \(other), here \(value.line)"
    }
    return words.isEmpty ? nil : "the interrupted run has \(words.joined(separator: "; "))"
  }

  /// The finding of a claim that was finished; nil if it has to be computed.
  func finding(on claim: any Claim) -> Finding? {
    let name = type(of: claim).name
    guard let entry = finished[name] else { return nil }
    let file = Self.file(of: name)
    guard let bytes = folder.bytes(of: file), entry["files"]?.line == Self.files(file, bytes).line
    else {
      Terminal.say(
        "klsim: --resume: \(file) of the interrupted run has changed or is missing; \(name) is computed"
          + " again")
      return nil
    }
    func recorded(_ claim: some Claim) -> Finding? {
      entry["finding"].flatMap { Finding(claim, seeds: seeds, record: $0, table: bytes) }
    }
    return recorded(claim)
  }

  /// Records a finding.
  ///
  /// - Throws: `OutputError`.
  func add(_ finding: Finding) throws(OutputError) {
    let name = type(of: finding.claim).name
    let file = Self.file(of: name)
    try folder.write(finding.table, to: file)
    try journal.append([
      ("claim", .string(name)), ("files", Self.files(file, finding.table)),
      ("finding", finding.record),
    ])
  }

  /// Removes the journal and what killed processes have left, when the report is complete.
  ///
  /// - Throws: `OutputError`.
  func close() throws(OutputError) {
    try folder.removeFiles()
    try folder.remove()
    for place in [report] + (report.existingFolder("figures").map { [$0] } ?? []) {
      try place.removeFiles(where: TemporaryFiles.isName)
    }
  }

  private static func file(of claim: String) -> String { "\(claim).csv" }

  private static func files(_ name: String, _ bytes: [UInt8]) -> JSON {
    .array([.object([("path", .string(name))] + FileDigest(of: bytes).members)])
  }
}
