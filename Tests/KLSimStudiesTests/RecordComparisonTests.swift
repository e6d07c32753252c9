// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimTestSupport
import Testing

@testable import KLSimCore
@testable import KLSimFiles
@testable import KLSimStudies

/// Comparisons of made-up records, against SciPy and worked by hand.
@Suite struct RecordComparisonTests {
  typealias Question = RecordComparison.Question

  /// A file beside `Fixtures/make_comparison.py`.
  private static func fixture(_ name: String, numbers: Set<String> = []) throws -> Table {
    guard
      let url = Bundle.module.url(
        forResource: name, withExtension: "csv", subdirectory: "Fixtures")
    else { throw CocoaError(.fileNoSuchFile) }
    return try Table(path: url.path(percentEncoded: false), numbers: numbers)
  }

  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  func compare(_ csv: String..., question: Question = Question()) throws
    -> RecordComparison
  {
    let paths = try csv.enumerated().map { try folder.write($1, to: "\($0).csv") }
    return try RecordComparison(
      Table(paths.map { TableFiles(file: $0) }, numbers: question.numbers), question)
  }

  /// Records of objectives, each with one tail error a seed from 1 on.
  func records(
    _ errors: KeyValuePairs<String, [Double]>, rest: String = "0.2,mass=0.5,10", header: Bool = true
  ) -> String {
    let lines = errors.flatMap { objective, values in
      values.enumerated().map { "longtail,\(objective),\($0 + 1),\(rest),0,0,\($1)" }
    }
    let names = "teacher,objective,seed,learning_rate,head,epoch,tvd,head_error,tail_error"
    return ((header ? [names] : []) + lines).map { $0 + "\n" }.joined()
  }

  func message(_ body: () throws -> some Any) -> String {
    do { return "no error, but \(try body())" } catch { return "\(error)" }
  }

  static let references: [(file: String, question: Question)] = {
    var within = Question()
    within.epochs = [1, 5]
    var best = within
    (best.best, best.metrics, best.confidence) = (["learning_rate"], ["tvd"], 0.8)
    return [("comparison-within", within), ("comparison-best", best)]
  }()

  @Test(arguments: references)
  func statisticsAreThoseOfSciPy(file: String, question: Question) throws {
    let records = try Self.fixture("records", numbers: question.numbers)
    let comparison = try RecordComparison(records, question)
    let expected = try Self.fixture(file)
    #expect(try comparison.rows().count == expected.rowCount)
    let names = comparison.columns.map(\.name)
    for name in expected.names where name != "leads" {
      let values = try expected.labels(name)
      for (row, found) in try comparison.rows().enumerated() {
        let text = "\(found[names.firstIndex(of: name) ?? 0])"
        let other = values.texts[Int(values.codes[row])]
        guard let number = Double(text), let wanted = Double(other) else {
          #expect(text == other, "\(name) in row \(row)")
          continue
        }
        // Shares and p values are written to six digits.
        #expect(abs(number - wanted) <= 1e-12 + 1e-5 * abs(wanted), "\(name) in row \(row)")
      }
    }
    let (leads, a, b) = try (
      expected.labels("leads"), expected.labels("a"), expected.labels("b")
    )
    for (row, found) in try comparison.rows().enumerated() {
      let wanted = leads.texts[Int(leads.codes[row])]
      let name = wanted == "a" ? a.texts[Int(a.codes[row])] : b.texts[Int(b.codes[row])]
      let words = ["tie": "tie", "few": "too few pairs"][wanted] ?? name
      #expect("\(found[names.count - 1])" == words)
    }
  }

  @Test func missingPartnersAreLeftOutAndSaidSo() throws {
    let comparison = try compare(
      records(["fkl": [1, 2, 3, 4, 5, 6, 7, 8], "rkl": [2, 3, 4, 5, 6, 7]]))
    #expect(comparison.answers[0].contest.pairs[0].difference.count == 6)
    #expect(comparison.answers[0].contest.verdict == .leads(0))
    #expect(comparison.warnings.count == 1)
    #expect(comparison.warnings[0].hasPrefix("up to 2 runs"))
  }

