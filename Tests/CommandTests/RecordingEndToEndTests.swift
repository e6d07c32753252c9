// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimTestSupport
import Testing

/// Which rows and columns are written, and where.
@Suite struct RecordingEndToEndTests {
  let klsim: CommandUnderTest

  init() throws {
    klsim = try CommandUnderTest()
  }

  @Test(
    arguments: [
      ("all", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), ("every=3", [0, 3, 6, 9, 10]),
      ("every=5", [0, 5, 10]), ("every=1", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
      ("every=11", [0, 10]), ("0,1,7", [0, 1, 7]), ("7,1,7", [1, 7]), ("10", [10]), ("0", [0]),
    ])
  func recordSelectsEpochs(selection: String, epochs: [Int]) async throws {
    let all = try await klsim.table("--objective rkl --epochs 10 --quiet")
    let table = try await klsim.table(
      "--objective rkl --epochs 10 --record \(selection) --quiet")
    #expect(table.column("epoch") == epochs.map(\.description))
    #expect(table.column("loss") == epochs.map { all.rows[$0]["loss"] })
  }

  @Test func withoutUpdatesTheStartAloneIsRecorded() async throws {
    let table = try await klsim.table("--epochs 0")
    #expect(table.column("epoch") == ["0", "0"])
  }

  @Test func snapshotsOfSomeTokensAreRowsOfTheWhole() async throws {
    let line =
      "--teacher zipf:size=50 --objective fkl,rkl --epochs 2 --snapshots 0,2 --output r.csv"
    for (name, tokens) in [("all", "all"), ("top", "top=3"), ("log", "log=7")] {
      let outcome = try await klsim(
        "\(line) --snapshot-tokens \(tokens) --snapshot-output \(name).csv --quiet")
      #expect(outcome.end == .exit(0) && outcome.errors.isEmpty, "\(outcome.errors)")
    }
    let all = try klsim.folder.text(of: "all.csv").split(separator: "\n")
    for (name, count) in [("top", 3), ("log", 7)] {
      let some = try klsim.folder.text(of: "\(name).csv").split(separator: "\n")
      #expect(some.count == 1 + 2 * 2 * count && Set(some).isSubset(of: all))
    }
  }

  /// It is said before anything is written, here because nothing can be.
  @Test func largeSnapshotsAreAnnounced() async throws {
    let line = "--teacher zipf:size=10000 --epochs 2000 --snapshots all --snapshot-output no/s.csv"
    let all = try await klsim("\(line) --output r.csv --quiet")
    #expect(all.end == .exit(73))
    #expect(all.errors.contains("the snapshots will take about 4.6 GB"), "\(all.errors)")
    #expect(all.errors.contains("--snapshot-tokens log=400"))
    let some = try await klsim("\(line) --output r.csv --snapshot-tokens log=400")
    #expect(some.end == .exit(73) && !some.errors.contains("GB"), "\(some.errors)")
  }

  @Test(arguments: [("0,2,5", [0, 2, 5]), ("every=4", [0, 4, 5]), ("all", [0, 1, 2, 3, 4, 5])])
  func snapshotsShowEveryToken(selection: String, epochs: [Int]) async throws {
    try klsim.folder.write("0.2\n0.5\n0.3\n", to: "p.csv")
    let outcome = try await klsim(
      "--teacher-file p.csv --objective fkl,rkl --epochs 5 --output r.csv"
        + " --snapshots \(selection) --snapshot-output s.csv")
    #expect(outcome.end == .exit(0), "\(outcome.errors)")
    let table = try Table(klsim.folder.text(of: "s.csv"))
    #expect(
      table.header == [
        "teacher", "student", "objective", "optimizer", "learning_rate", "init", "seed", "epoch",
        "token", "rank", "p", "q",
      ])
    let records = try Table(klsim.folder.text(of: "r.csv"))
    #expect(table.rows.count == 2 * epochs.count * 3)
    for objective in ["fkl", "rkl"] {
      for epoch in epochs {
        let key: KeyValuePairs = ["objective": objective, "epoch": epoch.description]
        let rows = table.rows(key)
        #expect(rows.map { $0["token"] } == ["0", "1", "2"])
        #expect(rows.map { $0["rank"] } == ["2", "0", "1"])
        #expect(rows.map { $0["p"] } == ["0.2", "0.5", "0.3"])
        let distance = rows.reduce(0) { $0 + abs($1.number("p") - $1.number("q")) } / 2
        #expect(gap(distance, try records.row(key).number("tvd")) <= 1e-15)
      }
    }
  }

  @Test func snapshotsGoToStandardOutputWhenAsked() async throws {
    let outcome = try await klsim(
      "--epochs 2 --output r.csv --snapshots 2 --snapshot-output - --quiet")
    #expect(outcome.end == .exit(0))
    #expect(outcome.errors.isEmpty)
    #expect(try Table(outcome.output).header.last == "q")
    #expect(try Table(klsim.folder.text(of: "r.csv")).rows.count == 6)
  }

  @Test func snapshotsDoNotChangeTheRecords() async throws {
    let plain = try await klsim("--epochs 6 --quiet")
    let snapped = try await klsim(
      "--epochs 6 --quiet --snapshots every=2 --snapshot-output s.csv")
    expectSameText(snapped.output, plain.output)
  }

