// SPDX-License-Identifier: GPL-3.0-or-later

import CLibrary
import KLSimTestSupport
import Testing

/// Minibatches and held-out contexts from the command to tables, answers and figures.
@Suite struct MinibatchEndToEndTests {
  let klsim: CommandUnderTest

  init() throws {
    klsim = try CommandUnderTest()
  }

  /// A teacher of 24 histories of two letters: of 18 that are trained on, a batch of 6 makes three updates an
  /// epoch.
  private static let teacher =
    "--teacher ngram:text=alice:unit=characters:size=20:order=3:histories=24"
  private static let shared =
    "\(teacher) --student log-bilinear:rank=3 --batch 6 --held-out 0.25 --learning-rate 0.05"
  private static let recorded = "--epochs 2 --record 0.33,1,2 --seeds 8"

  private func record(_ options: String = "--output r.csv") async throws -> Outcome {
    let outcome = try await klsim("\(Self.shared) \(Self.recorded) \(options)")
    #expect(outcome.end == .exit(0), "\(outcome.errors)")
    return outcome
  }

  @Test func epochsHaveFractionsAndContextsAPart() async throws {
    _ = try await record("--seeds 1 --objective fkl --output r.csv --quiet")
    let table = try Table(klsim.folder.text(of: "r.csv"))
    #expect(Set(table.column("epoch")) == ["0.3333333333333333", "1", "2"])
    #expect(table.rows(["epoch": "1", "split": "train"]).count == 18 + 1)
    #expect(table.rows(["epoch": "1", "split": "held-out"]).count == 6 + 1)
    // The mean of a part is over its own contexts.
    for split in ["train", "held-out"] {
      let own = table.rows(["epoch": "2", "split": split])
      let single = own.filter { !$0["context"].isEmpty }.map { $0.number("tvd") }
      let mean = own.first { $0["context_label"] == "mean" }?.number("tvd") ?? .nan
      #expect((single.min() ?? 1)...(single.max() ?? 0) ~= mean)
    }
  }

