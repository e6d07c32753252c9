// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimTestSupport
import Testing

/// What is said on standard error.
@Suite struct SummaryEndToEndTests {
  let klsim: CommandUnderTest

  init() throws {
    klsim = try CommandUnderTest()
  }

  /// The words of the first line that starts with a label, without it.
  private func words(after label: String, in text: String) -> [String] {
    let line = text.split(separator: "\n").first { $0.hasPrefix(label + " ") }
    return line.map { $0.dropFirst(label.count).split(separator: " ").map(String.init) } ?? []
  }

  @Test func saysWhoLeads() async throws {
    let outcome = try await klsim("--teacher longtail --epochs 200")
    let text = outcome.errors
    #expect(
      text.hasPrefix(
        "longtail · softmax · adam at 0.2 · torch-uniform · seed 1 · head mass=0.5 (8 of 80 tokens)\n"
      ))
    #expect(text.contains("fkl        rkl  ahead\n"))
    #expect(words(after: "first epoch with TVD < 0.01", in: text) == ["57", "80", "fkl"])
    #expect(words(after: "head error at epoch 1", in: text) == ["0.3299", "0.3439", "fkl"])
    #expect(words(after: "tail error at epoch 10", in: text) == ["0.1291", "0.3568", "fkl"])
    #expect(words(after: "total error at epoch 200", in: text).last == "fkl")
    #expect(!text.contains("medians"))
    #expect(!text.contains("\u{1B}"))
    #expect(!text.contains("\r"))
    #expect(!text.contains("warning"))
  }

  @Test func saysSoOfEveryHead() async throws {
    let text = try await klsim("--epochs 10 --head mass=0.5,count=37").errors
    #expect(text.contains("head mass=0.5 (8 of 80 tokens)"))
    let far = try #require(text.firstRange(of: "head count=37 (37 of 80 tokens)"))
    let tail = words(after: "tail error at epoch 10", in: String(text[far.upperBound...]))
    #expect(tail == ["0.05942", "0.05371", "rkl"])
  }

  @Test func ofSeveralSeedsSaysMediansAndShares() async throws {
    let outcome = try await klsim(
      "--seeds 20 --epochs 10 --head mass=0.5,count=37 --record 10")
    let text = outcome.errors
    #expect(text.contains("seeds 1…20 · medians"))
    let near = words(after: "tail error at epoch 10", in: text)
    #expect(near.dropFirst(2) == ["fkl", "in", "100", "%"])
    let farTable = try #require(text.firstRange(of: "head count=37"))
    let far = words(after: "tail error at epoch 10", in: String(text[farTable.upperBound...]))
    let share = try #require(far.count == 6 ? Double(far[4]) : nil)
    #expect(far[2] == "rkl")
    #expect(share > 50 && share <= 100 && (share / 5).rounded() == share / 5)
    // The medians are those of the records.
    let table = try Table(outcome.output)
    for (index, objective) in ["fkl", "rkl"].enumerated() {
      let errors = table.rows(["objective": objective, "head": "count=37"])
        .map { $0.number("tail_error") }.sorted()
      #expect(errors.count == 20)
      let median = (errors[9] + errors[10]) / 2
      #expect(gap(Double(far[index]) ?? .nan, median) <= 1e-3 * median)
    }
  }

  @Test func ofOneObjectiveNobodyLeads() async throws {
    let text = try await klsim("--objective rkl --epochs 3").errors
    #expect(text.contains("total error at epoch 3"))
    #expect(!text.contains("leads") && !text.contains("ahead"))
  }

  @Test func manyTablesAreCounted() async throws {
    let text = try await klsim(
      "--teacher longtail,bimodal,unimodal,overlapping,uniform --head mass=0.5,mass=0.9,count=3"
        + " --epochs 1"
    ).errors
    #expect(text.split(separator: "\n").count { $0.contains(" · head ") } == 12)
    #expect(text.contains("… and 3 more tables"))
  }

  /// Five objectives under two optimizers and two learning rates, as wide as a terminal.
  @Test(arguments: [60, 120])
  func fitsTheWidth(width: Int) async throws {
    let outcome = try await klsim.shell(
      """
      COLUMNS=\(width) "$klsim" --objective fkl,rkl,akl:mu=0.8,jeffreys,js --learning-rate 0.1,0.4 \
      --optimizer adam,sgd --seeds 8 --epochs 12 --metric top1 --record 1,12 --output runs.csv
      """)
    #expect(outcome.end == .exit(0))
    #expect(
      outcome.errors.split(separator: "\n").filter { !$0.hasPrefix("klsim: ") }
        .allSatisfy { $0.count <= width })
    try Golden("summary-\(width).txt").expectText(outcome.errors)
  }

  /// On a terminal the summary takes the place of the records, unless these are asked for.
  @Test(
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/script")),
    arguments: [
      ("", false), ("--output -", true), ("--quiet", true), ("--format csv", true),
      ("--aggregate", true),
    ])
  func aTerminalShowsTheSummary(options: String, hasRecords: Bool) async throws {
    #if os(Linux)
      let outcome = try await klsim.shell(
        "script -qec '\"$klsim\" --epochs 3 \(options)' /dev/null < /dev/null")
      #expect(outcome.end == .exit(0))
      #expect(outcome.output.contains("teacher,student,") == hasRecords, "\(outcome.output)")
      #expect(outcome.output.contains("total error at epoch 3") == (options != "--quiet"))
      #expect(outcome.output.contains("No records are written") == !hasRecords)
    #endif
  }

  static let diverging = "--optimizer adam --learning-rate 1e308 --epochs 20"

  @Test func divergenceIsRecordedAndWarnedOf() async throws {
    let outcome = try await klsim(Self.diverging)
    #expect(outcome.end == .exit(0))
    let table = try Table(outcome.output)
    #expect(table.rows.count == 42)
    for objective in ["fkl", "rkl"] {
      let words = table.rows(["objective": objective]).flatMap { row in
        MainJobEndToEndTests.header.dropFirst(9).map { row[$0] }
      }
      #expect(words.contains("nan"))
      #expect(words.allSatisfy { ["inf", "-inf", "nan"].contains($0) || isFinite($0) })
    }
    #expect(outcome.errors.contains("ahead"))
    #expect(outcome.errors.contains("  nan  ") && !outcome.errors.contains("  inf"))
    #expect(outcome.errors.contains("klsim: warning: the loss became infinite or not a number"))
    #expect(outcome.errors.contains("in 2 of 2 runs"))
    #expect(outcome.errors.contains("adam at 1e+308, seed 1, from epoch"))
  }

  /// Contexts that share parameters are one run.
  @Test func divergenceIsCountedByRuns() async throws {
    let outcome = try await klsim(
      "--teacher ngram:text=alice:unit=characters:size=20:order=3:histories=24 --batch 6 --objective fkl"
        + " --student log-bilinear:rank=3 --optimizer sgd --learning-rate 1e300,0.01 --epochs 2 --seeds 3"
        + " --output r.csv")
    #expect(outcome.end == .exit(0))
    #expect(outcome.errors.contains("infinite or not a number in 3 of 6 runs, the first: fkl on"))
  }

  /// Contexts that share no parameters are runs of their own.
  @Test func divergenceNamesTheContext() async throws {
    let outcome = try await klsim(
      "--teacher lognormal:size=6:contexts=4 --objective chi2-pearson --student gaussian-mixture --epochs 2"
        + " --optimizer natural-gradient --output r.csv")
    #expect(outcome.end == .exit(0))
    let rows = try Table(klsim.folder.text(of: "r.csv")).rows
    let diverged = Set(rows.filter { $0["loss"] == "nan" }.map { $0["context"] }).subtracting([""])
    #expect(diverged.count > 0 && diverged.count < 4)
    #expect(outcome.errors.contains("not a number in \(diverged.count) of 4 runs"))
    #expect(outcome.errors.contains("seed 1, context \(diverged.min()!), from epoch 2"))
  }

  @Test func divergedSeedsAreNoCopies() async throws {
    let outcome = try await klsim("\(Self.diverging) --record 20 --seeds 4 --output r.csv")
    #expect(outcome.errors.contains("medians over 4 seeds, all runs diverged"))
    #expect(!outcome.errors.contains("copies"))
    let table = try await klsim("compare r.csv --table")
    #expect(table.output.contains("pairs: 4 seeds, all runs diverged\n"))
  }

  private func isFinite(_ text: String) -> Bool { Double(text)?.isFinite == true }

  @Test func divergenceIsWarnedOfEvenQuietly() async throws {
    let outcome = try await klsim("\(Self.diverging) --quiet --seeds 3 --output out.csv")
    #expect(outcome.end == .exit(0))
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains("warning"))
    #expect(outcome.errors.contains("in 6 of 6 runs"))
    #expect(!outcome.errors.contains("leads") && !outcome.errors.contains("ahead"))
    #expect(try Table(klsim.folder.text(of: "out.csv")).rows.count == 126)
  }

  /// Steps as large as a double can be, without momentum: all is still recorded.
  @Test func hugeStepsNeverCrash() async throws {
    let outcome = try await klsim("--optimizer sgd --learning-rate 1e308")
    #expect(outcome.end == .exit(0))
    let table = try Table(outcome.output)
    #expect(table.rows.count == 402)
    let finite = table.rows.allSatisfy { $0.number("loss").isFinite }
    #expect(finite == !outcome.errors.contains("warning"))
  }

  @Test func theFirstEpochOfDivergenceIsThatOfTheRecords() async throws {
    let outcome = try await klsim("\(Self.diverging) --objective fkl --quiet")
    let table = try Table(outcome.output)
    let first = try #require(table.rows.first { !$0.number("loss").isFinite })
    #expect(outcome.errors.hasSuffix("from epoch \(first["epoch"])\n"))
  }
}