  @Test func anOutputFileHoldsWhatWouldBePrinted() async throws {
    let printed = try await klsim("--epochs 4")
    let dash = try await klsim("--epochs 4 --output -")
    let written = try await klsim("--epochs 4 --output r.csv")
    #expect(written.end == .exit(0))
    #expect(written.output.isEmpty)
    expectSameText(dash.output, printed.output)
    expectSameText(try klsim.folder.text(of: "r.csv"), printed.output)
    expectSameText(written.errors, printed.errors)
    #expect(try klsim.folder.names() == ["r.csv"])
  }

  @Test func anOlderFileIsReplaced() async throws {
    try klsim.folder.write(String(repeating: "old\n", count: 10_000), to: "r.csv")
    let outcome = try await klsim("--epochs 1 --output r.csv")
    #expect(outcome.end == .exit(0))
    #expect(try Table(klsim.folder.text(of: "r.csv")).rows.count == 4)
    #expect(try klsim.folder.names() == ["r.csv"])
  }

  @Test func quietSaysNothing() async throws {
    let quiet = try await klsim("--epochs 4 --quiet")
    #expect(quiet.end == .exit(0))
    #expect(quiet.errors.isEmpty)
    let talkative = try await klsim("--epochs 4")
    #expect(!talkative.errors.isEmpty)
    expectSameText(quiet.output, talkative.output)
  }

  @Test func commasAndRepeatedOptionsSpanTheSameProduct() async throws {
    let commas = try await klsim(
      "--teacher longtail:size=6,uniform:size=4 --objective fkl,rkl --optimizer adam,sgd"
        + " --learning-rate 0.1,0.2 --init zeros,normal --head mass=0.5,count=2"
        + " --metric js,top1 --seeds 3 --epochs 1 --quiet")
    let repeated = try await klsim(
      "--teacher longtail:size=6 --teacher uniform:size=4 --objective fkl --objective rkl"
        + " --optimizer adam --optimizer sgd --learning-rate 0.1 --learning-rate 0.2"
        + " --init zeros --init normal --head mass=0.5 --head count=2"
        + " --metric js --metric top1 --seeds 3 --epochs 1 --quiet")
    #expect(commas.end == .exit(0))
    expectSameText(repeated.output, commas.output)
    let table = try Table(commas.output)
    // 2⁵ setups, 3 seeds, 2 epochs, 2 heads.
    #expect(table.rows.count == 384)
    let names = [
      "teacher", "objective", "optimizer", "learning_rate", "init", "seed", "epoch", "head",
    ]
    let keys = table.rows.map { row in names.map { row[$0] } }
    #expect(Set(keys).count == keys.count)
    // The last option changes fastest.
    #expect(keys[1] == Array(keys[0].dropLast()) + ["count=2"])
    #expect(table.column("teacher").prefix(192).allSatisfy { $0 == "longtail:size=6" })
  }

  @Test func metricsAddColumnsInTheCatalogsOrder() async throws {
    let table = try await klsim.table(
      "--epochs 2 --metric top1,log-ratio --metric js --head mass=0.5,mass=1 --quiet")
    #expect(
      table.header == MainJobEndToEndTests.header
        + ["js", "head_log_ratio", "tail_log_ratio", "top1"])
    for row in table.rows {
      #expect((0.0...0.6932).contains(row.number("js")))
      #expect(["0", "1"].contains(row["top1"]))
      // Where everything is head there is no tail to take a mean over.
      #expect((row["tail_log_ratio"] == "") == (row["head"] == "mass=1"))
    }
  }

  @Test func teacherFilesStandAfterFamilies() async throws {
    try klsim.folder.write("3\n1\n", to: "a.csv")
    try klsim.folder.write("name,n\nx,2\ny,2\n", to: "b.csv")
    let table = try await klsim.table(
      "--teacher-file a.csv --teacher-values counts --teacher uniform:size=2"
        + " --teacher file:path=b.csv:column=n:values=counts --epochs 0 --objective fkl --quiet")
    #expect(
      table.column("teacher") == [
        "uniform:size=2", "file:path=b.csv:values=counts:column=n", "file:path=a.csv:values=counts",
      ])
    // Two equal counts are the uniform teacher.
    #expect(table.rows[0]["loss"] == table.rows[1]["loss"])
  }

  @Test func canonicalSpecificationsStandInTheKeys() async throws {
    let table = try await klsim.table(
      "--teacher zipf:exponent=1.10:size=0020 --objective mix:lambda=.5,akl:mu=8e-1"
        + " --optimizer sgd:momentum=0.90 --learning-rate 1e-1 --init normal:mean=0:sigma=2.0"
        + " --head mass=0.50:rule=inclusive --epochs 0 --quiet")
    let row = try #require(table.rows.first)
    #expect(row["teacher"] == "zipf:size=20")
    #expect(table.column("objective") == ["mix", "akl:mu=0.8"])
    #expect(row["optimizer"] == "sgd:momentum=0.9")
    #expect(row["learning_rate"] == "0.1")
    #expect(row["init"] == "normal:sigma=2")
    #expect(row["head"] == "mass=0.5:rule=inclusive")
  }
}
