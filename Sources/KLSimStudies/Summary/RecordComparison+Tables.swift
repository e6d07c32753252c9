// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
internal import KLSimFiles
internal import KLSimNumerics

extension RecordComparison {
  /// The columns of the table for programs, in order.
  package var columns: [Column] {
    let known = TableKind.axes.map { $0.column } + [Column.head]
    return keys.map { name in
      known.first { $0.name == name } ?? Column(key: name, .text, "as in the records")
    } + [
      Column(key: "metric", .text, "what is compared, a column of the records or total_error"),
      answers.allSatisfy { $0.epoch == $0.epoch.rounded() } ? .epoch : .pass,
      Column(key: "by", .text, "the column whose values are compared"),
      Column(key: "a", .text, "the one value"), Column(key: "b", .text, "the other"),
    ]
      + question.best.flatMap { name in
        [
          Column("a_\(name)", .text, "the \(name) that is best for a"),
          Column("b_\(name)", .text, "the \(name) that is best for b"),
        ]
      } + [
        Column(
          "pairs", .integer,
          "number of pairs: seeds, or contexts where several are fitted by themselves"),
        Column("a_median", .number, "median of a over the pairs"),
        Column("b_median", .number, "median of b"),
        Column("difference", .number, "median of a - b over the pairs"),
        Column(
          "difference_low", .number,
          "lower end of its distribution-free interval; empty if there are too few pairs"),
        Column("difference_high", .number, "upper end of it"),
        Column("a_lower", .integer, "number of pairs in which a is lower, beyond rounding"),
        Column("b_lower", .integer, "number of pairs in which b is lower, beyond rounding"),
        Column("share", .number, "a_lower / pairs, to six digits"),
        Column("share_low", .number, "lower end of its Clopper-Pearson interval, to six digits"),
        Column("share_high", .number, "upper end of it"),
        Column("p", .number, "two-sided p value of the sign test, to six digits"),
        Column("p_holm", .number, "the same, adjusted by Holm's method over all rows"),
        Column(
          "leads", .text,
          "a or b, if it is better in more than half of the pairs with the confidence, and p_holm is"
            + " below 1 - confidence; else tie, or too few pairs"),
      ]
  }

  /// The values of those columns, a row a pair.
  ///
  /// - Throws: `StatisticsError` if GSL finds no quantile.
  package func rows() throws -> [[Value]] {
    let known = columns
    return try answers.flatMap { answer in
      let contest = answer.contest
      let front =
        zip(known, answer.keys).map { $0.value(of: $1) }
        + [.text(answer.metric.name), Value(epoch: answer.epoch), .text(question.by)]
      return try zip(contest.pairs, answer.outcomes).map { pair, outcome -> [Value] in
        let (a, b) = (contest.entries[pair.first], contest.entries[pair.second])
        let difference = pair.difference
        let interval = try difference.share
        let share = [difference.lowerShare, interval.low, interval.high]
        let choices = zip(a.choice, b.choice).flatMap { [Value.text($0), .text($1)] }
        let numbers: [Value] = [
          .number(difference.medians.first), .number(difference.medians.second),
          .number(difference.median), Value(difference.interval?.low),
          Value(difference.interval?.high), Value(difference.lower), Value(difference.higher),
        ]
        return front + [.text(a.level), .text(b.level)] + choices + [Value(difference.count)]
          + numbers + (share + [difference.p, outcome.adjusted]).map { .number(rounded($0)) }
          + [.text(leads(outcome.verdict, in: contest))]
      }
    }
  }

  /// How a question with more rows than a reader takes in can be narrowed; nil for others, and for one that
  /// cannot.
  ///
  /// Options of the question are in backticks, as in a `StudyError`.
  package var narrowing: StudyError? {
    guard family > Self.readableRows else { return nil }
    let conditions = answers.map(\.keys).uniqued()
    let varying = keys.indices.filter { place in
      conditions.contains { $0[place] != conditions[0][place] }
    }
    let choices = Question.choices(among: varying.map { keys[$0] })
    let others = varying.filter { !choices.contains(keys[$0]) }
    let epochs = answers.map(\.epoch).uniqued()
    let levels = answers.flatMap { $0.contest.entries.map(\.level) }.uniqued()
    var ways: [String] = []
    if !choices.isEmpty { ways.append("`best` \(choices.joined(separator: ",")) lets each choose") }
    ways += others.map { "`where` '\(keys[$0])=\(conditions[0][$0])' keeps one \(keys[$0])" }
    if case .all = question.rivals, levels.count > 2 {
      ways.append("`against` leader compares with the best only")
    }
    if epochs.count > 1, let last = epochs.max() {
      ways.append("`at` \(RunLength.words(epoch: last)) keeps the last epoch")
    }
    if question.metrics.count > 1 { ways.append("`metric` \(question.metrics[0]) keeps one") }
    guard !ways.isEmpty else { return nil }
    let count = conditions.count
    return StudyError(
      "\(family) rows\(count > 1 ? ", for \(count) conditions" : ""); to have fewer: "
        + ways.joined(separator: "; "))
  }

