// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimNumerics
import KLSimTestSupport
import Testing

@testable import KLSimSequences

/// Runs on sequences, and what they record.
@Suite struct TrainingTests {
  private static func run(
    _ choices: [String: String], epochs: Int, seed: UInt64 = 1
  ) throws -> (logits: [Double], records: [[String: Double]]) {
    let measurement = SequenceMeasurement(heads: [try Catalog.head("mass=0.5")])
    let setup = try SequenceSetup(choices.mapValues { $0 }, epochs: epochs)
    let trajectory = try SequenceFit(setup, measurement).run(seed: seed) {
      $0 == 0 || $0 == epochs
    }
    #expect(trajectory.divergenceEpoch == nil)
    let records = trajectory.records.map { record in
      Dictionary(
        zip(measurement.columns.map(\.name), record.values[0]).compactMap { column, value in
          value.map { (column, $0) }
        }, uniquingKeysWith: { first, _ in first })
    }
    return (trajectory.finalLogits, records)
  }

  /// With 100 samples a step every signal of forward or reverse KL comes close to a teacher that the student can
  /// represent.
  @Test(arguments: [
    "seqkd", "policy-gradient", "snis:candidates=32", "score-climbing:candidates=4",
    "promptkd:rate=0", "seq-rkl",
  ])
  func signalsLeadToTheTeacher(_ signal: String) throws {
    let (_, records) = try Self.run(
      [
        "teacher": "markov:size=3:length=3:eos=2", "student": "markov", "signal": signal,
        "samples": "100", "learning-rate": "0.05",
      ], epochs: 400)
    for column in ["seq_fkl", "seq_rkl"] {
      let (start, end) = (
        try #require(records[0][column]), try #require(records[1][column])
      )
      #expect(start > 0.3 && end < 0.02)
    }
  }

  @Test(arguments: ["rkl", "fkl", "js", "alpha"], ["reference", "student"])
  func preferencesLeadToTheOptimumOfTheBandit(_ divergence: String, _ pairs: String) throws {
    let teacher = "bandit:size=3:beta=0.7:divergence=\(divergence)"
    let (logits, _) = try Self.run(
      [
        "teacher": teacher, "student": "tabular", "signal": "f-dpo:pairs=\(pairs):labels=expected",
        "samples": "100", "learning-rate": "0.05",
      ], epochs: 500)
    let world = try WorldTests.world(teacher)
    let student = StudentTable(logits, vocabularySize: 3)
    #expect(worstGap(student.probabilities, world.probabilities) < 1e-3)
  }

  /// The repetition rate is the expected number of tokens that equal the one a phrase before, of those that have
  /// one, over the expected number of these.
  @Test(arguments: [1, 2, 3])
  func repetitionIsThatOfAllSequences(_ phrase: Int) throws {
    let teacher = "tabular:size=3:length=5:trap=2:phrase=\(phrase)"
    let setup = try SequenceSetup(
      ["teacher": teacher, "student": "markov", "init": "normal:sigma=1"], epochs: 0)
    let space = try setup.space(seed: 3)
    let start = try setup.start(in: space, nil, seed: 3)
    let student = StudentTable(start, vocabularySize: 3)
    var (repeated, total) = (0.0, 0.0)
    for written in Written.all(in: space, at: student, endingWith: nil) {
      for step in phrase..<5 {
        total += exponential(written.logQ)
        if written.tokens[step] == written.tokens[step - phrase] {
          repeated += exponential(written.logQ)
        }
      }
    }
    let (_, records) = try Self.run(
      ["teacher": teacher, "student": "markov", "init": "normal:sigma=1"], epochs: 0, seed: 3)
    let found = try #require(records[0]["repetition"])
    #expect(abs(found - repeated / total) < 1e-12)
  }
}
