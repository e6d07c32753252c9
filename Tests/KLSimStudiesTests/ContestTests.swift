// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimNumerics
import KLSimTestSupport
import Testing

@testable import KLSimCore
@testable import KLSimStudies

/// Levels that are paired and compared.
@Suite struct ContestTests {
  private func contest(
    _ levels: [String: [Double?]], better: Column.Better? = .lower, rivals: Rivals = .all
  ) -> Contest {
    Contest(
      levels.sorted { $0.key < $1.key }.map { Sample(level: $0, values: $1) }, better: better,
      rivals: rivals)
  }

  private func leader(_ levels: [String: [Double?]], better: Column.Better? = .lower) -> String? {
    let contest = contest(levels, better: better)
    guard case .leads(let entry) = contest.verdict else { return nil }
    return contest.entries[entry].level
  }

  private func values(_ number: Double, _ count: Int) -> [Double?] {
    Array(repeating: number, count: count)
  }

  @Test func sixThatAgreeAreALeadAndFiveAreNot() {
    #expect(PairedDifference.fewestPairs(confidence: 0.95) == 6)
    #expect(leader(["a": values(1, 6), "b": values(2, 6)]) == "a")
    #expect(leader(["a": values(1, 5), "b": values(2, 5)]) == nil)
    #expect(leader(["a": values(1, 6), "b": values(2, 6)], better: .higher) == "b")
  }

  /// A lead is an interval of Clopper and Pearson that lies above one half.
  @Test(arguments: [0.5, 0.9, 0.95, 0.99])
  func leadsAreIntervalsAboveOneHalf(confidence: Double) throws {
    for count in 1...30 {
      for lower in 0...count {
        let first = (0..<count).map { $0 < lower ? 0.0 : 2 }
        let found = PairedDifference(
          first, Array(repeating: 1, count: count), confidence: confidence)
        let other = try ConfidenceInterval.share(
          hits: count - lower, of: count, confidence: confidence)
        let expected = try found.share.low > 0.5 ? true : other.low > 0.5 ? false : nil
        #expect(found.isLower == expected, "\(lower) of \(count)")
      }
    }
  }

  /// The fewest pairs are those whose share has an interval above one half.
  @Test(arguments: [0.5, 0.8, 0.9, 0.95, 0.99, 0.999])
  func fewestPairs(confidence: Double) throws {
    let fewest = PairedDifference.fewestPairs(confidence: confidence)
    func low(_ count: Int) throws -> Double {
      try ConfidenceInterval.share(hits: count, of: count, confidence: confidence).low
    }
    #expect(try low(fewest) > 0.5)
    #expect(try fewest == 1 || low(fewest - 1) <= 0.5)
  }

  /// In a single pair there is nothing to infer, and whoever is better is ahead; two to five are too few,
  /// unless nothing differs.
  @Test func fewPairsSayLess() {
    for count in 1...5 {
      let contest = contest(["a": values(1, count), "b": values(2, count)])
      let expected = count == 1 ? Verdict.ahead(0) : .tooFew
      #expect(contest.verdict == expected)
      #expect(contest.verdict(of: contest.pairs[0]) == expected)
      #expect(self.contest(["a": values(1, count), "b": values(1, count)]).verdict == .tie)
    }
    #expect(contest(["a": values(1, 1), "b": values(2, 1)], better: .higher).verdict == .ahead(1))
    #expect(contest(["a": [1, nil], "b": [nil, 1]]).verdict == nil)
  }

