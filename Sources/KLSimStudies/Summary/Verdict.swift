// SPDX-License-Identifier: GPL-3.0-or-later

/// What pairs say of the levels of a contest.
enum Verdict: Hashable, Sendable {
  /// An entry is better in more than half of all pairs there could be.
  case leads(Int)
  /// An entry is better in the only pair, from which nothing follows.
  case ahead(Int)
  /// Neither is better, or it is undecided.
  case tie
  /// A lead could not follow from so few pairs.
  case tooFew

  /// The entry that leads or is ahead.
  var entry: Int? {
    switch self {
    case .leads(let entry), .ahead(let entry): entry
    case .tie, .tooFew: nil
    }
  }

  /// Who leads or is ahead, else why nobody does.
  ///
  /// - Parameters:
  ///   - levels: the names of the entries.
  ///   - isSingle: whether a header says that there is one pair everywhere.
  /// - Returns: the words.
  func words(_ levels: [String], isSingle: Bool) -> String {
    switch self {
    case .leads(let entry): levels[entry]
    case .ahead(let entry): isSingle ? levels[entry] : "\(levels[entry]) ahead"
    case .tie: "tie"
    case .tooFew: Self.tooFewWords
    }
  }

  static let tooFewWords = "too few pairs"

  /// What the words of a table mean, of those that are there.
  ///
  /// - Parameters:
  ///   - verdicts: what the table says.
  ///   - confidence: of the intervals.
  ///   - family: for how many p values these are adjusted; nil if intervals alone decide.
  ///   - width: how many characters a line may have.
  /// - Returns: lines, each with an end.
  static func legend(
    of verdicts: some Sequence<Verdict>, confidence: Double, family: Int?, width: Int
  ) -> String {
    let verdicts = Set(verdicts)
    var lines: [String] = []
    if verdicts.contains(where: { if case .leads = $0 { true } else { false } }) {
      lines.append(
        "leads: the \(percent(confidence)) interval of its share of pairs lies above one half"
          + (family == nil
            ? ", row by row; klsim compare adjusts for many rows"
            : ", and p (Holm) < \(digits(1 - confidence))"))
    }
    if verdicts.contains(where: { if case .ahead = $0 { true } else { false } }) {
      lines.append("ahead: better in the only pair, from which no lead follows")
    }
    if verdicts.contains(.tooFew) {
      let fewest = PairedDifference.fewestPairs(confidence: confidence, family: family ?? 1)
      lines.append(
        "\(tooFewWords): a lead needs at least \(fewest): --seeds \(fewest), or as many contexts")
    }
    return lines.flatMap { TextTable.sentence($0, width: width) }.map { $0 + "\n" }.joined()
  }
}
