// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
internal import KLSimFiles
internal import KLSimNumerics

extension RecordComparison {
  /// The columns of the table for programs, in order.
  package var columns: [Column] {
    let known = Axes.all.map { $0.column } + [Column.head]
    return keys.map { name in
      known.first { $0.name == name } ?? Column(key: name, .text, "as in the records")
    } + [
      Column(key: "metric", .text, "what is compared, a column of the records or total_error"),
      .epoch,
      Column(key: "by", .text, "the column whose values are compared"),
      Column(key: "a", .text, "the one value"), Column(key: "b", .text, "the other"),
    ]
      + question.best.flatMap { name in
        [
          Column("a_\(name)", .text, "the \(name) that is best for a"),
          Column("b_\(name)", .text, "the \(name) that is best for b"),
        ]
      } + [
        Column("pairs", .integer, "number of pairs: seeds, or seeds and contexts"),
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
          "a or b, if it is better in more than half of the pairs with the confidence; else tie"),
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
        + [.text(answer.metric.name), Value(answer.epoch), .text(question.by)]
      return try zip(contest.pairs, answer.adjusted).map { pair, adjusted -> [Value] in
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
          + numbers + (share + [difference.p, adjusted]).map { .number(rounded($0)) }
          + [.text(leader(of: pair, in: contest))]
      }
    }
  }

  /// The table for people.
  ///
  /// - Parameter width: how many characters a line may have.
  /// - Returns: a table for each condition and measurement, each line with an end.
  /// - Throws: `StatisticsError` if GSL finds no quantile.
  package func text(width: Int) throws -> String {
    let level = percent(question.confidence)
    let header = [
      "epoch", "a", "b", "leads", "median a", "median b", "a - b (\(level))",
      "a lower in (\(level))",
      "p (Holm)",
    ]
    var places: [[String]: Int] = [:]
    var groups: [(title: [String], rows: [[String]])] = []
    for answer in answers {
      let name = [answer.metric.name] + answer.keys
      let place = places[name] ?? groups.count
      places[name] = place
      if place == groups.count {
        let counts = answer.contest.pairs.map(\.difference.count)
        let pairs = counts.max().map { "\($0) pair\($0 == 1 ? "" : "s")" } ?? ""
        let keys = zip(keys, answer.keys).filter { !$0.1.isEmpty }.map(Self.words)
        groups.append(([answer.metric.name] + keys + [pairs], []))
      }
      groups[place].rows += try rows(of: answer)
    }
    return groups.map { group in
      let table = TextTable(header: header, rows: group.rows, keyCount: 3)
      let lines = TextTable.title(group.title, width: width) + table.lines(width: width)
      return lines.joined(separator: "\n") + "\n"
    }.joined(separator: "\n")
  }

  private func rows(of answer: Answer) throws -> [[String]] {
    let contest = answer.contest
    return try zip(contest.pairs, answer.adjusted).map { pair, adjusted in
      let difference = pair.difference
      let interval = difference.interval.map {
        " (\(digits($0.low, 3)) to \(digits($0.high, 3)))"
      }
      let ends = try difference.share
      let share = [ends.low, ends.high].map { digits(100 * $0, 3) }
      return [
        answer.epoch.description, words(contest.entries[pair.first]),
        words(contest.entries[pair.second]), leader(of: pair, in: contest),
        digits(difference.medians.first, 4),
        digits(difference.medians.second, 4), digits(difference.median, 3) + (interval ?? ""),
        "\(digits(100 * difference.lowerShare, 3)) % (\(share[0]) to \(share[1]))",
        digits(adjusted, 2),
      ]
    }
  }

  /// A value, with the name of its column unless the value explains itself.
  private static func words(_ column: String, _ value: String) -> String {
    Axes.specificationColumns.contains(column) ? value : "\(column) \(value)"
  }

  private func words(_ entry: Contest.Entry) -> String {
    entry.choice.isEmpty ? entry.level : "\(entry.level) at \(entry.choice.joined(separator: ", "))"
  }

  private func leader(of pair: Contest.Pair, in contest: Contest) -> String {
    contest.leader(of: pair).map { contest.entries[$0].level } ?? "tie"
  }
}
