// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimFiles
import KLSimTestSupport
import Testing

@testable import KLSimCore
@testable import KLSimStudies

/// Statistics over few seeds, worked out by hand.
@Suite struct AggregatorTests {
  private static let heads = ["mass=0.5", "count=3"]

  private static func measurement(
    heads: [String] = heads, metrics: [String] = []
  ) throws -> Measurement {
    Measurement(
      heads: try heads.map(Catalog.head),
      metrics: try metrics.map { try Catalog.metric($0).component })
  }

  /// A run whose loss and head error at an epoch are given; of a second cut the head error is twice
  /// as large.
  private static func run(
    seed: UInt64, context: TrajectoryContext = .only, losses: [Int: Double], cuts: Int = 2,
    extras: [Double?]? = nil
  ) throws -> Trajectory {
    var run = Trajectory(
      seed: seed, teacher: try TeacherDistribution(.linear([1, 1, 1, 1])),
      headCounts: (0..<cuts).map { $0 + 2 })
    run.context = context
    run.records = losses.sorted { $0.key < $1.key }.map { epoch, loss in
      EpochRecord(
        epoch: epoch, loss: loss, forwardKL: 0, reverseKL: 0, totalVariation: 0.5, entropy: 0,
        heads: (1...cuts).map { HeadTailError(head: Double($0) * loss, tail: 0, headMass: 0) },
        extras: extras.map { values in (0..<cuts).map { _ in values } } ?? [])
    }
    return run
  }

  /// The fields of rows by column, of one metric.
  private static func rows(
    _ table: Aggregator, _ bytes: [UInt8], metric: String
  ) throws -> [[String: String]] {
    let names = table.columns.map(\.name)
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    return lines.map { line in
      let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      #expect(fields.count == names.count)
      return Dictionary(uniqueKeysWithValues: zip(names, fields))
    }.filter { $0["metric"] == metric }
  }

  private static let statistics = ["seeds", "mean", "sd", "q05", "q25", "median", "q75", "q95"]

  private static func statistics(_ row: [String: String]) -> [Double?] {
    statistics.map { row[$0].flatMap { Double($0) } }
  }

