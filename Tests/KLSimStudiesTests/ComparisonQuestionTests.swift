// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimTestSupport
import Testing

@testable import KLSimFiles
@testable import KLSimStudies

/// Questions to records that have no answer, or are asked in other words.
@Suite struct ComparisonQuestionTests {
  private let tables: RecordComparisonTests

  init() throws {
    tables = try RecordComparisonTests()
  }

  static let refusals:
    [(change: @Sendable (inout RecordComparison.Question) -> Void, says: String)] = [
      ({ $0.by = "teacher" }, "teacher is longtail in all rows"),
      ({ $0.by = "objectiv" }, "`by` objectiv: there is no such column; key columns are teacher, "),
      ({ $0.by = "objectiv" }, "; did you mean objective?"),
      (
        {
          $0.by = "tail_error"; $0.metrics = ["tvd"]
        }, "`by` tail_error: it is a measurement"
      ),
      ({ $0.by = "epoch" }, "`by` epoch: `at` chooses epochs"),
      ({ $0.by = "seed" }, "`by` seed: seeds make the pairs"),
      ({ $0.metrics = ["js"] }, "; run with `metric` js to record it"),
      ({ $0.metrics = ["head_log_ratio"] }, "; run with `metric` log-ratio to record it"),
      ({ $0.metrics = ["nothing"] }, "`metric` nothing: there is no such column; measurements are"),
      ({ $0.metrics = ["tail_eror"] }, "; did you mean tail_error?"),
      ({ $0.metrics = ["seed"] }, "`metric` seed: it is a key column"),
      ({ $0.within = ["teacher"] }, "also differ in learning_rate: 0.2, 0.4"),
      ({ $0.best = ["seed"] }, "`best` seed: seeds make the pairs"),
      (
        { $0.best = ["head"] },
        "`best` head: a column that is chosen in training, other than objective, is needed, such as"
          + " learning_rate"
      ),
      ({ $0.best = ["tvd"] }, "`best` tvd: it is a measurement"),
      (
        {
          $0.best = ["learning_rate"]; $0.within = ["learning_rate"]
        }, "`best` and `within` both name learning_rate"
      ),
      ({ $0.within = ["objective"] }, "`within` objective: a key column"),
      ({ $0.rivals = .level("akl") }, "`against` akl: objective is one of fkl, rkl"),
      ({ $0.rivals = .level("rlk") }, "objective is one of fkl, rkl; did you mean rkl?"),
      ({ $0.rivals = .level("kl") }, "objective 'kl' can mean fkl or rkl"),
      (
        {
          $0.by = "learning_rate"; $0.within = ["teacher"]
        }, "also differ in objective"
      ),
    ]

  @Test(arguments: refusals.indices)
  func questionsWithoutAnAnswerAreRefused(place: Int) throws {
    var question = RecordComparison.Question()
    Self.refusals[place].change(&question)
    let two =
      tables.records(["fkl": [1, 1], "rkl": [2, 2]])
      + tables.records(["fkl": [1, 1], "rkl": [2, 2]], rest: "0.4,mass=0.5,10", header: false)
    let text = tables.message { try tables.compare(two, question: question) }
    #expect(text.contains(Self.refusals[place].says), "\(text)")
  }

  /// The losses of different objectives are different quantities.
  @Test func lossesAreComparedWithinAnObjective() throws {
    let table = tables.records(["fkl": [1, 2], "rkl": [3, 4]]).replacing("head_error", with: "loss")
    var question = RecordComparison.Question()
    question.metrics = ["loss"]
    #expect(
      tables.message { try tables.compare(table, question: question) }.hasPrefix(
        "`metric` loss: the losses"))
    (question.by, question.best) = ("learning_rate", ["objective"])
    #expect(
      tables.message { try tables.compare(table, question: question) }.hasPrefix(
        "`metric` loss: the losses"))
    let rates =
      table
      + tables.records(["fkl": [1, 2], "rkl": [3, 4]], rest: "0.4,mass=0.5,10", header: false)
    question.best = []
    #expect(try tables.compare(rates, question: question).answers.count == 2)
  }

  /// Levels and values are named as objectives are: by any word for them.
  @Test func otherWordsMeanTheSame() throws {
    var question = RecordComparison.Question()
    question.rivals = .level("forward-kl")
    let comparison = try tables.compare(
      tables.records(["fkl": [1, 2], "rkl": [3, 4]]), question: question)
    #expect(comparison.question.rivals == .level("fkl"))
    #expect(comparison.answers[0].contest.pairs.count == 1)
    let path = try tables.folder.write(
      tables.records(["fkl": [1, 2], "rkl": [3, 4]]), to: "0.csv")
    let table = try Table(path: path, numbers: [])
    for (column, value) in [
      ("objective", "reverse-kl"), ("head", "mass=.50"), ("learning_rate", "2e-1"),
      ("teacher", "longtail:size=80"),
    ] {
      let count = try table.selecting([.init(column: column, value: value)]).rowCount
      #expect(count == (column == "objective" ? 2 : 4), "\(value)")
    }
    #expect(
      tables.message { try table.selecting([.init(column: "objective", value: "rlk")]) }.hasSuffix(
        "no row has objective=rlk; there is fkl, rkl; did you mean rkl?"))
    #expect(
      tables.message { try table.selecting([.init(column: "hed", value: "1")]) }.contains(
        "there is no column 'hed'"))
    #expect(
      tables.message { try table.selecting([.init(column: "objective", value: "kl")]) }.contains(
        "can mean fkl or rkl"))
  }

  /// `best` is offered where it helps, and what is offered can be had.
  @Test func hintsNameChoicesOfTraining() throws {
    let one = tables.records(["fkl": [1, 2], "rkl": [3, 4]]).replacing("teacher", with: "optimizer")
      .replacing("longtail", with: "adam")
    let two = tables.records(
      ["fkl": [1, 2], "rkl": [3, 4]], rest: "1,mass=0.5,10", header: false
    ).replacing("longtail", with: "sgd")
    var question = RecordComparison.Question()
    question.by = "optimizer"
    #expect(
      tables.message { try tables.compare(one + two, question: question) }.hasSuffix(
        "e.g. `best` learning_rate"))
  }
}
