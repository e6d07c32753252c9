// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimFiles
import Testing

@testable import KLSimFigures

@Suite struct MedianCurvesTests {
  private func curves(
    _ table: Table, _ options: FigureOptions = .init(), measures: [Measure] = [.head, .tail]
  ) throws -> MedianCurves {
    try MedianCurves(table, options, along: "epoch", measures: measures, for: CurvesFigure.self)
  }

  @Test func mediansAndBandsAreThoseOfTheSeeds() throws {
    // Of 1, 2, …, 21 the quantile f is 1 + 20 f.
    let values = (1...21).reversed().map { Record(seed: $0, epoch: 3, value: Double($0)) }
    let data = try curves(table(values), measures: [.head, .total])
    #expect(data.points.count == 1)
    for (points, factor) in zip(data.points[0], [1.0, 2]) {
      #expect(points.count == 1)
      #expect(points[0].x == 3 && points[0].median == 11 * factor)
      #expect(abs(points[0].low - 2 * factor) < 1e-12)
      #expect(abs(points[0].high - 20 * factor) < 1e-12)
    }
    #expect(data.text(hasBand: true).hasSuffix("21 seeds: median and 5–95 % band"))
  }

  @Test func epochsAreInOrder() throws {
    let data = try curves(table([10.0, 2, 0, 5].map { Record(epoch: $0, value: $0) }))
    #expect(data.points[0][0].map(\.x) == [0, 2, 5, 10])
    #expect(data.points[0][0].map(\.median) == [0, 2, 5, 10])
    #expect(!data.hasBand)
  }

  @Test func epochsAreChosen() throws {
    var options = FigureOptions()
    let records = table((0...9).map { Record(epoch: Double($0)) })
    options.window = 2...4
    #expect(try curves(records, options).points[0][0].map(\.x) == [2, 3, 4])
    options.window = nil
    options.epochs = [1, 9]
    #expect(try curves(records, options).points[0][0].map(\.x) == [1, 9])
    options.epochs = [1, 10]
    #expect(throws: InputError.self) { try curves(records, options) }
  }

