// SPDX-License-Identifier: GPL-3.0-or-later

import CLibrary
import Foundation
import KLSimTestSupport
import Testing

/// Claims put to the test at the command line.
@Suite struct ReproduceEndToEndTests {
  let klsim: CommandUnderTest

  init() throws {
    klsim = try CommandUnderTest()
  }

  /// The names in a folder below the test's.
  private func names(in name: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: klsim.folder(name)).sorted()
  }

  /// The paths, columns and provenance that the description of a folder lists.
  private func package(
    _ name: String
  ) throws -> (columns: [String: [String]], provenance: [String: String]) {
    let json = try JSONSerialization.jsonObject(
      with: Data(klsim.folder.text(of: "\(name)/datapackage.json").utf8))
    let package = try #require(json as? [String: Any])
    let resources = try #require(package["resources"] as? [[String: Any]])
    var columns: [String: [String]] = [:]
    for resource in resources {
      let schema = try #require(resource["schema"] as? [String: Any])
      let fields = try #require(schema["fields"] as? [[String: String]])
      columns[try #require(resource["path"] as? String)] = fields.compactMap { $0["name"] }
    }
    return (columns, try #require(package["provenance"] as? [String: String]))
  }

  @Test(
    arguments: [
      (Refusal("nonsense", says: "unknown claim or exhibit 'nonsense'", "klsim list claims"), 64),
      (Refusal("convergence convergence", says: "'convergence' is given twice"), 64),
      (Refusal("--output new --check new", says: "--output writes and --check compares"), 64),
      (Refusal("convergence --seeds 0 --output new", says: "--seeds 0", "at least 1"), 64),
      (Refusal("convergence --seeds -3", says: "--seeds -3", "at least 1"), 64),
      (
        Refusal("convergence --seeds 9223372036854775807", says: "at most 1099511627776"), 64
      ),
      (
        Refusal(
          "convergence --seed 18446744073709551615 --seeds 2", says: "beyond the largest seed"), 64
      ),
      (Refusal("convergence --jobs 0", says: "--jobs 0"), 64),
      (Refusal("paper-modes", says: "paper-modes is an exhibit", "--output"), 64),
      (Refusal("convergence curves-longtail", says: "curves-longtail is an exhibit"), 64),
      (Refusal("convergence --no-figures", says: "--no-figures", "--output"), 64),
      (Refusal("convergence --output -", says: "--output -: a folder is needed"), 64),
      (Refusal("--check new", says: "new/claims.csv: no such file"), 66),
      (Refusal("convergence --output ''", says: "cannot be created"), 73),
      (Refusal("convergence --output file", says: "file: cannot be created"), 73),
      (Refusal("convergence --output file/new", says: "file: cannot be created"), 73),
    ] as [(Refusal, Int32)])
  func whatMakesNoSenseIsRefused(refusal: Refusal, code: Int32) async throws {
    try klsim.folder.write("text", to: "file")
    try await klsim.expectRefusal(Refusal("reproduce \(refusal.line)", refusal.says), code: code)
  }

  @Test(.enabled(if: geteuid() != 0, "root may write everywhere"))
  func aFolderThatMayNotBeWrittenTo() async throws {
    try FileManager.default.createDirectory(
      atPath: klsim.folder("locked"), withIntermediateDirectories: false,
      attributes: [.posixPermissions: 0o555])
    try await klsim.expectRefusal(
      Refusal("reproduce convergence --output locked", says: "locked: cannot be created"), code: 73)
  }

  @Test(
    arguments: [
      ("", "the file is empty"),
      ("claim,verdict\nx,y\n", "needs the columns published_verdict"),
      (
        "claim,verdict,published_verdict,first_seed,seeds\nconvergence,maybe,holds,1,80\n",
        "line 2: 'maybe' is not a verdict"
      ),
      (
        "claim,verdict,published_verdict,first_seed,seeds\n\"conv,holds,holds,1,80\n",
        "line 2: a quote is not closed"
      ),
    ])
  func recordsThatAreNoneAreRefused(text: String, reason: String) async throws {
    try FileManager.default.createDirectory(
      atPath: klsim.folder("old"), withIntermediateDirectories: false)
    try klsim.folder.write(text, to: "old/claims.csv")
    try await klsim.expectRefusal(
      Refusal("reproduce --check old", says: "old/claims.csv", reason), code: 65)
    #expect(try klsim.folder.text(of: "old/claims.csv") == text)
  }

  /// Everything on the way from a report to the same verdicts again.
  @Test func aReportIsWrittenAndChecked() async throws {
    let line = "reproduce convergence fkl-is-cross-entropy --seed 4 --seeds 80"
    let outcome = try await klsim("\(line) --output a/report --jobs 1")
    #expect(outcome.end == .exit(0), "\(outcome.errors)")
    let verdicts = ["convergence (1 of 2)", "fkl-is-cross-entropy (2 of 2)"].map {
      "\($0): holds in its source's setting, holds over the grid\n"
    }
    #expect(outcome.output.isEmpty && outcome.errors == verdicts.joined())
    let files = [
      "claims.csv", "claims.md", "convergence.csv", "datapackage.json", "fkl-is-cross-entropy.csv",
      "index.html",
    ]
    #expect(try names(in: "a/report") == files)

    let (columns, provenance) = try package("a/report")
    #expect(Set(columns.keys) == Set(files.filter { $0.hasSuffix(".csv") }))
    for (path, names) in columns {
      #expect(try Table(klsim.folder.text(of: "a/report/\(path)")).header == names)
    }
    #expect(provenance["command"] == "klsim \(line) --output .")
    let claims = try Table(klsim.folder.text(of: "a/report/claims.csv"))
    #expect(claims.column("claim") == ["convergence", "fkl-is-cross-entropy"])
    #expect(claims.column("verdict") == ["holds", "holds"])
    #expect(claims.column("published_verdict") == ["holds", "holds"])
    #expect(claims.column("kind") == ["finding", "check"])
    #expect(claims.column("first_seed") == ["4", "4"] && claims.column("seeds") == ["80", "80"])
    let evidence = try Table(klsim.folder.text(of: "a/report/convergence.csv"))
    #expect(evidence.rows.allSatisfy { $0["seeds"] == "80" && $0["hits"] == "80" })

    // The same bytes from another number of jobs, and on standard output.
    let again = try await klsim("\(line) --output b --jobs 5")
    #expect(again.end == .exit(0))
    for file in files {
      expectSameText(
        try klsim.folder.text(of: "b/\(file)"), try klsim.folder.text(of: "a/report/\(file)"))
    }
    expectSameText(try await klsim(line).output, try klsim.folder.text(of: "b/claims.md"))

    let check = try await klsim("reproduce --check b")
    #expect(check.end == .exit(0) && check.output.isEmpty)
    #expect(
      check.errors == verdicts.joined() + "both verdicts on each of 2 claims are as recorded\n")
    let quiet = try await klsim("reproduce convergence --check b --quiet")
    #expect(quiet.end == .exit(0) && quiet.output.isEmpty && quiet.errors.isEmpty)
    try await klsim.expectRefusal(
      Refusal("reproduce one-minimum --check b", says: "no verdict on one-minimum", "convergence"),
      code: 64)

    // A report does not forget verdicts of an earlier one.
    try await klsim.expectRefusal(
      Refusal(
        "reproduce convergence --output b", says: "verdicts on fkl-is-cross-entropy",
        "another folder"), code: 64)
    #expect(try names(in: "b") == files)

    let tampered = try klsim.folder.text(of: "b/claims.csv").replacing(
      ",holds,in", with: ",fails,in", maxReplacements: 1)
    try klsim.folder.write(tampered, to: "b/claims.csv")
    let difference = try await klsim("reproduce --check b")
    #expect(difference.end == .exit(1) && difference.output.isEmpty)
    #expect(
      difference.errors
        == verdicts.joined()
        + "convergence: over the grid recorded 'fails', now 'holds': in all 32 cells\n")
    #expect(try klsim.folder.text(of: "b/claims.csv") == tampered)
    let others = try await klsim("reproduce fkl-is-cross-entropy --check b")
    #expect(others.end == .exit(0), "\(others.errors)")
  }

  @Test func tooFewSeedsAreToldOf() async throws {
    let few = try await klsim("reproduce convergence --seeds 71 --quiet")
    #expect(few.end == .exit(0) && few.output.contains("**depends**"))
    #expect(few.errors.hasPrefix("klsim: warning: fewer than 72 seeds decide nothing"))
    let enough = try await klsim("reproduce convergence --seeds 72 --quiet")
    #expect(enough.output.contains("**holds**") && enough.errors.isEmpty, "\(enough.errors)")
    let exhibit = try await klsim("reproduce paper-modes --seeds 2 --output e --no-figures")
    #expect(exhibit.end == .exit(0) && exhibit.errors.isEmpty)
    #expect(try names(in: "e") == ["datapackage.json", "paper-modes.csv"])
    #expect(try package("e").columns.keys.sorted() == ["paper-modes.csv"])
  }

  @Test func figuresAreDrawnOrLeftOut() async throws {
    let line = "reproduce paper-longtail --output r"
    let without = try await klsim.shell(
      "KLSIM_GNUPLOT=no-such-program \"$klsim\" \(line)")
    #expect(without.end == .exit(0), "\(without.errors)")
    #expect(without.errors.hasPrefix("klsim: warning: no figures: "))
    #expect(without.errors.contains("no-such-program") && without.errors.contains("gnuplot"))
    #expect(try names(in: "r") == ["datapackage.json", "paper-longtail.csv"])
    let broken = try await klsim.shell("KLSIM_GNUPLOT=false \"$klsim\" \(line)")
    #expect(broken.end == .exit(70))
    #expect(try names(in: "r").allSatisfy { !$0.hasSuffix(".tmp") })
    guard canDraw else { return }
    let outcome = try await klsim(line)
    #expect(outcome.end == .exit(0) && outcome.errors.isEmpty, "\(outcome.errors)")
    #expect(try names(in: "r/figures") == ["paper-longtail-animation.gif", "paper-longtail.svg"])
  }

  /// Figures of either kind that claims ask for can be made of their evidence.
  @Test(
    .enabled(if: canDraw, "gnuplot is not installed"),
    arguments: [
      (
        "convergence-init",
        ["10", "20", "3"].map { "convergence-init-longtail-adam-sigma\($0).svg" }
      ),
      (
        "tail-first",
        ["bimodal-adam", "longtail-adam", "longtail-sgd", "zipf-adam"].map {
          "tail-first-\($0).png"
        }
      ),
    ])
  func figuresOfEvidence(claim: String, figures: [String]) async throws {
    let outcome = try await klsim("reproduce \(claim) --seeds 1 --output r")
    #expect(outcome.end == .exit(0), "\(outcome.errors)")
    #expect(try names(in: "r/figures") == figures)
  }

  /// A signal in the middle leaves what was there before, whole, and nothing else.
  @Test(arguments: [SIGINT, SIGTERM])
  func interruptedWorkLeavesNoHalfFiles(signal: Int32) async throws {
    try FileManager.default.createDirectory(
      atPath: klsim.folder("r"), withIntermediateDirectories: false)
    try klsim.folder.write("older", to: "r/claims.csv")
    let process = try klsim.start("reproduce --seeds 100000000 --output r/new --jobs 1")
    try await process.send(signal, after: "the folder") {
      try names(in: "r").contains("new") && names(in: "r/new") == [".unfinished"]
    }
    let outcome = try await process.outcome(within: CommandUnderTest.limit)
    #expect(outcome.end == .exit(128 + signal) && outcome.output.isEmpty)
    #expect(try names(in: "r") == ["claims.csv", "new"] && names(in: "r/new") == [".unfinished"])
    #expect(try klsim.folder.text(of: "r/claims.csv") == "older")
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func fullStandardOutput() async throws {
    let outcome = try await klsim.shell(
      "\"$klsim\" reproduce fkl-is-cross-entropy --seeds 72 >/dev/full")
    #expect(outcome.end == .exit(74))
    #expect(outcome.errors.contains("cannot be written"))
  }

  @Test func claimsAndExhibitsAreListed() async throws {
    let claims = try await klsim("list claims").output
    let exhibits = try await klsim("list exhibit").output
    #expect(claims.hasPrefix("CLAIMS\n  convergence  After 200 and 300 epochs"))
    #expect(claims.contains("      source: Wu et al., arXiv 2404.02657"))
    #expect(exhibits.hasPrefix("EXHIBITS\n  paper-longtail  "))
  }
}