  @Test func ofThreeSeeds() throws {
    var table = Aggregator(try Self.measurement(), recorded: .all)
    let setup = try Setup(teacher: "uniform:size=4", epochs: 1)
    // 1, 2, 6: mean 3, sd √7; quantiles at 0.1, 0.5, 1, 1.5, 1.9 of the way from one to the next.
    #expect(
      table.add(
        [
          try Self.run(seed: 1, losses: [0: 6, 1: 0]), try Self.run(seed: 2, losses: [0: 1, 1: 0]),
        ], of: setup
      ).isEmpty)
    #expect(table.add([try Self.run(seed: 3, losses: [0: 2, 1: 0])], of: setup).isEmpty)
    let bytes = table.finish()
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    // Two epochs, two heads, nine metrics.
    #expect(lines.count == 36)
    let losses = try Self.rows(table, bytes, metric: "loss")
    #expect(losses.map { $0["epoch"] } == ["0", "0", "1", "1"])
    #expect(losses.map { $0["head"] } == Self.heads + Self.heads)
    #expect(losses[0]["teacher"] == "uniform:size=4" && losses[0]["objective"] == "fkl")
    let expected = [3, 3, 7.0.squareRoot(), 1.1, 1.5, 2, 4, 5.6]
    #expect(worstGap(Self.statistics(losses[0]).compactMap(\.self), expected) <= 4e-15)
    #expect(Self.statistics(losses[2]) == [3, 0, 0, 0, 0, 0, 0, 0])
    // Of the heads, the second has twice the error.
    let errors = try Self.rows(table, bytes, metric: "head_error")
    let doubled = [3] + expected.dropFirst().map { 2 * $0 }
    #expect(worstGap(Self.statistics(errors[0]).compactMap(\.self), expected) <= 4e-15)
    #expect(worstGap(Self.statistics(errors[1]).compactMap(\.self), doubled) <= 8e-15)
    // Nothing is left for another time.
    #expect(table.finish().isEmpty)
  }

  @Test func oneSeedHasNoSpread() throws {
    var table = Aggregator(try Self.measurement(), recorded: .all)
    _ = table.add([try Self.run(seed: 1, losses: [0: 0.1])], of: try Setup(epochs: 0))
    let row = try #require(try Self.rows(table, table.finish(), metric: "loss").first)
    #expect(row["sd"]?.isEmpty == true)
    #expect(Self.statistics(row) == [1, 0.1, nil, 0.1, 0.1, 0.1, 0.1, 0.1])
  }

  /// Means are those of IEEE arithmetic wherever the value stands; order statistics take a value
  /// that is not a number for one beyond all others.
  @Test(arguments: [Double.infinity, .nan], [0, 1, 2])
  func valuesBeyondNumbers(value: Double, place: Int) throws {
    var table = Aggregator(try Self.measurement(), recorded: .all)
    var losses = [1.0, 2]
    losses.insert(value, at: place)
    _ = table.add(
      try losses.enumerated().map { try Self.run(seed: UInt64($0), losses: [0: $1]) },
      of: try Setup(epochs: 0))
    let row = try #require(try Self.rows(table, table.finish(), metric: "loss").first)
    #expect(row["seeds"] == "3" && row["sd"] == "nan")
    #expect(row["mean"] == (value.isNaN ? "nan" : "inf"))
    #expect(row["q05"] == "1.1" && row["median"] == "2.0" && row["q95"] == "inf")
  }

  /// Only seeds that have a value count.
  @Test func valuesThatAreNotThere() throws {
    let setup = try Setup(epochs: 0)
    var table = Aggregator(
      try Self.measurement(heads: ["count=2"], metrics: ["log-ratio"]), recorded: .all)
    let extras: [[Double?]] = [[1, nil], [4, nil], [nil, nil]]
    for (seed, extras) in extras.enumerated() {
      _ = table.add(
        [try Self.run(seed: UInt64(seed), losses: [0: 1], cuts: 1, extras: extras)], of: setup)
    }
    let bytes = table.finish()
    let names = LogRatioMetric.columns.map(\.name)
    let some = try #require(try Self.rows(table, bytes, metric: names[0]).first)
    #expect(some["seeds"] == "2" && some["mean"] == "2.5" && some["median"] == "2.5")
    let none = try #require(try Self.rows(table, bytes, metric: names[1]).first)
    #expect(Self.statistics(none) == [0] + Array(repeating: nil, count: 7))
    #expect(Self.statistics.dropFirst().allSatisfy { none[$0]?.isEmpty == true })
  }

  @Test func onlyRecordedEpochsAreRows() throws {
    var table = Aggregator(try Self.measurement(), recorded: .every(4))
    let losses = Dictionary(uniqueKeysWithValues: (0...10).map { ($0, Double($0)) })
    _ = table.add([try Self.run(seed: 1, losses: losses)], of: try Setup(epochs: 10))
    let rows = try Self.rows(table, table.finish(), metric: "loss").filter {
      $0["head"] == "count=3"
    }
    #expect(rows.map { $0["epoch"] } == ["0", "4", "8", "10"])
    #expect(rows.map { $0["mean"] } == ["0.0", "4.0", "8.0", "10.0"])
  }

  /// The rows of a setup come when the next one does, which may differ in its epochs alone.
  @Test func setupsComeOneAfterTheOther() throws {
    var table = Aggregator(try Self.measurement(), recorded: .all)
    let setups = [
      try Setup(objective: "fkl", epochs: 0), try Setup(objective: "rkl", epochs: 0),
      try Setup(objective: "rkl", epochs: 1),
    ]
    #expect(table.add([try Self.run(seed: 1, losses: [0: 1])], of: setups[0]).isEmpty)
    #expect(table.add([try Self.run(seed: 2, losses: [0: 3])], of: setups[0]).isEmpty)
    let first = table.add([try Self.run(seed: 1, losses: [0: 5])], of: setups[1])
    let second = table.add([try Self.run(seed: 1, losses: [0: 7, 1: 8])], of: setups[2])
    let third = table.finish()
    let means = try [first, second, third].map { bytes in
      try Self.rows(table, bytes, metric: "loss").filter { $0["head"] == "count=3" }.map {
        [$0["objective"], $0["epoch"], $0["seeds"], $0["mean"]]
      }
    }
    #expect(
      means == [
        [["fkl", "0", "2", "2.0"]], [["rkl", "0", "1", "5.0"]],
        [["rkl", "0", "1", "7.0"], ["rkl", "1", "1", "8.0"]],
      ])
  }

  @Test func contextsAreKeptApart() throws {
    let setup = try Setup(teacher: "dirichlet:size=4:contexts=2", epochs: 0)
    var table = Aggregator(
      try Self.measurement(), recorded: .all, trailing: TrailingColumns(of: [setup]))
    // As a grid hands them over: context by context, then what they come to.
    for (context, losses) in [
      (TrajectoryContext.one(0), [1.0, 3]), (.one(1), [10, 30]), (.mean, [5, 7]),
    ] {
      _ = table.add(
        try losses.enumerated().map {
          try Self.run(seed: UInt64($0), context: context, losses: [0: $1])
        }, of: setup)
    }
    let rows = try Self.rows(table, table.finish(), metric: "loss").filter {
      $0["head"] == "mass=0.5"
    }
    #expect(rows.map { $0["context"] } == ["0", "1", ""])
    #expect(rows.map { $0["mean"] } == ["2.0", "20.0", "6.0"])
    #expect(rows.map { $0["seeds"] } == ["2", "2", "2"])
    #expect(table.columns.suffix(2).map(\.name) == ["context", "context_label"])
  }

  @Test func theHeaderNamesTheColumns() throws {
    let table = Aggregator(try Self.measurement(), recorded: .all)
    #expect(
      String(decoding: table.header, as: UTF8.self)
        == "teacher,student,objective,optimizer,learning_rate,init,head,epoch,metric,seeds,mean,sd,"
        + "q05,q25,median,q75,q95\n")
  }
}
