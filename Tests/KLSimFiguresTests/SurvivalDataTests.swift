// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimFiles
import Testing

@testable import KLSimFigures

@Suite struct SurvivalDataTests {
  /// Records of runs whose distance falls below the threshold at the given epochs, or never.
  private func records(converging epochs: [Int?], last: Int) -> [Record] {
    epochs.enumerated().flatMap { seed, converged in
      (0...last).map { epoch in
        Record(seed: seed, epoch: Double(epoch), value: epoch >= converged ?? .max ? 0.001 : 0.5)
      }
    }
  }

  @Test func shareFallsWhereRunsConverge() throws {
    let data = try SurvivalData(table(records(converging: [2, 2, 4, nil], last: 5)), .init())
    #expect(data.points[0].map(\.epoch) == [0, 1, 2, 3, 4, 5])
    #expect(data.points[0].map(\.share) == [1, 1, 0.5, 0.5, 0.25, 0.25])
    #expect(data.seedCount == 4)
  }

  @Test func aRunConvergesOnce() throws {
    // It leaves again, as Adam with a constant step can.
    let values = [0.5, 0.001, 0.5, 0.5]
    let data = try SurvivalData(
      table(values.enumerated().map { Record(epoch: Double($0), value: $1) }), .init())
    #expect(data.points[0].map(\.share) == [1, 0, 0, 0])
  }

  @Test func theThresholdItselfIsNotBelowIt() throws {
    var options = FigureOptions()
    options.threshold = 0.001
    let data = try SurvivalData(table(records(converging: [1], last: 2)), options)
    #expect(data.points[0].map(\.share) == [1, 1, 1])
    options.threshold = 0.001.nextUp
    let more = try SurvivalData(table(records(converging: [1], last: 2)), options)
    #expect(more.points[0].map(\.share) == [1, 0, 0])
  }

  @Test func headRulesDoNotCountTwice() throws {
    let single = records(converging: [1, nil], last: 2)
    let double = single.flatMap { record in
      ["mass=0.5", "count=3"].map { head in
        var record = record
        record.head = head
        return record
      }
    }
    #expect(
      try SurvivalData(table(double), .init()).points
        == SurvivalData(table(single), .init()).points)
  }

  @Test func whatIsNotANumberHasNotConverged() throws {
    let values = [0.5, .nan, .nan]
    let data = try SurvivalData(
      table(values.enumerated().map { Record(epoch: Double($0), value: $1) }), .init())
    #expect(data.points[0].map(\.share) == [1, 1, 1])
    #expect(throws: InputError.self) { try SurvivalData(table([Record(value: .nan)]), .init()) }
  }

  @Test func evidenceIsTurnedRound() throws {
    let evidence = Table(
      source: "evidence",
      columns: [
        "objective": .texts(["fkl", "fkl"]), "epoch": .numbers([9, 5]),
        "share": .numbers([0.75, 0.25]), "share_low": .numbers([0.5, 0.125]),
        "share_high": .numbers([0.875, 0.5]),
      ])
    let data = try SurvivalData(evidence, .init())
    #expect(
      data.points == [
        [
          .init(epoch: 5, share: 0.75, band: 0.5...0.875),
          .init(epoch: 9, share: 0.25, band: 0.125...0.5),
        ]
      ])
    var options = FigureOptions()
    options.threshold = 0.1
    #expect(throws: FigureError.self) { try SurvivalData(evidence, options) }
  }
}
