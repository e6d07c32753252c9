// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimTestSupport
import Testing

/// `klsim estimate`: which rows are exact, what is said of dependent samples, and students after updates.
@Suite struct EstimateEndToEndTests {
  let klsim: CommandUnderTest

  init() throws {
    klsim = try CommandUnderTest()
  }

  private func output(_ line: String) async throws -> String {
    let outcome = try await klsim(line)
    #expect(outcome.end == .exit(0) && outcome.errors.isEmpty, "\(outcome.errors)")
    return outcome.output
  }

  private static let world = "--teacher tabular:size=2:length=3 --student tabular"

  /// Along a run an estimate is the diagnosis of the same epoch, with the same memory.
  @Test(arguments: ["policy-gradient:gamma=0", "promptkd", "kl-estimator:lag=2:weights=token"])
  func anEstimateIsTheDiagnosisOfItsEpoch(_ signal: String) async throws {
    let run = "\(Self.world) --signal \(signal) --samples 5 --lr 0.3 --optimizer sgd --epochs 4"
    let estimates = try Table(await output("estimate \(run) --record 2,4"))
    let records = try Table(await output("sequence \(run) --record 2,4 --diagnose --quiet"))
    #expect(estimates.rows.count == 2 && records.rows.count == 2)
    for (row, other) in zip(estimates.rows, records.rows) {
      for column in [
        "signal", "samples", "optimizer", "learning_rate", "epoch", "gradient_bias",
        "gradient_variance", "sample_variance", "gradient_cosine", "gradient_scale",
        "direction_bias", "gradient_mse", "worthwhile_samples",
      ] { #expect(row[column] == other[column], "\(column)") }
    }
  }

  /// Dependent samples have no variance of one, and the table says why.
  @Test func dependentSamplesAreFootnoted() async throws {
    let signals = "policy-gradient,policy-gradient:baseline=leave-one-out,gkd-samples:mixing=coin"
    let line = "estimate \(Self.world) --signal \(signals) --samples 10 --draws 2000"
    let rows = try Table(await output(line)).rows
    #expect(rows.map { $0["sample_variance"].isEmpty } == [false, true, true])
    #expect(rows.map { $0["draws"] } == ["", "2000", ""])
    #expect(rows.allSatisfy { $0.number("gradient_variance") > 0 })
    let text = try await output(line + " --table")
    for words in [
      "* policy-gradient:baseline=leave-one-out: a sample is shifted",
      "* gkd-samples:mixing=coin: a coin decides", "sampled", "exact", " ± ",
    ] { #expect(text.contains(words), "\(words)") }
  }

  /// The moments of independent samples do not depend on how many a step has, also after updates in which they
  /// were drawn together; a rate of 0 leaves the student where it is.
  @Test(arguments: ["snis:candidates=3", "kl-estimator:k=3:lag=2"])
  func fewerDrawsThanSamplesAfterUpdates(_ signal: String) async throws {
    let line =
      "estimate --teacher markov:length=4 --signal \(signal) --draws 6 --lr 0 --epochs 2 --samples"
    let (few, one) = (try Table(await output("\(line) 7")), try Table(await output("\(line) 1")))
    for column in ["gradient_bias", "sample_variance", "gradient_cosine"] {
      #expect(few.numbers(column) == one.numbers(column) && few.numbers(column)[0].isFinite)
    }
  }

  /// The table says in words where errors meet: (v₁ − v₂)/bias².
  @Test func breakEvenIsInWords() async throws {
    let line = "estimate \(Self.world) --signal policy-gradient,policy-gradient:gamma=0"
    let rows = try Table(await output(line)).rows
    let difference = rows[0].number("sample_variance") - rows[1].number("sample_variance")
    let bias = rows[1].number("gradient_bias")
    let samples = Int((difference / (bias * bias)).rounded(.up))
    let text = try await output(line + " --table")
    #expect(samples > 1)
    #expect(
      text.contains("policy-gradient:gamma=0: smaller below \(samples) samples a step, larger"))
    #expect(text.contains("no bias"))
  }

  @Test(
    arguments: [
      Refusal("estimate --signal kl-estimator:lag=2", says: "lag=2 is lag=0", "--epochs"),
      Refusal(
        "estimate --samples 1 --signal policy-gradient:baseline=leave-one-out",
        says: "at least two", "--samples 2"),
      Refusal(
        "sequence --samples 10,1 --signal policy-gradient:baseline=leave-one-out",
        says: "at least two"),
      Refusal("sequence --signal gkd:share=0.5", says: "part=first or part=last"),
      Refusal("sequence --signal token-loss:share=0.5", says: "part=first or part=last"),
      Refusal(
        "sequence --teacher markov:length=3 --signal token-loss:part=first:share=0.1",
        says: "the first 0.1 of 3 positions"),
      Refusal(
        "sequence --teacher markov:order=2:trap=2:student-eos=1:eos=3", says: "eos 1 is a token of"),
      Refusal("estimate --epochs 2 --record 3", says: "3"),
    ])
  func badUsageIsRefused(refusal: Refusal) async throws {
    try await klsim.expectRefusal(refusal, code: 64)
  }
}