  @Test func fractionsOfEpochsAreChosen() throws {
    let thirds = (0...6).map { Double($0) / 3 }
    let records = table(thirds.map { Record(epoch: $0) })
    var options = FigureOptions()
    options.epochs = [0.33, 2]
    #expect(try curves(records, options).points[0][0].map(\.x) == [1.0 / 3, 2])
    (options.epochs, options.window) = (nil, 0.5...1.5)
    #expect(try curves(records, options).points[0][0].map(\.x) == [2.0 / 3, 1, 4.0 / 3])
    (options.epochs, options.window) = ([2.25], nil)
    let error = #expect(throws: InputError.self) { try curves(records, options) }
    #expect(error?.description.contains("no epoch 2.25; there is 0, 0.333, 0.667, 1") == true)
    for epoch in [-1, Double.nan, .infinity] {
      options.epochs = [1]
      #expect(throws: InputError.self) {
        try curves(table([Record(epoch: 1), Record(epoch: epoch)]), options)
      }
    }
  }

  /// Of each setup the nearest recorded epochs are shown.
  @Test func epochsThatAreNotRecordedAreTheNearest() throws {
    let thirds = (0...3).map { Record(epoch: Double($0) / 3) }
    let halves = (0...2).map { Record(epoch: Double($0) / 2, optimizer: "sgd") }
    var options = FigureOptions()
    options.epochs = [0.6, 1]
    let data = try curves(table(thirds + halves), options)
    #expect(data.points.map { $0[0].map(\.x) } == [[2.0 / 3, 1], [0.5, 1]])
  }

  @Test func whatIsNotANumberIsWorseThanAnyNumber() throws {
    let values = [1, .nan, 2].enumerated().map { Record(seed: $0, value: $1) }
    let data = try curves(table(values))
    #expect(data.points[0][0][0].median == 2)
    #expect(data.points[0][0][0].high == .infinity)
  }

  @Test func aSeriesIsAnObjectiveUnderACondition() throws {
    let records = ["adam", "sgd"].flatMap { optimizer in
      ["fkl", "rkl"].map { Record(objective: $0, optimizer: optimizer) }
    }
    let grouping = try curves(table(records)).grouping
    #expect(grouping.series.map(\.objective) == ["fkl", "rkl", "fkl", "rkl"])
    #expect(grouping.series.map(\.variant) == [0, 0, 1, 1])
    #expect(grouping.facets == [""])
    #expect(grouping.entries.map(\.label) == ["fkl, adam", "rkl, adam", "fkl, sgd", "rkl, sgd"])
    #expect(grouping.condition.text == "longtail · learning rate 0.2 · head mass=0.5")
  }

  @Test func manyConditionsAreFacets() throws {
    let optimizers = (0..<4).map { "adam:beta1=0.\($0)" }
    let records = optimizers.flatMap { optimizer in
      ["fkl", "rkl"].map { Record(objective: $0, optimizer: optimizer) }
    }
    let grouping = try curves(table(records)).grouping
    #expect(grouping.facets == optimizers)
    #expect(grouping.entries.map(\.label) == ["fkl", "rkl"])
    #expect(grouping.places(in: 2) == [4, 5])
  }

  @Test func facetsAreChosen() throws {
    let records = ["adam", "sgd"].flatMap { optimizer in
      ["fkl", "rkl"].flatMap { objective in
        ["count=2", "count=8"].map {
          Record(objective: objective, head: $0, optimizer: optimizer)
        }
      }
    }
    var options = FigureOptions()
    options.facet = "optimizer"
    let grouping = try curves(table(records), options).grouping
    #expect(grouping.facets == ["adam", "sgd"])
    #expect(grouping.variants == ["head count=2", "head count=8"])
    options.facet = "objective"
    #expect(
      try curves(table(records.filter { $0.optimizer == "sgd" }), options).grouping.facets
        == ["fkl", "rkl"])
    options.facet = "seed"
    let error = #expect(throws: FigureError.self) { try curves(table(records), options) }
    #expect(error?.description.contains("optimizer") == true)
  }

  /// Rows of three contexts and of their mean, in the two ways in which tables tell a mean.
  @Test(arguments: [("mean", ""), ("", "mean")])
  func contextsAreSummedUpAsSeedsAre(mean: (context: String, label: String)) throws {
    let contexts = ["0", "1", "2", mean.context]
    let values = [1.0, 2, 6, 3]
    let records = Table(
      source: "contexts",
      columns: [
        "objective": .texts(contexts.map { _ in "fkl" }), "seed": .numbers([1, 1, 1, 1]),
        "head": .texts(contexts.map { _ in "mass=0.5" }), "epoch": .numbers([0, 0, 0, 0]),
        "tvd": .numbers(values), "head_error": .numbers(values), "tail_error": .numbers(values),
        "context": .texts(contexts), "context_label": .texts(["", "", "", mean.label]),
      ])
    let data = try curves(records)
    #expect(data.points[0][0].map(\.median) == [2])
    #expect(data.text(hasBand: true).hasSuffix("one seed × 3 contexts: median and 5–95 % band"))
    var options = FigureOptions()
    options.facet = "context"
    #expect(try curves(records, options).grouping.facets.count == 4)
    let only = try records.selecting([.init(column: "context", value: mean.context)])
    #expect(try curves(only).points[0][0].map(\.median) == [3])
  }

  /// Contexts of students that share parameters are no draws of their own: their means are.
  @Test func sharedStudentsAreShownByTheirMeans() throws {
    func records(contexts: [String]) -> Table {
      let values = ["0": 1.0, "1": 2, "2": 6, "": 3]
      let rows: [(seed: Double, context: String)] = [1, 2].flatMap { seed in
        contexts.map { (seed, $0) }
      }
      return Table(
        source: "contexts",
        columns: [
          "student": .texts(rows.map { _ in "low-rank:rank=4" }),
          "objective": .texts(rows.map { _ in "fkl" }), "seed": .numbers(rows.map(\.seed)),
          "epoch": .numbers(rows.map { _ in 0 }),
          "tvd": .numbers(rows.map { values[$0.context] ?? 0 }),
          "head_error": .numbers(rows.map { values[$0.context] ?? 0 }),
          "tail_error": .numbers(rows.map { values[$0.context] ?? 0 }),
          "context": .texts(rows.map(\.context)),
          "context_label": .texts(rows.map { $0.context.isEmpty ? "mean" : "" }),
        ])
    }
    let data = try curves(records(contexts: ["0", "1", "2", ""]))
    #expect(data.points[0][0].map(\.median) == [3])
    #expect(
      data.text(hasBand: true)
        == "low-rank:rank=4 · context label mean · 2 seeds: median and 5–95 % band")
    #expect(throws: InputError.self) { try curves(records(contexts: ["0", "1", "2"])) }
    #expect(try curves(records(contexts: ["1"])).points[0][0].map(\.median) == [2])
  }

  @Test func ratesHaveAPanelForEachEpoch() throws {
    let records = ["adam", "sgd"].flatMap { optimizer in
      [0.1, 0.2].flatMap { rate in
        (0...6).map { Record(epoch: Double($0), optimizer: optimizer, learningRate: rate) }
      }
    }
    var options = FigureOptions()
    options.facet = "epoch"
    let epochs = try RatesFigure(table(records), options).panels.panels.map(\.title.text)
    #expect(epochs == (1...6).map { "epoch \($0)" })
    options.facet = "optimizer"
    #expect(
      try RatesFigure(table(records), options).panels.panels.map(\.title.text) == ["adam", "sgd"])
  }

  @Test func objectivesAreChosen() throws {
    var options = FigureOptions()
    options.objectives = ["rkl"]
    let records = ["fkl", "rkl", "akl"].map { Record(objective: $0) }
    #expect(try curves(table(records), options).grouping.objectives == ["rkl"])
    options.objectives = ["jeffreys"]
    #expect(throws: InputError.self) { try curves(table(records), options) }
  }

  @Test func aggregatesAreTakenAsTheyAre() throws {
    let metrics = ["tail_error", "loss", "head_error", "fkl", "tvd"]
    let data = try curves(
      Table(
        source: "aggregate",
        columns: [
          "objective": .texts(metrics.map { _ in "fkl" }),
          "epoch": .numbers(metrics.map { _ in 4 }), "metric": .texts(metrics),
          "seeds": .numbers(metrics.map { _ in 9 }), "q05": .numbers([1, 0, 2, 3, 4]),
          "median": .numbers([5, 0, 6, 7, 8]), "q95": .numbers([9, 0, 10, 11, 12]),
        ]), measures: [.head, .tail, .total, .forward])
    #expect(
      data.points == [
        [
          [.init(x: 4, low: 2, median: 6, high: 10)],
          [.init(x: 4, low: 1, median: 5, high: 9)],
          [.init(x: 4, low: 8, median: 16, high: 24)],
          [.init(x: 4, low: 3, median: 7, high: 11)],
        ]
      ])
    #expect(data.text(hasBand: true).contains("9 seeds"))
  }

  @Test func theBestRateHasTheLeastMedian() {
    let points = [(0.1, 3.0), (0.2, 1), (0.4, 1), (0.8, .infinity)].map {
      MedianCurves.Point(x: $0, low: $1, median: $1, high: $1)
    }
    #expect(RatesFigure.best(points)?.x == 0.2)
    #expect(RatesFigure.best(points.suffix(1)) == nil)
  }

  @Test func whatCannotBeShownIsRefused() throws {
    #expect(throws: InputError.self) {
      try curves(table([Record(value: .nan), Record(epoch: 1, value: .infinity)]))
    }
    #expect(throws: InputError.self) { try curves(table([Record(), Record()])) }
    let objectives = (0...ObjectiveStyle.pairCount).map {
      Record(objective: "mix:lambda=0.\($0)")
    }
    #expect(throws: FigureError.self) { try curves(table(objectives)) }
    var options = FigureOptions()
    options.facet = "objective"
    let many = #expect(throws: FigureError.self) {
      try curves(table(Array(objectives.prefix(25))), options)
    }
    #expect(many?.description.contains("at most 24 of 25 conditions") == true)
    let conditions = (0...24).map { Record(optimizer: "adam:beta1=0.\($0)") }
    let error = #expect(throws: FigureError.self) { try curves(table(conditions)) }
    #expect(error?.description.contains("e.g. optimizer=adam:beta1=0.0") == true)
    #expect(error?.remedy == .selectRows([.init(column: "optimizer", value: "adam:beta1=0.0")]))
  }
}
