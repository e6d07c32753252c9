// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimFiles
import Testing

@testable import KLSimFigures

@Suite struct CurvesDataTests {
  @Test func mediansAndBandsAreThoseOfTheSeeds() throws {
    // Of 1, 2, …, 21 the quantile f is 1 + 20 f.
    let values = (1...21).reversed().map { Record(seed: $0, epoch: 3, value: Double($0)) }
    let data = try CurvesData(table(values), FigureOptions())
    #expect(data.points.count == 1)
    for points in data.points[0] {
      #expect(points.count == 1)
      #expect(points[0].epoch == 3 && points[0].median == 11)
      #expect(abs(points[0].low - 2) < 1e-12 && abs(points[0].high - 20) < 1e-12)
    }
    #expect(data.seedCount == 21)
  }

  @Test func epochsAreInOrder() throws {
    let data = try CurvesData(
      table([10, 2, 0, 5].map { Record(epoch: $0, value: Double($0)) }), FigureOptions())
    #expect(data.points[0][0].map(\.epoch) == [0, 2, 5, 10])
    #expect(data.points[0][0].map(\.median) == [0, 2, 5, 10])
  }

  @Test func whatIsNotANumberIsWorseThanAnyNumber() throws {
    let values = [1, .nan, 2].enumerated().map { Record(seed: $0, value: $1) }
    let data = try CurvesData(table(values), FigureOptions())
    #expect(data.points[0][0][0].median == 2)
    #expect(data.points[0][0][0].high == .infinity)
  }

  @Test func aSeriesIsAnObjectiveUnderACondition() throws {
    let records = ["adam", "sgd"].flatMap { optimizer in
      ["fkl", "rkl"].map { Record(objective: $0, optimizer: optimizer) }
    }
    let data = try CurvesData(table(records), FigureOptions())
    #expect(data.grouping.series.map(\.objective) == ["fkl", "rkl", "fkl", "rkl"])
    #expect(data.grouping.series.map(\.style) == [0, 0, 1, 1])
    #expect(data.grouping.label(3) == "rkl, sgd")
    #expect(data.grouping.condition.text == "longtail · learning rate 0.2 · head mass=0.5")
  }

  @Test func objectivesAreChosen() throws {
    var options = FigureOptions()
    options.objectives = ["rkl"]
    let records = ["fkl", "rkl", "akl"].map { Record(objective: $0) }
    #expect(try CurvesData(table(records), options).grouping.objectives == ["rkl"])
    options.objectives = ["jeffreys"]
    #expect(throws: InputError.self) { try CurvesData(table(records), options) }
  }

  @Test func aggregatesAreTakenAsTheyAre() throws {
    let metrics = ["tail_error", "loss", "head_error", "fkl", "rkl"]
    let data = try CurvesData(
      Table(
        source: "aggregate",
        columns: [
          "objective": .texts(metrics.map { _ in "fkl" }),
          "epoch": .numbers(metrics.map { _ in 4 }), "metric": .texts(metrics),
          "seeds": .numbers(metrics.map { _ in 9 }), "q05": .numbers([1, 0, 2, 3, 4]),
          "median": .numbers([5, 0, 6, 7, 8]), "q95": .numbers([9, 0, 10, 11, 12]),
        ]), FigureOptions())
    #expect(
      data.points == [
        [
          [.init(epoch: 4, low: 2, median: 6, high: 10)],
          [.init(epoch: 4, low: 1, median: 5, high: 9)],
          [.init(epoch: 4, low: 3, median: 7, high: 11)],
          [.init(epoch: 4, low: 4, median: 8, high: 12)],
        ]
      ])
    #expect(data.seedCount == 9)
  }

  @Test func whatCannotBeShownIsRefused() throws {
    #expect(throws: InputError.self) {
      try CurvesData(table([Record(value: .nan), Record(epoch: 1, value: .infinity)]), .init())
    }
    #expect(throws: InputError.self) { try CurvesData(table([Record(), Record()]), .init()) }
    let objectives = (0..<8).map { Record(objective: "mix:lambda=0.\($0)") }
    #expect(throws: FigureError.self) { try CurvesData(table(objectives), .init()) }
    let conditions = (0..<6).map { Record(optimizer: "adam:beta1=0.\($0)") }
    let error = #expect(throws: FigureError.self) { try CurvesData(table(conditions), .init()) }
    #expect(error?.description.contains("e.g. optimizer=adam:beta1=0.0") == true)
    #expect(error?.remedy == .selectRows(column: "optimizer", value: "adam:beta1=0.0"))
  }
}