  /// A table for people of more rows comes with advice.
  private static let readableRows = 60

  /// The table for people.
  ///
  /// - Parameter width: how many characters a line may have.
  /// - Returns: a table for each condition and measurement, each line with an end.
  /// - Throws: `StatisticsError` if GSL finds no quantile.
  package func text(width: Int) throws -> String {
    let level = percent(question.confidence)
    let isSingle = answers.allSatisfy { $0.contest.pairs.allSatisfy { $0.difference.count == 1 } }
    let header = [
      "epoch", "a", "b", isSingle ? "ahead" : "leads", "median a", "median b",
      "median of a - b (\(level))", "a lower in (\(level))", "p", "p (Holm)",
    ]
    var places: [[String]: Int] = [:]
    var groups: [(title: [String], rows: [[String]])] = []
    for answer in answers {
      let name = [answer.metric.name] + answer.keys
      let place = places[name] ?? groups.count
      places[name] = place
      if place == groups.count {
        let counts = answer.contest.pairs.map(\.difference.count)
        let pairs = counts.max().map {
          "pairs: \($0 < answer.pairing.count ? "\($0) of " : "")\(answer.pairing.words)"
        }
        let keys = zip(keys, answer.keys).filter { !$0.1.isEmpty }.map(Axes.words)
        groups.append(([answer.metric.name] + keys + (pairs.map { [$0] } ?? []), []))
      }
      groups[place].rows += try rows(of: answer, isSingle: isSingle)
    }
    let tables = groups.map { group in
      var table = TextTable(header: header, rows: group.rows, keyCount: 3)
      if !table.fits(width) {
        // The first block says what decides: the lead and its adjusted p.
        let order = Array(0..<4) + [header.count - 1] + Array(4..<header.count - 1)
        table = TextTable(
          header: order.map { header[$0] }, rows: group.rows.map { row in order.map { row[$0] } },
          keyCount: 3)
      }
      let lines = TextTable.title(group.title, width: width) + table.lines(width: width)
      return lines.joined(separator: "\n") + "\n"
    }
    let legend = Verdict.legend(
      of: answers.flatMap { $0.outcomes.map(\.verdict) }, confidence: question.confidence,
      family: family, width: width)
    return tables.joined(separator: "\n") + legend
  }

  private func rows(of answer: Answer, isSingle: Bool) throws -> [[String]] {
    let contest = answer.contest
    return try zip(contest.pairs, answer.outcomes).map { pair, outcome in
      let difference = pair.difference
      let interval = difference.interval.map {
        " (\(digits($0.low, 3)) to \(digits($0.high, 3)))"
      }
      let ends = try difference.share
      let share = [ends.low, ends.high].map { digits(100 * $0, 3) }
      let medians = digits(
        [difference.medians.first, difference.medians.second],
        telling: outcome.verdict.entry == nil ? nil : 0)
      let lead = outcome.verdict.words(contest.entries.map(\.level), isSingle: isSingle)
      return [
        RunLength.words(epoch: answer.epoch), words(contest.entries[pair.first]),
        words(contest.entries[pair.second]), lead,
      ] + medians + [
        digits(difference.median, 3) + (interval ?? ""),
        "\(digits(100 * difference.lowerShare, 3)) % (\(share[0]) to \(share[1]))",
        digits(difference.p, 2), digits(outcome.adjusted, 2),
      ]
    }
  }

  private func words(_ entry: Contest.Entry) -> String {
    entry.choice.isEmpty ? entry.level : "\(entry.level) at \(entry.choice.joined(separator: ", "))"
  }

  /// For programs a single pair is one of too few.
  private func leads(_ verdict: Verdict, in contest: Contest) -> String {
    guard case .ahead = verdict else {
      return verdict.words(contest.entries.map(\.level), isSingle: false)
    }
    return Verdict.tooFewWords
  }
}
