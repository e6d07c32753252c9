// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimTestSupport
import Testing

/// `klsim sequence` and `klsim estimate` from options to tables.
@Suite struct SequenceEndToEndTests {
  let klsim: CommandUnderTest

  init() throws {
    klsim = try CommandUnderTest()
  }

  private static let small =
    "sequence --teacher tabular:size=2:length=2,markov:size=3:length=4:eos=2"
    + " --student markov:order=0,tabular --signal seq-rkl,policy-gradient --samples 3"
    + " --epochs 4 --record 0,1,4 --seeds 2 --quiet"

  private func output(_ line: String) async throws -> String {
    let outcome = try await klsim(line)
    #expect(outcome.end == .exit(0) && outcome.errors.isEmpty, "\(outcome.errors)")
    return outcome.output
  }

  @Test func records() async throws {
    try Golden("sequence.csv").expectTable(
      await output(Self.small + " --head mass=0.5,count=1 --clip norm=1 --diagnose"))
  }

  @Test func aggregates() async throws {
    try Golden("sequence-aggregate.csv").expectTable(await output(Self.small + " --aggregate"))
  }

  @Test func theNumberOfJobsDoesNotShow() async throws {
    for options in ["", " --aggregate", " --diagnose --against seq-fkl", " --format jsonl"] {
      let one = try await output("\(Self.small)\(options) --jobs 1")
      let two = try await output("\(Self.small)\(options) --jobs 2")
      expectSameText(one, two)
    }
  }

  /// Every row is there in both formats, and the mean over seeds is that of the records.
  @Test func tablesOfAllFormsAgree() async throws {
    let records = try Table(await output(Self.small))
    // Teachers, students, signals, seeds and epochs.
    #expect(records.rows.count == 48)
    let lines = try await output(Self.small + " --format jsonl").split(separator: "\n")
    #expect(lines.count == records.rows.count)
    for (line, row) in zip(lines, records.rows) {
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      #expect(Set(object.keys) == Set(records.header))
      #expect(object["signal"] as? String == row["signal"])
      // Foundation reads decimals with an error of some units in the last place.
      let value = try #require(object["seq_fkl"] as? Double)
      #expect(abs(value - row.number("seq_fkl")) <= 1e-14)
      #expect(object["epoch"] as? Int == Int(row["epoch"]))
    }
    let aggregates = try Table(await output(Self.small + " --aggregate"))
    let keys: KeyValuePairs = [
      "teacher": "tabular:size=2:length=2", "student": "tabular", "signal": "policy-gradient",
      "epoch": "4",
    ]
    let own = records.rows(keys).map { $0.number("seq_rkl") }
    let mean = try aggregates.row([
      "teacher": "tabular:size=2:length=2", "student": "tabular", "signal": "policy-gradient",
      "epoch": "4", "metric": "seq_rkl",
    ])
    #expect(own.count == 2 && mean["seeds"] == "2")
    let expected = own.reduce(0, +) / 2
    #expect(abs(mean.number("mean") - expected) <= 1e-15)
  }

