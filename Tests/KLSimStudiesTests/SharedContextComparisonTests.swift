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
    return try RecordComparison(Table(paths: [path], numbers: question.numbers), question)
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
    let joined = try Table(paths: [plain, held], numbers: Question().numbers)
    #expect(
      try RecordComparison(joined, Question()).answers.map { $0.keys.last } == [
        "", "train", "held-out",
      ])
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
      message { try compare(rows) { $0.epochs = [0.5] } }.contains(
        "0.5 is not recorded of all runs; recorded is 0.333, 0.667, 1"))
    for epoch in [-1.0, .nan, .infinity] {
      #expect(
        message { try compare(Self.records(of: "low-rank", epochs: [1, epoch])) }.contains(
          "epoch is \(epoch), not a number of at least 0"))
    }
  }
}