  @Test func statesCanBeCountedBySteps() async throws {
    let line = "\(Self.shared) --objective fkl --epochs 3 --contexts mean --quiet"
    let steps = try await klsim.table("\(line) --record every=4steps")
    let epochs = steps.rows(["split": "train"]).map { $0["epoch"] }
    #expect(epochs == ["0", "1.3333333333333333", "2.6666666666666665", "3"])
    // What is recorded does not change the run.
    let some = try await klsim.table("\(line) --record 1.33,3")
    #expect(
      some.column("tvd")
        == steps.rows.filter { $0["epoch"] != "0" && !$0["epoch"].hasPrefix("2") }
        .map { $0["tvd"] })
  }

  /// Aggregates are those of the records, part by part, and JSON Lines say what CSV says.
  @Test func aggregatesAreOfOnePart() async throws {
    _ = try await record("--contexts mean --objective fkl --output r.csv --quiet")
    _ = try await record("--contexts mean --objective fkl --aggregate --output a.csv --quiet")
    _ = try await record("--contexts mean --objective fkl --output r.jsonl --quiet")
    let records = try Table(klsim.folder.text(of: "r.csv"))
    let aggregates = try Table(klsim.folder.text(of: "a.csv"))
    #expect(aggregates.rows.count == 2 * 3 * 9)
    for row in aggregates.rows(["metric": "tvd"]) {
      let own = records.rows(["epoch": row["epoch"], "split": row["split"]])
      let mean = own.reduce(0) { $0 + $1.number("tvd") } / 8
      #expect(own.count == 8 && abs(row.number("mean") - mean) <= 1e-12)
    }
    let lines = try klsim.folder.text(of: "r.jsonl").split(separator: "\n")
    #expect(lines.count == records.rows.count)
    #expect(lines[0].contains("\"epoch\":0.3333333333333333,"))
    #expect(lines[0].contains("\"split\":\"train\""))
  }

  /// A fraction between two states is the nearest, and notes of `run` and `compare` say so.
  @Test func fractionsTakeTheNearestState() async throws {
    let line = "\(Self.shared) --objective fkl,rkl --epochs 1 --contexts mean --record 0.1,0.5,1"
    let outcome = try await klsim("\(line) --seeds 1 --output r.csv")
    let notes = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("klsim: note: ") }
    #expect(
      notes == [
        "klsim: note: epoch 0.1 is recorded at 0.333, after 1 update; an epoch has 3",
        "klsim: note: epoch 0.5 is recorded at 0.667, after 2 updates; an epoch has 3",
      ])
    let quiet = try await klsim("\(line) --seeds 8 --quiet --output r.csv")
    #expect(quiet.end == .exit(0) && quiet.errors.isEmpty)
    let (near, same) = (
      try await klsim("compare r.csv --at 0.5"), try await klsim("compare r.csv --at 0.667")
    )
    expectSameText(near.output, same.output)
    #expect(
      near.errors
        == "klsim: note: epoch 0.5 is not recorded of all runs: epoch 0.667 stands for it\n"
        && same.errors.isEmpty)
  }

  @Test(arguments: [70, 140])
  func theSummaryTellsThePartsApart(width: Int) async throws {
    let outcome = try await klsim.shell(
      "COLUMNS=\(width) \"$klsim\" \(Self.shared) \(Self.recorded) --clip norm=1 --accumulate 2"
        + " --output r.csv")
    #expect(outcome.end == .exit(0))
    let lines = outcome.errors.split(separator: "\n")
    #expect(
      lines[0] == "klsim: note: epoch 0.33 is recorded at 0.5, after 1 update; an epoch has 2")
    #expect(lines.dropFirst().allSatisfy { $0.count <= width })
    let titles = outcome.errors.split(separator: "\n", omittingEmptySubsequences: false)
      .joined(separator: " ").replacing("  ", with: " ")
    for words in [
      "batch 6", "accumulate 2", "clip norm=1.0", "held-out 0.25", "mean of 18 train contexts",
      "mean of 6 held-out contexts", "medians over 8 seeds",
    ] { #expect(titles.contains(words), "\(words)") }
    // Two updates an epoch: that of 0.33 is the first.
    #expect(lines.count { $0.hasPrefix("tail error at epoch 0.5 ") } == 2)
    #expect(!outcome.errors.contains("TVD <"))
  }

  /// A seed is a pair, whatever the number of contexts, and its parts are questions of their own.
  @Test func answersAreOfMeansSeedBySeed() async throws {
    let run = try await record()
    let table = try await klsim.table("compare r.csv --at 0.33,1,2 --metric tail_error")
    #expect(
      table.column("epoch") == ["0.3333333333333333", "1", "2", "0.3333333333333333", "1", "2"])
    #expect(
      table.column("split") == ["train", "train", "train", "held-out", "held-out", "held-out"])
    #expect(Set(table.column("pairs")) == ["8"])
    _ = try await record("--contexts mean --output means.csv --quiet")
    let means = try await klsim("compare means.csv --at 0.33,1,2 --metric tail_error")
    #expect(means.output == (try await klsim("compare r.csv --at 0.33,1,2")).output)
    let text = try await klsim("compare r.csv --at 0.33 --table --where split=held-out")
    #expect(text.output.contains("pairs: 8 seeds, each the mean over contexts"))
    #expect(text.output.contains("held-out") && text.output.contains("\n0.333"))
    // The summary says the same of the same runs.
    let summary = run.errors.split(separator: "\n").filter {
      $0.hasPrefix("tail error at epoch 2 ")
    }
    for (line, split) in zip(summary, ["train", "held-out"]) {
      let row = table.rows(["split": split, "epoch": "2"])[0]
      let fields = line.split(separator: " ")
      #expect(abs((Double(fields[5]) ?? .nan) - row.number("a_median")) <= 1e-3)
      #expect(abs((Double(fields[6]) ?? .nan) - row.number("b_median")) <= 1e-3)
    }
    // How much worse are the contexts that are held out? A context alone is asked seed by seed.
    let gap = try await klsim.table("compare r.csv --by split --at 2")
    #expect(gap.column("objective") == ["fkl", "rkl"] && gap.column("pairs") == ["8", "8"])
    let one = try await klsim.table("compare r.csv --where context=3 --at 2")
    #expect(one.rows.reduce(0) { $0 + $1.number("pairs") } == 8)
  }

  @Test func singleContextsThatShareParametersAreNoPairs() async throws {
    _ = try await record("--contexts each --output r.csv --quiet")
    try await klsim.expectRefusal(
      Refusal(
        "compare r.csv", says: "contexts of log-bilinear:rank=3", "--contexts mean"), code: 64)
    let within = try await klsim.table("compare r.csv --within context,split --at 2")
    #expect(within.rows.allSatisfy { $0.number("pairs") <= 8 })
  }

  @Test func partsAreNeverPooled() async throws {
    _ = try await record("--contexts mean --output r.csv --quiet")
    for (line, words) in [
      ("--within head", ["differ in split: train, held-out", "--within"]),
      ("--best split", ["--best split", "chosen in training"]),
      ("--at 0.6", ["--at: 0.6 is not recorded", "0.333, 1, 2"]),
      ("--by split --best learning_rate", ["--by split and --best", "leave out --best"]),
    ] { try await klsim.expectRefusal(Refusal("compare r.csv \(line)", words), code: 64) }
  }

  @Test(
    .enabled(if: canDraw, "gnuplot is not installed"),
    arguments: [
      ("curves --epochs 0.33,2", ["fkl, held-out", "rkl, train"]),
      ("curves --epochs 0..1.5 --facet split", ["held-out", "train"]),
      ("pareto --where split=held-out", ["epochs 0, 0.333, 1, 2"]),
      ("survival --threshold 0.9 --facet split", ["held-out", "train"]),
      ("rates --epochs 0.33,2 --where split=train", ["epoch 0.333", "epoch 2"]),
      ("phase --epochs 0.33,1,2 --where split=held-out --where learning_rate=0.05", ["held-out"]),
    ])
  func figuresTellFractionsAndParts(figure: String, texts: [String]) async throws {
    let heads = figure.hasPrefix("phase") ? "count=2,count=4,count=8" : "count=4"
    let rates = figure.hasPrefix("rates") ? "--lr 0.1" : ""
    let line = "--record 0,0.33,1,2 --head \(heads) --contexts mean --quiet --output r.csv"
    _ = try await record(rates.isEmpty ? line : "\(line) \(rates)")
    let outcome = try await klsim("plot r.csv --figure \(figure) --output f.svg")
    #expect(outcome.end == .exit(0) && outcome.errors.isEmpty, "\(outcome.errors)")
    let picture = try klsim.folder.text(of: "f.svg")
    for text in texts { #expect(picture.contains(text), "\(text)") }
    #expect(!picture.contains("0.3333"))
  }

  @Test(.enabled(if: canDraw, "gnuplot is not installed"))
  func aFigureOfOnePartSaysHowToChoose() async throws {
    _ = try await record(
      "--head count=2,count=4 --contexts mean --quiet --output r.csv --snapshots 0.33,2"
        + " --snapshot-output q.csv")
    try await klsim.expectRefusal(
      Refusal("plot r.csv --figure phase", says: "split: train, held-out", "--where 'split=train'"),
      code: 64)
    try await klsim.expectRefusal(
      Refusal("plot r.csv --figure curves --epochs 0.6", says: "no epoch 0.6", "0.333, 1, 2"),
      code: 65)
    let line = "plot q.csv --figure snapshots --where seed=1 --where context=2 --epochs 0.33,2"
    let outcome = try await klsim("\(line) --output q.svg")
    #expect(outcome.end == .exit(0), "\(outcome.errors)")
    #expect(try klsim.folder.text(of: "q.svg").contains("epoch 0.333"))
  }

  static let refusals: [Refusal] = [
    Refusal("--batch 0", says: "'0' is not a batch size", "at least 1, or all"),
    Refusal("--batch x", says: "'x' is not a batch size"),
    Refusal("--batch -1", says: "'-1' is not a batch size"),
    Refusal("--batch 4 --held-out 1", says: "'1' is not a share", "below 1"),
    Refusal("--held-out -0.1", says: "'-0.1' is not a share"),
    Refusal("--clip norm=0", says: "'norm=0' is not a bound", "x above 0"),
    Refusal("--batch 4 --accumulate 0", says: "'0' is not a number of minibatches"),
    Refusal("--batch 4 --sampling weight", says: "unknown sampling 'weight'", "shuffle, weights"),
    Refusal(
      "--batch 4 --student softmax", says: "--batch 4:", "share no parameters of softmax",
      "log-bilinear"),
    Refusal(
      "--batch 4 --teacher longtail --student low-rank",
      says: "--batch 4: longtail has only one context"),
    Refusal("--batch 4 --optimizer gradient-flow", says: "--batch 4:", "exact gradient"),
    Refusal("--accumulate 2", says: "--accumulate 2:", "set --batch n"),
    Refusal(
      "--record 0.5", says: "epoch 0.5 is between two updates: with --batch all", "add --batch n"),
    Refusal("--batch 4 --record 0.5,2.5", says: "--record asks for epoch 2.5", "--epochs is 2"),
    Refusal("--batch 4 --record every=0steps", says: "every=0steps", "every=ksteps"),
  ]

  @Test(arguments: refusals)
  func choicesThatMakeNoSenseAreRefused(refusal: Refusal) async throws {
    let student = refusal.line.contains("--student") ? "" : "--student log-bilinear:rank=3 "
    try await klsim.expectRefusal(
      Refusal(
        "\(Self.teacher) \(student)--epochs 2 \(refusal.line) --output r.csv", refusal.says),
      code: 64)
  }

  /// Logits of the user's own have contexts, but no histories to generalise from.
  @Test func rowsOfNumbersAreNoHistories() async throws {
    try klsim.folder.write(
      FileTeacherEndToEndTests.npy([1, 2, 3, 3, 2, 1], shape: "(2, 3)"), to: "z.npy")
    let line = "--teacher-file z.npy --teacher-values logits --epochs 1 --output r.csv"
    for refusal in [
      Refusal("--batch 1", says: "share no parameters of softmax", "such as low-rank"),
      Refusal("--held-out 0.5 --student low-rank", says: "no student generalises", "ngram"),
    ] {
      try await klsim.expectRefusal(Refusal("\(line) \(refusal.line)", refusal.says), code: 64)
    }
  }

  @Test func extremeNumbersOfContextsAreTold() async throws {
    for (line, notes) in [
      ("--held-out 0.99", ["held-out 0.99 of 24 contexts: 23 held out, 1 trained on"]),
      ("--held-out 0.001", ["held-out 0.001 of 24 contexts: 1 held out, 23 trained on"]),
      ("--held-out 0.25 --batch 17", []),
      (
        "--held-out 0.25 --batch 18",
        ["batch 18: an epoch is one minibatch of all 18 contexts that are trained on"]
      ),
      ("--batch 24 --sampling weights", []),
    ] as [(String, [String])] {
      let outcome = try await klsim(
        "\(Self.teacher) --student log-bilinear:rank=3 --epochs 1 --quiet --output r.csv \(line)")
      #expect(outcome.end == .exit(0))
      #expect(outcome.errors == notes.map { "klsim: note: \($0)\n" }.joined(), "\(line)")
    }
  }

  /// However small the share, a context is held out, and however large, one is left.
  @Test(arguments: [("0.001", 2), ("0.999", 1)])
  func neitherPartIsEmpty(share: String, trained: Int) async throws {
    let teacher = Self.teacher.replacing("histories=24", with: "histories=3")
    let table = try await klsim.table(
      "\(teacher) --student log-bilinear:rank=3 --objective fkl --epochs 1 --record 1"
        + " --contexts each --held-out \(share) --quiet")
    #expect(table.rows(["split": "train"]).count == trained)
    #expect(table.rows(["split": "held-out"]).count == 3 - trained)
  }

  /// More epochs than a day has room for, one context a batch: it starts, and stops when it is told to.
  @Test func aLongRunCanBeInterrupted() async throws {
    let process = try klsim.start(
      "\(Self.teacher) --student log-bilinear:rank=3 --batch 1 --epochs 1000000000000 --record 1"
        + " --jobs 1 --output r.csv")
    try await process.send(SIGINT, after: .milliseconds(500))
    // The other is for a signal that comes before the command has looked out for it.
    let end = try await process.outcome(within: CommandUnderTest.limit).end
    #expect([.exit(130), .signal(SIGINT)].contains(end))
    #expect(try klsim.folder.names().isEmpty)
  }
}
