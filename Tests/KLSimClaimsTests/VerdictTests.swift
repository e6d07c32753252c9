// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimNumerics
import Testing

@testable import KLSimClaims

/// Where shares turn into words.
@Suite struct VerdictTests {
  /// 0.025^(1/n) ≥ 0.95 from n = ln 0.025 / ln 0.95 = 71.9 on.
  @Test func seventyTwoSeedsThatAgreeAreEnough() throws {
    #expect(try Verdict.fewestSeeds == 72)
    #expect(try evidence(hits: 72, of: 72).verdict == .holds)
    #expect(try evidence(hits: 0, of: 72).verdict == .fails)
    for seeds in 1..<72 {
      for hits in 0...seeds { #expect(try evidence(hits: hits, of: seeds).verdict == .mixed) }
    }
  }

  @Test func fewerSeedsAreCautionedAgainst() throws {
    #expect(try Verdict.caution(seeds: 72) == nil)
    #expect(try Verdict.caution(seeds: 71)?.contains("72 seeds") == true)
  }

  /// SciPy: `beta.ppf(.025, [963, 964], [38, 37])` is 0.94936, 0.95051.
  @Test(arguments: [
    (1000, Verdict.holds), (964, .holds), (963, .mixed), (500, .mixed), (37, .mixed), (36, .fails),
    (0, .fails),
  ])
  func ofAThousandSeeds(hits: Int, verdict: Verdict) throws {
    #expect(try evidence(hits: hits, of: 1000).verdict == verdict)
  }

  @Test func endsBelongToTheVerdict() {
    #expect(Verdict(ConfidenceInterval(low: 0.95, high: 1)) == .holds)
    #expect(Verdict(ConfidenceInterval(low: (0.95).nextDown, high: 1)) == .mixed)
    #expect(Verdict(ConfidenceInterval(low: 0, high: 0.05)) == .fails)
    #expect(Verdict(ConfidenceInterval(low: 0, high: (0.05).nextUp)) == .mixed)
  }

  /// More than one in twenty of the probed runs; of 32 these are two.
  @Test(arguments: [100, 50, 0])
  func chaosOverrulesTheShare(hits: Int) throws {
    let calm = try evidence(hits: hits, chaotic: nil).verdict
    #expect(calm != .chaotic)
    #expect(try evidence(hits: hits, chaotic: 0).verdict == calm)
    #expect(try evidence(hits: hits, chaotic: 1).verdict == calm)
    #expect(try evidence(hits: hits, chaotic: 2).verdict == .chaotic)
    #expect(try evidence(hits: hits, chaotic: 32).verdict == .chaotic)
    let share = try ConfidenceInterval.share(hits: hits, of: 100)
    #expect(Verdict(share, chaos: 0.05) == calm)
    #expect(Verdict(share, chaos: (0.05).nextUp) == .chaotic)
  }

  @Test(arguments: [
    ([Verdict.holds], Judgement.holds), ([.holds, .holds], .holds), ([.fails, .fails], .fails),
    ([.mixed], .depends), ([.holds, .fails], .depends), ([.holds, .mixed], .depends),
    ([.fails, .mixed, .fails], .depends), ([.holds, .holds, .mixed, .fails], .depends),
    // Chaotic cells have no say, also if there is no other.
    ([.holds, .chaotic], .holds), ([.chaotic, .fails, .chaotic], .fails), ([.chaotic], .depends),
    ([.chaotic, .mixed], .depends), ([.holds, .chaotic, .fails], .depends), ([], .depends),
  ])
  func verdictsTogether(verdicts: [Verdict], judgement: Judgement) {
    #expect(Judgement(verdicts) == judgement)
  }
}
