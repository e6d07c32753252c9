// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimTestSupport
import Testing

/// Who leads where in recorded tables.
@Suite struct CompareEndToEndTests {
  let klsim: CommandUnderTest

  init() throws {
    klsim = try CommandUnderTest()
  }

  /// Records of three objectives under two learning rates, with two head rules.
  private func record() async throws {
    let outcome = try await klsim(
      "--objective fkl,rkl,akl --learning-rate 0.1,0.4 --seeds 12 --epochs 10 --record 1,5,10"
        + " --head mass=0.5,count=37 --quiet --output runs.csv")
    #expect(outcome.end == .exit(0))
  }

  @Test(arguments: [60, 120])
  func tablesForPeople(width: Int) async throws {
    try await record()
    let outcome = try await klsim.shell(
      """
      export COLUMNS=\(width)
      "$klsim" compare runs.csv --at 1,10 --where head=count=37 --where objective=fkl \
      --where objective=rkl --table
      "$klsim" compare runs.csv --best learning_rate --metric total_error --where head=mass=0.5 \
      --against leader --confidence 0.9 --table
      """)
    #expect(outcome.end == .exit(0))
    #expect(outcome.output.split(separator: "\n").allSatisfy { $0.count <= width })
    try Golden("compare-\(width).txt").expectText(outcome.output)
  }

  @Test func warnings() async throws {
    try await record()
    let outcome = try await klsim(
      "compare runs.csv --best learning_rate --where head=mass=0.5 --metric akl_head_weight")
    #expect(
      outcome.errors.contains(
        "klsim: warning: akl_head_weight, epoch 1: the best learning_rate of fkl, rkl, akl is the smallest of the grid, 0.1"
      ))
    #expect(outcome.errors.contains("no values of akl_head_weight are better than others"))
  }

  @Test func bothFormatsSayTheSameAndAPipeGetsCSV() async throws {
    try await record()
    let csv = try await klsim.table("compare runs.csv --metric head_error,tail_error")
    // Metrics, learning rates, heads, epochs and pairs.
    let count = [2, 2, 2, 3, 3].reduce(1, *)
    #expect(csv.rows.count == count)
    #expect(Set(csv.column("metric")) == ["head_error", "tail_error"])
    let written = try await klsim(
      "compare runs.csv --metric head_error,tail_error --output answer.jsonl")
    #expect(written.output.isEmpty)
    let lines = try klsim.folder.text(of: "answer.jsonl").split(separator: "\n")
    #expect(lines.count == csv.rows.count)
    #expect(lines[0].contains("\"learning_rate\":0.1,") && lines[0].contains("\"leads\":\"fkl\""))
  }

  /// Columns may be written as the options of `run` are.
  @Test func columnsHaveTheNamesOfOptions() async throws {
    try await record()
    let line = "compare runs.csv --where head=mass=0.5 --at 10"
    let columns = try await klsim("\(line) --metric tail_error --best learning_rate")
    #expect(columns.end == .exit(0))
    for option in ["learning-rate", "lr"] {
      let options = try await klsim("\(line) --metric tail-error --best \(option)")
      expectSameText(options.output, columns.output)
    }
    let capitals = try await klsim("\(line) --metric TAIL_ERROR --best LR --against FKL")
    let plain = try await klsim("\(line) --best learning_rate --against fkl")
    expectSameText(capitals.output, plain.output)
    let two = "--where objective=fkl --where objective=rkl"
    expectSameText(
      try await klsim("compare runs.csv --where lr=0.4 --where OBJECTIVE=FKL --where objective=RKL")
        .output, try await klsim("compare runs.csv --where learning_rate=0.4 \(two)").output)
  }

  /// JSON Lines are read as CSV is, and two files as one table.
  @Test func filesOfAnyFormatAreOneTable() async throws {
    let common = "--seeds 6 --epochs 2 --quiet"
    for line in [
      "--objective fkl --output a.csv", "--objective rkl --output b.jsonl", "--output both.csv",
    ] {
      #expect(try await klsim("\(common) \(line)").end == .exit(0))
    }
    let parts = try await klsim("compare a.csv b.jsonl")
    let whole = try await klsim("compare both.csv")
    #expect(parts.end == .exit(0))
    expectSameText(parts.output, whole.output)
  }

  /// The shares of the summary are those of the comparison.
  @Test func agreesWithTheSummary() async throws {
    let run = try await klsim("--seeds 20 --epochs 10 --head count=37 --output far.csv")
    let table = try await klsim.table("compare far.csv")
    for row in table.rows {
      let share = 100 * (1 - row.number("share"))
      let words = "rkl in \(share == share.rounded() ? "\(Int(share))" : "\(share)") %"
      let line = run.errors.split(separator: "\n").first {
        $0.hasPrefix("tail error at epoch \(row["epoch"]) ")
      }
      #expect(row["leads"] == "rkl")
      #expect(line?.hasSuffix(words) == true, "\(line ?? ""), \(words)")
    }
  }

  static let refusals: [(refusal: Refusal, code: Int32)] = [
    (Refusal("compare runs.csv --by teacher", says: "--by can be objective, learning_rate"), 64),
    (Refusal("compare runs.csv --within head", says: "learning_rate: 0.1, 0.4", "--best"), 64),
    (Refusal("compare runs.csv --at 1,7", says: "--at: 7 is not recorded", "1, 5, 10"), 64),
    (Refusal("compare runs.csv --at first", says: "--at first", "1,5,10"), 64),
    (Refusal("compare runs.csv --confidence 1", says: "--confidence 1.0", "between 0 and 1"), 64),
    (Refusal("compare runs.csv --against foo", says: "--against foo", "fkl, rkl, akl"), 64),
    (Refusal("compare runs.csv --format foo", says: "unknown format 'foo'"), 64),
    (Refusal("compare runs.csv --table --format csv", says: "exclude each other"), 64),
    (Refusal("compare runs.csv --metric tail_eror", says: "did you mean tail_error?"), 64),
    (Refusal("compare runs.csv --by objectiv", says: "did you mean objective?"), 64),
    (Refusal("compare runs.csv --where hed=1", says: "no column 'hed'", "did you mean head?"), 64),
    (Refusal("compare runs.csv --where seed=99", says: "no row has seed=99"), 64),
    (Refusal("compare runs.csv --best head", says: "--best head", "such as learning_rate"), 64),
    (Refusal("compare runs.csv --metric loss", says: "different quantities"), 64),
    (Refusal("compare runs.csv --against kl", says: "can mean fkl or rkl"), 64),
    (Refusal("compare runs.csv runs.csv", says: "a run is there twice"), 65),
    (Refusal("compare means.csv", says: "means.csv", "run again without --aggregate"), 65),
    (Refusal("compare none.csv", says: "none.csv: no such file"), 66),
  ]

  @Test(arguments: refusals)
  func questionsWithoutAnAnswerAreRefused(refusal: Refusal, code: Int32) async throws {
    try await record()
    #expect(
      try await klsim("--seeds 2 --epochs 2 --aggregate --quiet --output means.csv").end == .exit(0)
    )
    try await klsim.expectRefusal(refusal, code: code)
  }
}
