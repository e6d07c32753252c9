// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimTestSupport
import Testing

@testable import KLSimCore
@testable import KLSimStudies

/// What counts as a pair.
@Suite struct PairingTests {
  /// Seeds that agree in all values are one pair; contexts are pairs, whatever the number of seeds.
  @Test func copiesAndContextsArePairedOnce() {
    let seeds = (1...8).map { Pairing.Unit(seed: $0, context: 0) }
    #expect(Pairing(seeds, areDrawn: false) { [Double($0)] }.count == 8)
    let copies = Pairing(seeds, areDrawn: false) { _ in [7] }
    #expect(copies.count == 1 && copies.words == "1 distinct of 8 seeds")
    #expect(copies.warning?.hasPrefix("the 8 seeds give one result, bit for bit") == true)
    #expect(Pairing(seeds, areDrawn: false) { [Double($0 / 2)] }.count == 4)
    #expect(Pairing(seeds, areDrawn: false) { $0 < 3 ? [Double($0)] : nil }.words == "3 seeds")
    let both = (0..<12).map { Pairing.Unit(seed: $0 / 3, context: $0 % 3) }
    let contexts = Pairing(both, areDrawn: false) { [Double($0)] }
    #expect(contexts.words == "3 contexts, each the median of 4 seeds" && contexts.warning == nil)
    let values = (0..<12).map { Double($0) }
    // Context c has the values c, c + 3, c + 6 and c + 9.
    #expect(contexts.medians(of: values) == [4.5, 5.5, 6.5])
    #expect(
      contexts.medians(of: [nil, 1, nil] + Array(repeating: nil, count: 9)) == [nil, 1, nil])
    let drawn = Pairing(both, areDrawn: true) { [Double($0)] }
    #expect(drawn.count == 12 && drawn.words == "4 seeds × 3 contexts")
  }

  /// Runs without a number are alike, but no copies.
  @Test func divergedRunsAreNoCopies() {
    let seeds = (1...8).map { Pairing.Unit(seed: $0, context: 0) }
    let some = Pairing(seeds, areDrawn: false) { [$0 < 6 ? .nan : Double($0), 0, nil] }
    #expect(some.count == 8 && some.words == "8 seeds")
    #expect(some.warning == "all runs of 6 of 8 seeds diverged: their values are not numbers")
    let all = Pairing(seeds, areDrawn: false) { _ in [.nan, 0] }
    #expect(all.count == 8 && all.words == "8 seeds, all runs diverged")
    #expect(all.warning == "all runs diverged: their values are not numbers")
    // They are copies if they were alike before.
    #expect(Pairing(seeds, areDrawn: false) { _ in [0.5, .nan] }.count == 1)
    let contexts = (0..<6).map { Pairing.Unit(seed: $0 / 3, context: $0 % 3) }
    #expect(
      Pairing(contexts, areDrawn: false) { _ in [.nan] }.words
        == "3 contexts, each the median of 2 seeds, all runs diverged")
  }

  /// Runs that do not depend on the seed are one pair.
  @Test func copiesAreOnePair() throws {
    var comparison = try ComparisonTests.comparison()
    for (objective, error) in [("fkl", 1.0), ("rkl", 2)] {
      comparison.add(
        try (1...8 as ClosedRange<UInt64>).map { seed in
          var copy = try ComparisonTests.run(seed: seed, last: error / 4, errors: [1: error])
          copy.records = try ComparisonTests.run(seed: 1, last: error / 4, errors: [1: error])
            .records
          return copy
        }, of: try ComparisonTests.setup(objective, epochs: 1))
    }
    let (tables, warnings) = comparison.answer()
    let text = tables[0].text(width: 120)
    #expect(text.contains("seeds 1…8 · head"))
    #expect(text.contains("fkl    rkl  ahead\n") && text.contains("0.1    0.2    fkl\n"))
    #expect(warnings.count == 1 && warnings[0].hasPrefix("the 8 seeds give one result"))
    #expect(
      ComparisonTable.legend(of: tables, width: 50)
        == "ahead: better in the only pair, from which no lead\n  follows\n")
  }

  /// A context is a pair, and its value the median over its seeds; means over contexts pair their seeds.
  @Test func contextsArePairs() throws {
    let setup = { (objective: String) in
      try Setup(
        [
          "teacher": "file:path=a.npy:values=logits", "objective": objective,
        ], epochs: 1, reader: ContextRows.random(contexts: 2, size: 4))
    }
    var comparison = try ComparisonTests.comparison()
    var means = comparison
    for (objective, error) in [("fkl", 1.0), ("rkl", 2)] {
      for seed in 1...6 as ClosedRange<UInt64> {
        for context in 0..<2 {
          var run = try ComparisonTests.run(
            seed: seed, last: 0.5, errors: [1: error + Double(seed) * Double(context)])
          run.context = .one(context)
          comparison.add([run], of: try setup(objective))
          run.context = .mean
          if context == 1 { means.add([run], of: try setup(objective)) }
        }
      }
    }
    func row(_ text: String) -> [String] {
      text.split(separator: "\n").first { $0.hasPrefix("head error at epoch 1 ") }?
        .split(separator: " ").dropFirst(5).map(String.init) ?? []
    }
    let text = comparison.answer().tables[0].text(width: 200)
    #expect(text.contains("· 2 contexts · medians over 2 contexts, each the median of 6 seeds ·"))
    // The median of 1 and 4.5, and of 2 and 5.5, each a tenth.
    #expect(row(text) == ["0.275", "0.375", "too", "few", "pairs"])
    let ofMeans = means.answer().tables[0].text(width: 200)
    #expect(ofMeans.contains("· mean of 2 contexts · medians over 6 seeds · head mass=0.5\n"))
    #expect(row(ofMeans) == ["0.45", "0.55", "fkl", "in", "100", "%"])
    #expect(!ofMeans.contains("first epoch"))
  }
}