  /// A diagnosis adds columns and changes nothing else.
  @Test func aDiagnosisAddsColumns() async throws {
    let plain = try Table(await output(Self.small))
    let diagnosed = try Table(await output(Self.small + " --diagnose"))
    #expect(diagnosed.header.filter { !plain.header.contains($0) }.count == 8)
    for (row, other) in zip(plain.rows, diagnosed.rows) {
      for name in plain.header { #expect(row[name] == other[name]) }
    }
    for row in diagnosed.rows where row["signal"] == "seq-rkl" {
      #expect(row.number("gradient_bias") == 0 && row.number("gradient_variance") == 0)
    }
    // One tabular student for all prefixes: the policy gradient is unbiased.
    for row in diagnosed.rows where row["signal"] == "policy-gradient" {
      #expect(row.number("gradient_bias") < 1e-12)
      let (mse, variance) = (row.number("gradient_mse"), row.number("sample_variance"))
      let excess = mse - variance / 3
      #expect(abs(excess) <= 1e-12 * mse)
    }
  }

  /// p and z of three prefixes of two tokens.
  private func writeModel() throws -> String {
    let logits = [(0.5, -0.5), (1, 0), (0, 1)]
    let rows = logits.map { row in
      let sum = exp(row.0) + exp(row.1)
      return "\(exp(row.0) / sum),\(exp(row.1) / sum)"
    }
    try klsim.folder.write("p0,p1\n" + rows.joined(separator: "\n") + "\n", to: "p.csv")
    try klsim.folder.write("0\n0\n0.3\n0\n0\n-0.2\n", to: "z.csv")
    return "estimate --teacher tabular:size=2:length=2:path=p.csv --student tabular"
      + " --init file:path=z.csv"
  }

  /// Total variances of one sample, to twelve decimals, and biases of discounts below 1.
  @Test(
    arguments: [
      ("policy-gradient", 0.212741112644, 0),
      ("policy-gradient:baseline=token-kl", 0.190711316309, 0),
      ("policy-gradient:baseline=value", 0.183999529351, 0),
      ("policy-gradient:gamma=0", 0.073060731762, 0.041764177906),
      ("policy-gradient:gamma=0.5", .nan, 0.020882088953),
    ])
  func momentsAreTheWorkedOnes(signal: String, variance: Double, bias: Double) async throws {
    let table = try Table(
      await output("\(writeModel()) --signal \(signal) --samples 4 --output -"))
    #expect(table.rows.count == 1)
    let row = try #require(table.rows.first)
    #expect(row["against"] == "seq-rkl" && row["epoch"] == "0" && row["draws"].isEmpty)
    #expect(row["init"] == "file:path=z.csv")
    #expect(abs(row.number("exact_norm") - 0.463710635940) <= 2e-12)
    #expect(abs(row.number("gradient_bias") - bias) <= 2e-12)
    guard !variance.isNaN else { return }
    #expect(abs(row.number("sample_variance") - variance) <= 1e-12)
    let excess = row.number("gradient_mse") - bias * bias - variance / 4
    #expect(abs(excess) <= 1e-12)
  }

  /// A token of a text ends a sequence as its number does.
  @Test func endTokensHaveNames() async throws {
    let text = "markov:text=alice:unit=characters:size=30:length=5"
    let list = try await output("list tokens --teacher \(text)")
    #expect(list.contains("\n   0  \" \"\n") && list.contains("all other characters\n"))
    let line = try #require(list.split(separator: "\n").first { $0.hasSuffix("\"t\"") })
    let number = try #require(line.split(separator: " ").first)
    func records(_ end: String) async throws -> [[String]] {
      let outcome = try await klsim([
        "sequence", "--teacher", "\(text):eos=\(end)", "--epochs", "2", "--quiet",
      ])
      return try Table(outcome.output).rows.map { [$0["seq_fkl"], $0["length"], $0["teacher"]] }
    }
    let (named, numbered) = (try await records("T"), try await records("\(number)"))
    #expect(named.count > 2 && named.map { $0.dropLast() } == numbered.map { $0.dropLast() })
    #expect(named[0][2].hasSuffix(":eos=T") && named[0][1] != "5")
    #expect(try await records("\" \"")[0][2].hasSuffix(":eos=\" \""))
    let words = try await output("list tokens --teacher ngram:text=alice:size=3")
    #expect(words.contains("  0  \"the\"\n") && words.contains("  3  all other words\n"))
  }

  /// Estimates and figures that do not suit are answered by what reads them.
  @Test func wrongTablesAreAnswered() async throws {
    #expect(try await klsim("estimate --teacher tabular --output e.csv").end == .exit(0))
    let compared = try await klsim("compare e.csv")
    #expect(
      compared.end == .exit(65) && compared.errors.contains("--figure estimators or mse"))
    let drawn = try await klsim("plot e.csv --figure curves")
    #expect(
      drawn.errors.contains(
        "these are estimates of gradients, which are shown by estimators, mse, not by curves"))
    #expect(!drawn.errors.contains("gradient_bias"))
  }

  /// Records of sequences are compared in both KLs, the tail error and the void mass.
  @Test func comparisonsOfRecords() async throws {
    #expect(try await klsim(Self.small + " --output s.csv").end == .exit(0))
    let table = try await klsim.table("compare s.csv")
    #expect(
      Set(table.rows.map { $0["metric"] }) == ["seq_fkl", "seq_rkl", "tail_error", "void_mass"])
  }

  /// A signal that is longer than a line stands above its numbers.
  @Test func longSignalsStandAboveTheirNumbers() async throws {
    let long =
      "gkd-samples:objective=\"gjsd:beta=0.5\":sampling-temperature=0.9:reduction=token-mean"
    let table = try await klsim([
      "estimate", "--teacher", "tabular", "--table", "--against", "seq-fkl,seq-rkl", "--signal",
      "seqkd,\(long)",
    ]).output
    let lines = table.split(separator: "\n").map(String.init)
    let place = try #require(lines.firstIndex(of: long))
    #expect(lines[place + 1].hasPrefix("   exact ") && long.count > 80)
    #expect(lines[..<place].contains("signal") && lines[..<place].contains("seqkd"))
  }

  /// k1 as a loss has the expectation 0, which has no direction.
  @Test func anExpectationOfZeroHasNoCosine() async throws {
    let table = try Table(await output("\(writeModel()) --signal kl-estimator:k=1"))
    let row = try #require(table.rows.first)
    #expect(row["gradient_cosine"].isEmpty)
    #expect(abs(row.number("gradient_bias") - row.number("exact_norm")) <= 1e-12)
  }

  @Test func estimates() async throws {
    let line =
      "\(try writeModel()) --signal seqkd,policy-gradient:gamma=0 --against seq-fkl,seq-rkl"
    try Golden("estimate.csv").expectTable(await output(line))
    try Golden("estimate.txt").expectText(await output(line + " --table"))
  }

  @Test(
    arguments: [
      Refusal("sequence --signal policy-gradien", says: "did you mean policy-gradient?"),
      Refusal("sequence --teacher markov:eos=9", says: "eos 9: the tokens of markov are 0…3"),
      Refusal("estimate --teacher markov:eos=9", says: "eos 9"),
      Refusal(
        "sequence --teacher markov:length=40 --signal seq-tvd", says: "more than 100000 sequences",
        "shorter length"),
      Refusal("estimate --teacher markov:length=40 --against seq-tvd", says: "more than 100000"),
      Refusal("sequence --optimizer natural-gradient", says: "natural-gradient", "take adam"),
      Refusal("sequence --against seq-rkl", says: "--against", "--diagnose"),
      Refusal("sequence --samples 0", says: "--samples '0' is not", "at least 1"),
      Refusal("run --teacher markov", says: "klsim sequence and klsim estimate"),
      Refusal("run --student tabular", says: "klsim sequence and klsim estimate"),
      Refusal("run --objective policy-gradient", says: "--signal policy-gradient"),
      Refusal("run --signal seqkd", says: "--signal is an option of sequence and estimate"),
      Refusal("sequence --teacher longtail", says: "--teacher longtail is an option of klsim run"),
      Refusal("sequence --student softmax", says: "softmax", "klsim run"),
      Refusal("sequence --signal akl", says: "gkd:objective=akl"),
      Refusal(
        "sequence --objective rkl", says: "an option of run and gradient", "--signal: seq-rkl"),
      Refusal("estimate --loss rkl", says: "--signal: seq-rkl"),
      Refusal("sequence --batch 4", says: "--batch is an option of run"),
      Refusal(
        "sequence --signal foo", says: "unknown signal 'foo'\n",
        "klsim list sequence-objectives signals\n"),
      Refusal(
        "sequence --signal gkd:divergence=skew-rkl:alpha=0.1",
        says: "'gkd:objective=\"skew-rkl:alpha=0.1\"'"),
      Refusal(
        "sequence --signal gkd:objective=skew-rkl:alpha=0.1:lambda=1",
        says: "'gkd:objective=\"skew-rkl:alpha=0.1\":lambda=1'"),
      Refusal("sequence --teacher markov:eos=.", says: "eos=. is not a token number"),
      Refusal(
        "sequence --teacher markov:text=alice:eos=alicee",
        says: "eos=alicee is none of the 4 words that are kept of the text"),
      Refusal("list tokens", says: "--teacher SPEC"),
      Refusal("list tokens --teacher longtail", says: "numbers alone"),
      Refusal("estimate --draws 0", says: "--draws 0"),
      Refusal("estimate --table --format csv", says: "--table and --format exclude each other"),
      Refusal("estimate --signal seqkd,seqkd", says: "seqkd is given twice"),
      Refusal("sequence --head count=99", says: "only 4 tokens"),
      Refusal(
        "sequence --teacher markov:eos=1:student-eos=2 --signal seq-gjsd", says: "student-eos"),
      Refusal("plot e.csv --figure mse --objectives seqk", says: "did you mean seqkd?"),
    ])
  func badUsageIsRefused(refusal: Refusal) async throws {
    try await klsim.expectRefusal(refusal, code: 64)
  }

  /// Of a low-rank student parameters of 1e200 are finite, and their products are not.
  @Test(arguments: ["", " --aggregate"])
  func infiniteLogitsAreSaidToDiverge(_ option: String) async throws {
    let outcome = try await klsim(
      "sequence --student low-rank:order=0:bias=false --signal seq-fkl --optimizer adamw --lr 1e200"
        + " --epochs 2 --quiet\(option)")
    #expect(outcome.end == .exit(0) && outcome.output.contains("nan"))
    #expect(outcome.errors.contains("infinite or not a number in 1 of 1 runs"))
  }

  /// Where the student's probability underflows, p²/q is infinite although the parameters are finite.
  @Test(arguments: ["", " --aggregate"])
  func infiniteGradientsAreSaid(_ option: String) async throws {
    let outcome = try await klsim(
      "sequence --teacher tabular:size=3:length=2 --signal token-loss:objective=chi2-pearson --optimizer sgd"
        + " --learning-rate 1e100,0.1 --epochs 1 --diagnose --quiet\(option)")
    #expect(outcome.end == .exit(0) && outcome.output.contains("nan"))
    #expect(!outcome.errors.contains("parameters or logits"))
    let warning = "the gradient has an infinite mean or variance, as a ratio of probabilities"
    #expect(outcome.errors.contains("\(warning) overflows, in 1 of 2 runs, the first: "))
    #expect(outcome.errors.contains("from epoch 1"))
  }

  @Test(
    .enabled(if: canDraw, "gnuplot is not installed"),
    arguments: ["estimators", "mse", "capacity", "curves"])
  func everyFigureIsDrawn(figure: String) async throws {
    let line =
      ["capacity", "curves"].contains(figure)
      ? Self.small.replacing(",markov:size=3:length=4:eos=2", with: "")
      : "estimate --teacher tabular --signal seqkd,policy-gradient --seeds 2"
    #expect(try await klsim("\(line) --output t.csv").end == .exit(0))
    for ending in ["svg", "png", "pdf"] {
      let outcome = try await klsim("plot t.csv --figure \(figure) --output f.\(ending)")
      #expect(outcome.end == .exit(0) && outcome.errors.isEmpty, "\(outcome.errors)")
    }
    let text = try await output("plot t.csv --figure \(figure) --size 100x40")
    #expect(text.contains("policy-gradient"))
    let others = try await klsim("plot t.csv --figure snapshots")
    #expect(others.end == .exit(65) && others.errors.contains("are shown by"))
  }
}
