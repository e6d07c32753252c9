// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimTestSupport
import Testing

@testable import KLSimCore
@testable import KLSimFiles
@testable import KLSimStudies

/// Comparisons of students that share parameters among contexts, at fractions of epochs, and of contexts
/// that are held out.
@Suite struct SharedContextComparisonTests {
  typealias Question = RecordComparison.Question

  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  static let header = "student,objective,seed,epoch,tvd,tail_error,context,context_label,split\n"

  /// Records of a student of three contexts, in which reverse KL is behind by `lead` in the means, and ahead
  /// by as much in every context.
  static func records(
    of student: String, means: Bool = true, split: String = "", epochs: [Double] = [1],
    lead: Double = 1
  ) -> String {
    var rows = ""
    for (objective, step) in [("fkl", 0), ("rkl", lead)] {
      for seed in 1...8 {
        for epoch in epochs {
          for context in 0..<3 {
            rows +=
              "\(student),\(objective),\(seed),\(epoch),0,\(Double(9 * seed + context) - step),"
            rows += "\(context),c\(context),\(split)\n"
          }
          guard means else { continue }
          rows +=
            "\(student),\(objective),\(seed),\(epoch),0,\(Double(9 * seed) + step),,mean,\(split)\n"
        }
      }
    }
    return rows
  }

  func compare(_ rows: String, _ change: (inout Question) -> Void = { _ in }) throws
    -> RecordComparison
  {
    var question = Question()
    change(&question)
    let path = try folder.write(Self.header + rows, to: "r.csv")
    return try RecordComparison(
      Table([TableFiles(file: path)], numbers: question.numbers), question)
  }

  func message(_ body: () throws -> some Any) -> String {
    do { return "no error, but \(try body())" } catch { return "\(error)" }
  }

  @Test(arguments: ["log-bilinear:rank=2", "low-rank"])
  func contextsThatShareParametersAreOneRun(student: String) throws {
    let comparison = try compare(Self.records(of: student))
    let pair = comparison.answers[0].contest.pairs[0].difference
    #expect(pair.count == 8 && pair.lower == 8)
    #expect(comparison.answers[0].pairing.words == "8 seeds, each the mean over contexts")
  }