  @Test func fewPairsAreSaidToBeTooFew() throws {
    let comparison = try compare(records(["fkl": [1, 2], "rkl": [2, 3]]))
    #expect(try comparison.rows()[0].last == "too few pairs")
    #expect(
      comparison.warnings == [
        "2 pairs are too few for a lead at a confidence of 0.95 in 1 row: run --seeds 6, or as many"
          + " contexts"
      ])
    #expect(
      try comparison.text(width: 120).hasSuffix(
        "\ntoo few pairs: a lead needs at least 6: --seeds 6, or as many contexts\n"))
    let single = try compare(records(["fkl": [1], "rkl": [2]]))
    #expect(try single.rows()[0].last == "too few pairs")
    let text = try single.text(width: 120)
    #expect(text.contains("a    b    ahead  median a") && text.contains("fkl  rkl    fkl "))
    #expect(text.contains("pairs: 1 seed\n"))
  }

  /// Seeds that change nothing are one pair, and a warning says so.
  @Test func copiesOfARunAreOnePair() throws {
    let comparison = try compare(
      records(["fkl": Array(repeating: 1, count: 9), "rkl": Array(repeating: 2, count: 9)]))
    #expect(comparison.answers[0].contest.pairs[0].difference.count == 1)
    #expect(comparison.warnings[0].hasPrefix("the 9 seeds give one result"))
    #expect(try comparison.text(width: 120).contains("pairs: 1 distinct of 9 seeds"))
    // A level with a random start makes every pair a draw.
    let random = try compare(
      records(["fkl": Array(repeating: 1, count: 9), "rkl": (1...9).map { 1 + Double($0) }]))
    #expect(random.answers[0].contest.pairs[0].difference.count == 9)
    #expect(random.warnings.isEmpty)
  }

  @Test func seedsThatAllDivergedAreNoCopies() throws {
    let nan = Array(repeating: Double.nan, count: 8)
    let comparison = try compare(records(["fkl": nan, "rkl": nan]))
    #expect(comparison.answers[0].contest.pairs[0].difference.count == 8)
    #expect(comparison.warnings == ["all runs diverged: their values are not numbers"])
    #expect(try comparison.text(width: 120).contains("pairs: 8 seeds, all runs diverged\n"))
    // A single objective that diverged is behind in every pair.
    let one = try compare(records(["fkl": nan, "rkl": (1...8).map { Double($0) }]))
    #expect(one.answers[0].contest.verdict == .leads(1) && one.warnings.isEmpty)
  }

  /// What decides stands in the first block of a table that is cut.
  @Test func narrowTablesBeginWithTheAdjustedP() throws {
    let comparison = try compare(
      records(["fkl": (1...8).map { Double($0) }, "rkl": (2...9).map { Double($0) }]))
    let wide = try comparison.text(width: 200).split(separator: "\n")
    #expect(wide[1].hasPrefix("epoch  a    b    leads  median a") && wide[1].hasSuffix("p (Holm)"))
    let narrow = try comparison.text(width: 60).split(separator: "\n")
    let header = narrow.first { $0.hasPrefix("epoch") }
    #expect(header?.hasPrefix("epoch  a    b    leads  p (Holm)") == true, "\(narrow)")
  }

  /// Several files are one table, also if one has a column that klsim leaves out elsewhere.
  @Test func filesAreJoined() throws {
    let scheduled = records(["rkl": [2, 3, 4, 5, 6, 7]]).split(separator: "\n").enumerated().map {
      "\($1),\($0 == 0 ? "schedule" : "cosine")\n"
    }.joined()
    var question = Question()
    question.by = "schedule"
    let comparison = try compare(
      records(["rkl": [1, 1, 1, 1, 1, 1]]), scheduled, question: question)
    let contest = comparison.answers[0].contest
    #expect(contest.entries.map(\.level) == ["constant", "cosine"])
    #expect(contest.verdict == .leads(0))
    let odd = scheduled.replacing("schedule", with: "shift")
    #expect(
      message { try compare(records(["rkl": [1]]), odd, question: question) }.contains(
        "there is no column 'shift', which another file has"))
  }

  /// Where there are contexts, each is a pair, whatever the number of seeds; their means are left out.
  @Test(arguments: ["mean,", ",mean"])
  func contextsArePaired(mean: String) throws {
    var lines = ["objective,seed,epoch,tvd,tail_error,context,context_label"]
    for objective in ["fkl", "rkl"] {
      for seed in 1...2 {
        for context in ["0,one", "1,two", "2,three", mean] {
          lines.append("\(objective),\(seed),1,0,\(objective == "fkl" ? 1 : 1 + seed),\(context)")
        }
      }
    }
    let all = lines.map { $0 + "\n" }.joined()
    func counts(_ csv: String, _ question: Question = Question()) throws -> [Int] {
      try compare(csv, question: question).answers.map { $0.contest.pairs[0].difference.count }
    }
    #expect(try counts(all) == [3])
    let pair = try compare(all).answers[0].contest.pairs[0].difference
    #expect(pair.medians.second == 2.5)
    #expect(
      try compare(all).text(width: 120).contains("pairs: 3 contexts, each the median of 2 seeds"))
    // The contexts themselves can be compared, or asked one by one, seed by seed.
    for name in ["context", "context_label"] {
      var question = Question()
      (question.by, question.within) = (name, ["objective"])
      let ofContexts = try compare(all, question: question)
      #expect(
        ofContexts.answers[0].contest.entries.map(\.level)
          == (name == "context" ? ["0", "1", "2"] : ["one", "two", "three"]))
      #expect(ofContexts.answers[1].contest.pairs[0].difference.count == 2)
      question = Question()
      question.within = [name]
      let one = try compare(all, question: question)
      #expect(one.keys == ["context", "context_label"])
      #expect(one.answers.map(\.keys) == [["0", "one"], ["1", "two"], ["2", "three"]])
      #expect(try counts(all, question) == [2, 2, 2])
    }
    let means = lines.filter { $0.hasSuffix(mean) || $0.hasPrefix("objective") }
    #expect(try counts(means.map { $0 + "\n" }.joined()) == [2])
  }

  @Test func conditionsAreAnsweredOneByOne() throws {
    let (low, high, between) = (
      (1...8).map { 1 + Double($0) / 100 }, (1...8).map { 3 + Double($0) / 100 },
      Array(repeating: 2.0, count: 8)
    )
    let two =
      records(["fkl": low, "rkl": between])
      + records(["fkl": high, "rkl": between], rest: "0.4,mass=0.5,10", header: false)
    let comparison = try compare(two)
    #expect(comparison.answers.map { $0.contest.verdict } == [.leads(0), .leads(1)])
    #expect(comparison.answers.map { $0.outcomes[0].verdict } == [.leads(0), .leads(1)])
    #expect(comparison.answers.allSatisfy { abs($0.outcomes[0].adjusted - 4.0 / 256) <= 1e-15 })
    // One of the conditions has a single objective.
    let lone = two + records(["fkl": [1]], rest: "0.8,mass=0.5,10", header: false)
    let partial = try compare(lone)
    #expect(partial.answers.count == 2)
    #expect(partial.warnings.contains { $0.contains("1 of 3 conditions") && $0.contains("0.8") })
  }

  @Test func epochsAreThoseRecordedOfAllRuns() throws {
    let some =
      records(["fkl": [1], "rkl": [2]], rest: "0.2,mass=0.5,1")
      + records(["fkl": [1], "rkl": [2]], rest: "0.2,mass=0.5,7", header: false)
      + records(["fkl": [1]], rest: "0.2,mass=0.5,10", header: false)
    #expect(try compare(some).answers.map(\.epoch) == [1, 7])
    var question = Question()
    question.epochs = [1, 10]
    let text = message { try compare(some, question: question) }
    #expect(text.contains("10 is not recorded of all runs; recorded is 1, 7"))
  }

  @Test func tablesWithoutAnAnswerAreRefused() throws {
    #expect(
      message {
        try compare("objective,seed,epoch,metric,median,tail_error,tvd\nfkl,1,1,tvd,1,1,1\n")
      }
      .contains("aggregated records: their seeds cannot be paired"))
    #expect(
      message { try compare("objective,seed,epoch,token,p,q,tail_error\nfkl,1,1,0,1,1,1\n") }
        .contains("these are snapshots: records are needed"))
    let twice = records(["fkl": [1], "rkl": [2]])
    #expect(message { try compare(twice, twice) }.contains("a run is there twice"))
    let apart =
      records(["fkl": [1]]) + "longtail,rkl,2,0.2,mass=0.5,10,0,0,1\n"
    #expect(message { try compare(apart) }.contains("there are no pairs"))
    let alone =
      records(["fkl": [1]]) + records(["rkl": [1]], rest: "0.4,mass=0.5,10", header: false)
    #expect(message { try compare(alone) }.contains("no two values of objective were run with"))
  }
}
