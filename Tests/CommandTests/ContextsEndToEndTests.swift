// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimTestSupport
import Testing

/// Teachers of several contexts at the command line.
@Suite struct ContextsEndToEndTests {
  let klsim: CommandUnderTest

  static let rows = [[0.5, 0.3, 0.2], [0.1, 0.1, 0.8], [0.25, 0.5, 0.25]]

  init() throws {
    klsim = try CommandUnderTest()
    let lines = Self.rows.enumerated().flatMap { context, row in
      row.enumerated().map { "\(context),\($0),\($1)\n" }
    }
    try klsim.folder.write("context,token,p\n" + lines.joined(), to: "t.csv")
    try klsim.folder.write("1\n0\n3\n", to: "w.csv")
    for (context, row) in Self.rows.enumerated() {
      try klsim.folder.write(row.map { "\($0)\n" }.joined(), to: "\(context).csv")
    }
    try klsim.folder.write(npy, to: "t.npy")
  }

  /// The same as NumPy writes it.
  private var npy: [UInt8] {
    let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 3), }\n"
    let numbers = Self.rows.joined().flatMap { value in
      (0..<8).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * UInt64($0))) }
    }
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0]
      + Array(header.utf8) + numbers
  }

  private static let values = ["loss", "fkl", "rkl", "tvd", "entropy", "head_error", "js"]

  @Test(arguments: ["t.csv", "t.npy"])
  func contextsAreTheTeachersTheyWouldBeAlone(file: String) async throws {
    let rest = "--seeds 2 --epochs 3 --head mass=0.5,count=2 --metric js --quiet"
    let together = try await klsim.table("--teacher-file \(file) --contexts each \(rest)")
    #expect(together.header.suffix(2) == ["context", "context_label"])
    #expect(together.rows.count == 96)
    for context in 0..<3 {
      let alone = try await klsim.table("--teacher-file \(context).csv \(rest)")
      let own = together.rows(["context": "\(context)"])
      #expect(alone.header == together.header.dropLast(2))
      #expect(own.count == alone.rows.count)
      for (row, other) in zip(own, alone.rows) {
        for column in alone.header.dropFirst() { #expect(row[column] == other[column]) }
        #expect(row["context_label"] == (file == "t.csv" ? "\(context)" : ""))
      }
    }
  }

  @Test func meansFollowTheWeights() async throws {
    let line = "--objective fkl --seeds 3 --epochs 2 --metric js --quiet"
    for (teacher, weights) in [
      ("file:path=t.csv", [1.0 / 3, 1.0 / 3, 1.0 / 3]),
      ("file:path=t.csv:context-weights=w.csv", [0.25, 0, 0.75]),
    ] {
      let table = try await klsim.table("--teacher \(teacher) \(line)")
      let means = try await klsim.table("--teacher \(teacher) \(line) --contexts mean")
      #expect(means.rows.count == 9)
      #expect(table.rows.count == 36)
      for row in means.rows {
        #expect((row["context"], row["context_label"]) == ("", "mean"))
        for column in Self.values {
          let own = table.rows(["seed": row["seed"], "epoch": row["epoch"]])
          let each = own.filter { !$0["context"].isEmpty }
          let expected = zip(weights, each).reduce(0) { $0 + $1.0 * $1.1.number(column) }
          #expect(gap(row.number(column), expected) <= 1e-14)
          #expect(own.first { $0["context"].isEmpty }?[column] == row[column])
        }
      }
    }
  }

  @Test(arguments: [
    "--student softmax", "--student low-rank:rank=1,gaussian",
    "--student low-rank --objective sinkhorn-batch,rkl",
  ])
  func anyNumberOfJobsGivesTheSameBytes(options: String) async throws {
    let line =
      "--teacher file:path=t.npy,dirichlet:size=5:contexts=4,longtail:size=9 \(options)"
      + " --seeds 3 --epochs 3 --snapshots 2"
    let one = try await klsim("\(line) --jobs 1 --output 1.csv --snapshot-output s1.csv")
    let many = try await klsim("\(line) --jobs 7 --output 7.csv --snapshot-output s7.csv")
    #expect(one.end == .exit(0), "\(one.errors)")
    expectSameText(many.errors, one.errors)
    expectSameText(try klsim.folder.text(of: "7.csv"), try klsim.folder.text(of: "1.csv"))
    expectSameText(try klsim.folder.text(of: "s7.csv"), try klsim.folder.text(of: "s1.csv"))
    let table = try Table(klsim.folder.text(of: "1.csv"))
    // A teacher of one context leaves the columns empty.
    #expect(table.rows(["teacher": "longtail:size=9"]).allSatisfy { $0["context"].isEmpty })
    let snapshots = try Table(klsim.folder.text(of: "s1.csv"))
    #expect(Set(snapshots.column("context")) == ["0", "1", "2", "3", ""])
  }

  /// Starts of one's own: row by row those of the contexts, by token.
  @Test(arguments: ["fkl", "sinkhorn-batch"])
  func contextsStartFromTheirRows(objective: String) async throws {
    let outcome = try await klsim(
      "--teacher-file t.csv --init file:path=t.npy --epochs 1 --objective \(objective) --quiet"
        + " --output r.csv --snapshots 0 --snapshot-output s.csv")
    #expect(outcome.end == .exit(0), "\(outcome.errors)")
    let snapshots = try Table(klsim.folder.text(of: "s.csv"))
    for (context, row) in Self.rows.enumerated() {
      let own = snapshots.rows(["context": "\(context)"])
      let sum = row.reduce(0) { $0 + exp($1) }
      #expect(worstGap(own.map { $0.number("q") }, row.map { exp($0) / sum }) <= 1e-15)
      #expect(own.map { $0["token"] } == ["0", "1", "2"])
    }
    let gradient = try await klsim.table(
      "gradient --teacher-file t.csv --context 1 --logits-file t.npy --quiet")
    #expect(gradient.numbers("z") == Self.rows[1])
    let mean = try await klsim.table(
      "--teacher-file t.csv --init file:path=0.csv --epochs 0 --quiet")
    #expect(Set(mean.column("init")) == ["file:path=0.csv"])
  }

  /// Over seeds, each context by itself and their mean, as the records have them.
  @Test func aggregatesTellContextsApart() async throws {
    let line = "--teacher-file t.csv --objective fkl --seeds 5 --epochs 2 --quiet"
    let records = try await klsim.table(line)
    let aggregates = try await klsim.table("\(line) --aggregate")
    #expect(aggregates.header.suffix(2) == ["context", "context_label"])
    #expect(aggregates.rows.count == 4 * 3 * 9)
    for context in ["0", "1", "2", ""] {
      let own = records.rows(["context": context, "epoch": "2"]).map { $0.number("tvd") }
      let row = try aggregates.row(["context": context, "epoch": "2", "metric": "tvd"])
      #expect(row["seeds"] == "5")
      #expect(gap(row.number("mean"), own.reduce(0, +) / 5) <= 1e-15)
      #expect(row.number("median") == own.sorted()[2])
    }
    let means = try await klsim.table("\(line) --aggregate --contexts mean")
    #expect(Set(means.column("context")) == [""])
    #expect(Set(means.column("context_label")) == ["mean"])
    #expect(means.rows.count == 3 * 9)
  }

  /// The gradient of one context is that of a teacher that has no other.
  @Test func gradientsAreOfOneContext() async throws {
    for context in 0..<3 {
      let line = "gradient --objective rkl --init normal:sigma=1 --seed 4 --teacher-file"
      let one = try await klsim("\(line) t.csv --context \(context)")
      let alone = try await klsim("\(line) \(context).csv")
      #expect(one.end == .exit(0))
      expectSameText(one.output, alone.output)
      expectSameText(one.errors, alone.errors)
    }
    for (options, says) in [
      ("", "3 contexts; choose one by --context 0…2"), ("--context 3", "the contexts 0…2"),
      ("--context 1 --objective sinkhorn-batch", "a loss of all contexts"),
    ] {
      try await klsim.expectRefusal(
        Refusal("gradient --teacher-file t.csv \(options)", says: says), code: 64)
    }
    try await klsim.expectRefusal(
      Refusal("gradient --teacher-file 0.csv --context 1", says: "one context, 0"), code: 64)
  }

  /// A teacher of one context is its own mean.
  @Test(arguments: ["each", "mean", "both"])
  func oneContextIsItsMean(rows: String) async throws {
    let line = "--epochs 2 --seeds 2"
    let plain = try await klsim(line)
    let chosen = try await klsim("\(line) --contexts \(rows)")
    #expect(chosen.end == .exit(0))
    expectSameText(chosen.output, plain.output)
    expectSameText(chosen.errors, plain.errors)
  }

  /// The summary is of what is recorded.
  @Test func summariesOfMeansAreOfMeans() async throws {
    let line = "--teacher-file t.csv --seeds 3 --epochs 2 --objective fkl,rkl --contexts mean"
    let outcome = try await klsim(line)
    #expect(outcome.errors.contains("mean of 3 contexts · medians over 3 seeds\n  head mass=0.5\n"))
    let rows = try Table(outcome.output).rows(["objective": "fkl", "epoch": "2"])
    let median = rows.map { $0.number("tail_error") }.sorted()[1]
    let words = outcome.errors.split(separator: "\n").first {
      $0.hasPrefix("tail error at epoch 2")
    }
    let shown = words?.split(separator: " ").dropFirst(5).first.flatMap { Double($0) } ?? .nan
    #expect(gap(shown, median) <= 1e-3 * median)
  }

  @Test func summariesCountContextsAsRuns() async throws {
    let outcome = try await klsim("--teacher-file t.csv --epochs 1 --head mass=0.85")
    #expect(outcome.errors.contains("seed 1 · 3 contexts · medians over 3 contexts"))
    #expect(outcome.errors.contains("head mass=0.85 (1…2 of 3 tokens)"))
  }

  @Test(
    arguments: [
      (Refusal("--teacher zipf:contexts=2", says: "contexts=2 would all be equal"), 64),
      (Refusal("--teacher-file t.csv --contexts some", says: "some", "--contexts"), 64),
      (
        Refusal(
          "--teacher-file t.npy --student low-rank --optimizer natural-gradient",
          says: "natural-gradient", "such as adam"), 64
      ),
      (Refusal("--teacher-file t.npy --student low-rank --init zeros", says: "low-rank"), 64),
      (Refusal("--teacher file:path=t.npy:context-weights=t.npy", says: "3 rows"), 65),
      (
        Refusal(
          "--init file:path=t.npy --teacher-file 0.csv", says: "it has 3 rows of logits",
          "1 context;"), 65
      ),
      (
        Refusal(
          "--init file:path=t.npy --teacher dirichlet:contexts=2:size=3", says: "3 rows",
          "2 contexts"),
        65
      ),
      (
        Refusal(
          "--init file:path=t.npy --teacher dirichlet:contexts=3:size=4",
          says: "3 logits for a teacher of 4 tokens"),
        65
      ),
      (Refusal("--teacher-file t.npy --teacher-column p", says: "no column 'p'"), 65),
    ] as [(Refusal, Int32)])
  func whatMakesNoSenseIsRefused(refusal: Refusal, code: Int32) async throws {
    let line = "\(refusal.line) --output out.csv"
    try await klsim.expectRefusal(Refusal(line, refusal.says), code: code)
  }

  /// One bad number in a late context, and nothing is written.
  @Test func everyContextIsCheckedFirst() async throws {
    let text = try klsim.folder.text(of: "t.csv").replacing("2,1,0.5", with: "2,1,-0.5")
    try klsim.folder.write(text, to: "bad.csv")
    try await klsim.expectRefusal(
      Refusal("--teacher-file bad.csv", says: "bad.csv, context 2", "token 1", "-0.5"), code: 65)
    let zero = try klsim.folder.text(of: "t.csv").replacing(
      "2,0,0.25\n2,1,0.5", with: "2,0,0\n2,1,0.75")
    try klsim.folder.write(zero, to: "zero.csv")
    try await klsim.expectRefusal(
      Refusal("--teacher-file zero.csv --objective rkl", says: "rkl is infinite", "token 0"),
      code: 65)
  }
}
