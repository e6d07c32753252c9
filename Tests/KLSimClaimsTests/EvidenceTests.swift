// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimNumerics
import KLSimTestSupport
import Testing

@testable import KLSimCore
@testable import KLSimClaims

/// From outcomes of seeds to shares, means and chaos.
@Suite struct EvidenceTests {
  private static func evidence(_ outcomes: [Outcome]) throws -> Evidence<NamedCell> {
    var tally = Tally()
    for outcome in outcomes { tally.add(outcome) }
    return try Evidence(
      tally, share: .share(hits: tally.hits, of: tally.seeds), condition: Condition(),
      cell: NamedCell("x"))
  }

  /// `2, 4, 4, 4, 5, 5, 7, 9`: mean 5, sd √(32/7), t⁻¹(0.975; 7) = 2.3646242515927844 (SciPy:
  /// `scipy.stats.t.ppf(.975, 7)`).
  @Test func countsMeansAndIntervals() throws {
    let evidence = try Self.evidence(
      [2.0, 4, 4, 4, 5, 5, 7, 9].map { Outcome($0 > 4, quantity: $0) })
    #expect(evidence.seeds == 8 && evidence.hits == 4 && evidence.observedShare == 0.5)
    #expect(evidence.verdict == .mixed)
    let mean = try #require(evidence.mean)
    let interval = try #require(evidence.meanInterval)
    let half = 2.3646242515927844 * (32 / 7.0 / 8).squareRoot()
    #expect(worstGap([mean, interval.low, interval.high], [5, 5 - half, 5 + half]) <= 1e-13)
    #expect(
      evidence.fields == [
        "longtail", "softmax", "adam", "0.2", "torch-uniform", "x", "8", "4", "0.5", "0.157013",
        "0.842987", "mixed", "5.0", "3.213", "6.787", "",
      ])
  }

  @Test func everyFieldHasItsColumn() throws {
    let columns = Evidence<NamedCell>.columns(quantity: "it")
    #expect(
      columns.map(\.name) == [
        "teacher", "student", "optimizer", "learning_rate", "init", "cell", "seeds", "hits",
        "share",
        "share_low", "share_high", "verdict", "mean", "mean_low", "mean_high", "chaos",
      ])
    #expect(try Self.evidence([Outcome(true, quantity: 0)]).fields.count == columns.count)
    #expect(columns.first { $0.name == "mean" }?.summary.contains("it") == true)
  }

  /// What some condition of a table departs in from the default has a column in all of its rows.
  @Test func unusualConditionsHaveFurtherColumns() throws {
    let unusual = Condition(schedule: "cosine", batch: 4, heldOut: 0.25)
    let axes = Condition.axes(of: [Condition(), unusual])
    #expect(
      Evidence<NamedCell>.columns(quantity: "it", axes: axes).prefix(9).map(\.name) == [
        "teacher", "student", "optimizer", "learning_rate", "init", "schedule", "batch",
        "held_out", "cell",
      ])
    let rows = try [Condition(), unusual].map { condition in
      let evidence = try Evidence(
        tally(hits: 1, of: 2), share: .share(hits: 1, of: 2), condition: condition,
        cell: NamedCell("x"))
      return evidence.values(on: axes).prefix(9).map(\.description)
    }
    #expect(rows[0].suffix(4) == ["constant", "all", "0.0", "x"])
    #expect(rows[1].suffix(4) == ["cosine", "4", "0.25", "x"])
    #expect(
      unusual.words
        == "longtail, adam at 0.2, torch-uniform, schedule cosine, batch 4, held-out 0.25")
    #expect(Condition(sampling: "weights").words.hasSuffix("torch-uniform, sampling weights"))
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity], [0, 1, 2])
  func aQuantityThatOneSeedLacksHasNoMean(value: Double, place: Int) throws {
    var quantities = [1.0, 2]
    quantities.insert(value, at: place)
    let evidence = try Self.evidence(quantities.map { Outcome(true, quantity: $0) })
    #expect(evidence.mean == nil && evidence.meanInterval == nil)
    #expect(evidence.fields.suffix(4) == ["", "", "", ""])
    #expect(evidence.hits == 3 && evidence.seeds == 3)
  }

  @Test func oneSeedHasAMeanButNoInterval() throws {
    let evidence = try Self.evidence([Outcome(false, quantity: 0.25)])
    #expect(evidence.mean == 0.25 && evidence.meanInterval == nil)
    #expect(evidence.fields.suffix(4) == ["0.25", "", "", ""])
  }

  /// A sum of squares would have lost all digits of the spread.
  @Test func spreadsOfLargeNumbersAreKept() throws {
    let evidence = try Self.evidence([1e9, 1e9 + 1, 1e9 + 2].map { Outcome(true, quantity: $0) })
    let interval = try #require(evidence.meanInterval)
    // t⁻¹(0.975; 2)/√3
    #expect(abs((interval.high - interval.low) / 2 - 4.302652729749462 / 3.0.squareRoot()) <= 1e-6)
  }

  @Test(arguments: 1...20)
  func tallyingIsTakingMeanAndDeviation(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    let sample = (0..<50).map { _ in Double.random(in: -10...10, using: &generator) }
    var tally = Tally()
    for value in sample { tally.add(Outcome(value > 0, quantity: value)) }
    #expect(tally.hits == sample.count { $0 > 0 })
    #expect(abs(tally.mean - Statistics.mean(sample)) <= 1e-14)
    #expect(abs(tally.standardDeviation - Statistics.standardDeviation(sample)) <= 1e-13)
    #expect(tally.chaos == nil)
  }

  static let probes: [(chaotic: [Bool?], share: Double?, text: String)] = [
    ([nil, nil], nil, ""), ([false, nil], 0, "0.0"), ([true], 1, "1.0"),
    ([true, false, nil, nil], 0.5, "0.5"), ([nil, true, false, false, nil], 1 / 3.0, "0.333333"),
  ]

  /// Chaos is a share of the seeds that were fitted a second time.
  @Test(arguments: probes)
  func chaosIsOfTheProbed(chaotic: [Bool?], share: Double?, text: String) throws {
    let evidence = try Self.evidence(
      chaotic.map {
        var outcome = Outcome(true, quantity: 1)
        outcome.isChaotic = $0
        return outcome
      })
    #expect(evidence.chaos == share && evidence.fields.last == text)
    #expect(evidence.seeds == chaotic.count)
    #expect((evidence.verdict == .chaotic) == ((share ?? 0) > 0.05))
  }

  static let pairs: [(first: Double, second: Double, isSmaller: Bool)] = [
    (1, 2, true), (2, 1, false), (1, 1, false), (0, -0.0, false), (1, .infinity, true),
    (.infinity, .infinity, false), (1, .nan, true), (.nan, 1, false), (.nan, .nan, false),
    (.infinity, .nan, true), (-.infinity, 0, true),
  ]

  @Test(arguments: pairs)
  func theSmallerOfAPair(first: Double, second: Double, isSmaller: Bool) {
    let outcome = Outcome.smaller(first, than: second)
    #expect(outcome.holds == isSmaller && outcome.isChaotic == nil)
  }

  @Test func theQuantityOfAPairIsTheDifference() {
    #expect(Outcome.smaller(1, than: 3).quantity == -2)
    #expect(Outcome.smaller(.nan, than: 3).quantity.isNaN)
  }
}