  /// A lead needs an adjusted p below 1 − confidence, too, and too few pairs are those that cannot have one.
  @Test func adjustedLeads() {
    let eight = contest(["a": values(1, 8), "b": values(2, 8)])
    let p = eight.pairs[0].difference.p
    #expect(abs(p - 2.0 / 256) <= 1e-15)
    for (family, verdict) in [(1, Verdict.leads(0)), (6, .leads(0)), (7, .tooFew)] {
      #expect(
        eight.verdict(of: eight.pairs[0], adjusted: Double(family) * p, family: family) == verdict)
    }
    let mixed = contest(["a": values(1, 8) + values(3, 2), "b": values(2, 10)])
    #expect(mixed.verdict(of: mixed.pairs[0], adjusted: 0.2, family: 2) == .tie)
    for family in [1, 2, 3, 10, 100] {
      let fewest = PairedDifference.fewestPairs(confidence: 0.95, family: family)
      func least(_ count: Int) -> Double {
        Double(family) * SignTest.p(negative: count, positive: 0)
      }
      #expect(least(fewest) < 0.05 && least(fewest - 1) >= 0.05)
    }
  }

  @Test func roundingIsNoDifference() {
    #expect(leader(["a": values(1, 50), "b": values(1 + 1e-12, 50)]) == nil)
  }

  /// Not a number is worse than any number, whichever values are better, and no worse than infinity.
  @Test func divergedRunsDoNotLead() {
    for better in [Column.Better.lower, .higher] {
      #expect(leader(["a": values(.nan, 8), "b": values(5, 8)], better: better) == "b")
      #expect(leader(["a": values(.nan, 8), "b": values(.nan, 8)], better: better) == nil)
    }
    #expect(leader(["a": values(.nan, 8), "b": values(.infinity, 8)]) == nil)
  }

  @Test func aLeaderLeadsEveryOther() {
    let levels = ["a": values(1, 9), "b": values(2, 9), "c": values(3, 9)]
    let contest = contest(levels)
    #expect(contest.verdict == .leads(0))
    #expect(contest.leastShare(of: 0) == 1)
    var tied = levels
    tied["b"] = (0..<9).map { $0.isMultiple(of: 2) ? 0.5 : 1.5 }
    #expect(leader(tied) == nil)
    #expect(contest.pairs.map { [$0.first, $0.second] } == [[0, 1], [0, 2], [1, 2]])
  }

  @Test func rivalsAreThoseAskedFor() {
    let levels = ["a": values(2, 9), "b": values(1, 9), "c": values(3, 9)]
    func pairs(_ rivals: Rivals) -> [[Int]] {
      contest(levels, rivals: rivals).pairs.map { [$0.first, $0.second] }
    }
    // The rival of all comes second.
    #expect(pairs(.leader) == [[0, 1], [2, 1]])
    #expect(pairs(.level("a")) == [[1, 0], [2, 0]])
    #expect(pairs(.level("c")) == [[0, 2], [1, 2]])
  }

  @Test func onlyUnitsWithBothValuesArePaired() {
    let contest = contest(["a": [1, 1, nil, 1, nil], "b": [2, nil, 3, 0, nil]])
    #expect(contest.pairs[0].difference.count == 2)
    #expect(contest.pairs[0].unpaired == 2)
    #expect(self.contest(["a": [1, nil], "b": [nil, 1]]).pairs.isEmpty)
  }

  /// Every level takes its best choice, and the warning is of the edge of a grid of numbers.
  @Test func theBestChoiceIsThatOfTheLeastMedian() {
    func samples(_ medians: [Double]) -> [Sample] {
      zip(["0.1", "0.2", "0.4"], medians).map { rate, median in
        Sample(level: "a", choice: ["adam", rate], values: [median - 1, median, median + 9])
      }
    }
    let inner = Contest(samples([3, 1, 2]), better: .lower).entries[0]
    #expect(inner.choice == ["adam", "0.2"] && inner.edges.isEmpty && inner.median == 1)
    let smallest = Contest(samples([1, 2, 3]), better: .lower).entries[0]
    #expect(smallest.choice[1] == "0.1")
    #expect(smallest.edges.map(\.axis) == [1] && !smallest.edges[0].isLargest)
    let largest = Contest(samples([1, 2, 3]), better: .higher).entries[0]
    #expect(largest.choice[1] == "0.4" && largest.edges[0].isLargest)
    #expect(Contest(samples([1]), better: .lower).entries[0].edges.isEmpty)
    // Of equals the first; not a number is never best.
    #expect(Contest(samples([2, 1, 1]), better: .lower).entries[0].choice[1] == "0.2")
    #expect(Contest(samples([.nan, 1, 1]), better: .higher).entries[0].choice[1] == "0.2")
  }

  /// Statistics of random pairs against slow ones of their own.
  @Test(arguments: 1...40)
  func statisticsAreThoseOfTheirDefinitions(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let count = Int.random(in: 1...30, using: &random)
    // Few values, for ties, and some infinite.
    let draws: [Double] = (0..<2 * count).map { _ in
      let value = Int.random(in: 0...9, using: &random)
      return value == 9 ? .infinity : Double(value) / 4
    }
    let (a, b) = (Array(draws.prefix(count)), Array(draws.suffix(count)))
    let confidence = [0.5, 0.9, 0.95].randomElement(using: &random) ?? 0.95
    let found = PairedDifference(a, b, confidence: confidence)
    #expect(found.lower == (0..<count).count { a[$0] < b[$0] })
    #expect(found.higher == (0..<count).count { a[$0] > b[$0] })
    let differences = (0..<count).map { a[$0] == b[$0] ? 0 : a[$0] - b[$0] }.sorted()
    let middle = [differences[(count - 1) / 2], differences[count / 2]]
    #expect(found.median == (middle[0] == middle[1] ? middle[0] : (middle[0] + middle[1]) / 2))
    // The interval holds what a sign test of that shift does not refuse.
    if let interval = found.interval {
      for shift in differences {
        let below = differences.count { $0 < shift }
        let above = differences.count { $0 > shift }
        let isRefused = SignTest.p(negative: below, positive: above) <= 1 - confidence
        if !isRefused, below + above == count - 1 {
          #expect(interval.low <= shift && shift <= interval.high)
        }
      }
    }
    let mirrored = PairedDifference(b, a, confidence: confidence)
    #expect(mirrored.lower == found.higher && mirrored.p == found.p)
    #expect(mirrored.isLower == found.isLower.map { !$0 })
    #expect(mirrored.median == -found.median || found.median == 0)
  }
}