  /// Contexts that are fitted by themselves remain pairs, also beside others.
  @Test func contextsOfOtherStudentsArePairs() throws {
    let rows = Self.records(of: "softmax") + Self.records(of: "low-rank")
    let comparison = try compare(rows)
    #expect(comparison.answers.map(\.keys) == [["softmax", ""], ["low-rank", ""]])
    #expect(
      comparison.answers.map(\.pairing.words) == [
        "3 contexts, each the median of 8 seeds", "8 seeds, each the mean over contexts",
      ])
    #expect(comparison.answers.map { $0.contest.pairs[0].difference.count } == [3, 8])
    #expect(comparison.answers.map { $0.contest.pairs[0].difference.lower } == [0, 8])
    // Students side by side are compared by the means of both.
    let students = try compare(rows) { $0.by = "student" }
    #expect(students.answers.map { $0.contest.pairs[0].difference.count } == [8, 8])
  }

  @Test func withoutMeansOneContextCanBeAsked() throws {
    let rows = Self.records(of: "low-rank", means: false)
    #expect(
      message { try compare(rows) }.contains("contexts of low-rank share parameters"))
    let within = try compare(rows) { $0.within = ["context"] }
    #expect(within.answers.map { $0.contest.pairs[0].difference.count } == [8, 8, 8])
    let one = rows.split(separator: "\n").filter { $0.contains(",c1,") }.map { $0 + "\n" }.joined()
    #expect(try compare(one).answers[0].contest.pairs[0].difference.count == 8)
  }

  @Test func partsOfTheContextsAreQuestionsOfTheirOwn() throws {
    let rows =
      Self.records(of: "low-rank", split: "train")
      + Self.records(of: "low-rank", split: "held-out", lead: -1)
    let comparison = try compare(rows)
    #expect(comparison.answers.map { $0.keys.last } == ["train", "held-out"])
    #expect(comparison.answers.map { $0.contest.verdict } == [.leads(0), .leads(1)])
    #expect(try comparison.text(width: 100).contains("tail_error · low-rank · held-out · pairs: 8"))
    #expect(
      message { try compare(rows) { $0.within = [] } }.hasSuffix(
        "the rows also differ in split: train, held-out; name it in `within`, or select one by `where`"
      ))
    #expect(message { try compare(rows) { $0.best = ["split"] } }.contains("`best` split"))
    // A file without the column is of contexts that are all trained on.
    let plain = try folder.write(
      (Self.header + Self.records(of: "low-rank")).split(separator: "\n").map {
        $0.split(separator: ",", omittingEmptySubsequences: false).dropLast().joined(separator: ",")
          + "\n"
      }.joined(), to: "plain.csv")
    let held = try folder.write(Self.header + rows, to: "held.csv")
    let joined = try Table([plain, held].map { TableFiles(file: $0) }, numbers: Question().numbers)
    #expect(
      try RecordComparison(joined, Question()).answers.map { $0.keys.last } == [
        "", "train", "held-out",
      ])
  }

  /// The nearest state stands for an epoch that is not recorded, within a quarter, and never epoch 0.
  @Test func theNearestStateStandsForAnEpoch() throws {
    func compare(_ recorded: [Double], _ asked: [Double]) throws -> RecordComparison {
      try self.compare(Self.records(of: "low-rank", epochs: recorded)) { $0.epochs = asked }
    }
    let one = try compare([0, 2.0 / 3, 1], [0.5, 1])
    #expect(one.answers.map(\.epoch) == [2.0 / 3, 1] && one.warnings.isEmpty)
    #expect(one.notes == ["epoch 0.5 is not recorded of all runs: epoch 0.667 stands for it"])
    // Two epochs with one state are one.
    #expect(try compare([0.25, 0.5], [0.25, 0.3]).answers.map(\.epoch) == [0.25])
    for (recorded, asked, words) in [
      ([0.0, 1], [0.2], "0.2 is not recorded of all runs; recorded is 0, 1"),
      ([0.5, 1], [0.75], "0.75 is not recorded of all runs; recorded is 0.5, 1"),
      ([0.5, 2], [1, 7], "1, 7 is not recorded of all runs; recorded is 0.5, 2"),
    ] { #expect(message { try compare(recorded, asked) }.contains(words)) }
  }

  /// Runs with other states are compared at those that are nearest of each.
  @Test func everyRunHasItsOwnNearestState() throws {
    let rows =
      Self.records(of: "low-rank", epochs: [0.516, 2])
      + Self.records(of: "low-rank:rank=2", epochs: [0.5, 1.9])
    let students = try compare(rows) { ($0.by, $0.epochs) = ("student", [0.5, 2]) }
    #expect(students.answers.map(\.epoch) == [0.5, 2, 0.5, 2])
    #expect(students.answers.allSatisfy { $0.contest.pairs[0].difference.count == 8 })
    #expect(
      students.notes == [
        "epoch 0.5 is not recorded of all runs: epoch 0.516 stands for it",
        "epoch 2 is not recorded of all runs: epoch 1.9 stands for it",
      ])
    let objectives = try compare(rows) { $0.epochs = [0.5] }
    #expect(objectives.answers.map(\.epoch) == [0.516, 0.5])
    #expect(
      message { try compare(rows) { $0.by = "student" } }.contains(
        "no epoch is recorded of all runs; choose some by `at`"))
  }

  /// The best choice is that of the training contexts, also for those held out.
  @Test func theBestIsChosenInTraining() throws {
    let errors: [(split: String, objective: String, rate: String, error: Double)] = [
      ("train", "fkl", "0.1", 1), ("train", "fkl", "0.2", 2), ("train", "rkl", "0.1", 4),
      ("train", "rkl", "0.2", 3), ("held-out", "fkl", "0.1", 9), ("held-out", "fkl", "0.2", 5),
      ("held-out", "rkl", "0.1", 6), ("held-out", "rkl", "0.2", 7),
    ]
    func best(of splits: [String], by: String = "objective") throws -> RecordComparison {
      let rows = errors.filter { splits.contains($0.split) }.flatMap { run in
        (1...8).map {
          "\(run.objective),\(run.rate),\($0),1,0,\(run.error + Double($0) / 100),,mean,\(run.split)\n"
        }
      }
      var question = Question()
      (question.by, question.best) = (by, ["learning_rate"])
      let path = try folder.write(
        "objective,learning_rate,seed,epoch,tvd,tail_error,context,context_label,split\n"
          + rows.joined(), to: "best.csv")
      return try RecordComparison(
        Table([TableFiles(file: path)], numbers: question.numbers), question)
    }
    let both = try best(of: ["train", "held-out"])
    #expect(
      both.answers.map { $0.contest.entries.map(\.choice) } == [
        [["0.1"], ["0.2"]], [["0.1"], ["0.2"]],
      ])
    #expect(both.answers.map { $0.contest.verdict } == [.leads(0), .leads(1)])
    #expect(
      both.notes == [
        "the best learning_rate is chosen on the training contexts, and taken for those held out"
      ])
    // The grid is that of the training contexts.
    #expect(both.warnings.count == 2)
    #expect(both.warnings.allSatisfy { $0.hasPrefix("tail_error, train, epoch 1: the best") })
    let heldOut = try best(of: ["held-out"])
    #expect(heldOut.answers[0].contest.entries.map(\.choice) == [["0.2"], ["0.1"]])
    #expect(heldOut.notes.isEmpty && heldOut.warnings.contains { $0.contains("which flatters") })
    #expect(
      message { try best(of: ["train", "held-out"], by: "split") }.contains(
        "`by` split and `best`: the best learning_rate is chosen on the training contexts"))
  }

  @Test func epochsHaveFractions() throws {
    let rows = Self.records(of: "low-rank", epochs: [1.0 / 3, 2.0 / 3, 1])
    #expect(try compare(rows).answers.map(\.epoch) == [1])
    let some = try compare(rows) { $0.epochs = [1, 0.33] }
    #expect(some.answers.map(\.epoch) == [1.0 / 3, 1])
    #expect(some.columns.first { $0.name == "epoch" }?.kind == .number)
    let place = some.columns.map(\.name).firstIndex(of: "epoch") ?? 0
    #expect(try some.rows().map { $0[place] } == [.number(1.0 / 3), Value(1)])
    let text = try some.text(width: 120).split(separator: "\n")
    #expect(text.contains { $0.hasPrefix("0.333  fkl  rkl") })
    #expect(
      message { try compare(rows) { $0.epochs = [1.5] } }.contains(
        "1.5 is not recorded of all runs; recorded is 0.333, 0.667, 1"))
    for epoch in [-1.0, .nan, .infinity] {
      #expect(
        message { try compare(Self.records(of: "low-rank", epochs: [1, epoch])) }.contains(
          "epoch is \(epoch), not a number of at least 0"))
    }
  }
}
