// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimTestSupport
import Testing

/// `run --aggregate` is what the records of all seeds come to.
@Suite struct AggregateEndToEndTests {
  let klsim: CommandUnderTest

  init() throws {
    klsim = try CommandUnderTest()
  }

  /// The quantile between order statistics, as its definition says.
  private static func quantile(_ fraction: Double, _ sorted: [Double]) -> Double {
    let position = fraction * Double(sorted.count - 1)
    let below = Int(position)
    let above = min(below + 1, sorted.count - 1)
    return sorted[below] + (position - Double(below)) * (sorted[above] - sorted[below])
  }

  private static func statistics(_ sample: [Double]) -> [Double] {
    let mean = sample.reduce(0, +) / Double(sample.count)
    let squares = sample.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let sorted = sample.sorted()
    return [mean, (squares / Double(sample.count - 1)).squareRoot()]
      + [0.05, 0.25, 0.5, 0.75, 0.95].map { quantile($0, sorted) }
  }

  private static let keys = [
    "teacher", "student", "objective", "optimizer", "learning_rate", "init", "head", "epoch",
  ]

  /// Several of everything, one teacher a seed, several contexts that are fitted together or not.
  @Test(arguments: [
    "--teacher longtail:size=9,dirichlet:size=5 --objective fkl,akl --optimizer adam,sgd"
      + " --learning-rate 0.1,1 --head mass=0.5,count=2",
    "--teacher dirichlet:size=5:contexts=3,zipf:size=4 --contexts both",
    "--teacher dirichlet:size=5:contexts=3 --contexts mean --objective sinkhorn-batch",
    "--teacher dirichlet:size=5:contexts=3 --contexts each --student low-rank:rank=1",
  ])
  func statisticsOfTheRecords(options: String) async throws {
    let line = "\(options) --seeds 7 --epochs 5 --record 0,2,5 --metric js,top1 --quiet"
    let records = try await klsim.table(line)
    let aggregates = try await klsim.table("\(line) --aggregate")
    let keys = Self.keys + (records.header.contains("context") ? ["context", "context_label"] : [])
    #expect(aggregates.header.suffix(2).contains("context") == keys.contains("context"))
    let metrics =
      ["loss", "fkl", "rkl", "tvd", "entropy", "head_error", "tail_error"]
      + ["head_mass_error", "akl_head_weight", "js", "top1"]
    let groups = Dictionary(grouping: records.rows) { row in keys.map { row[$0] } }
    #expect(aggregates.rows.count == groups.count * metrics.count)
    for row in aggregates.rows {
      let own = try #require(groups[keys.map { row[$0] }])
      #expect(own.count == 7 && row["seeds"] == "7")
      let expected = Self.statistics(own.map { $0.number(row["metric"]) })
      let actual = ["mean", "sd", "q05", "q25", "median", "q75", "q95"].map { row.number($0) }
      let scale = largest(own.map { $0.number(row["metric"]) })
      #expect(worstGap(actual, expected) <= 1e-13 * max(scale, 1e-3), "\(row)")
    }
    // Each once, and all metrics of all.
    #expect(
      Set(aggregates.rows.map { row in (keys + ["metric"]).map { row[$0] } }).count
        == aggregates.rows.count)
    #expect(Set(aggregates.column("metric")) == Set(metrics))
  }

  @Test func anyNumberOfJobsGivesTheSameBytes() async throws {
    let line =
      "--teacher longtail:size=9,dirichlet:size=5:contexts=2 --objective fkl,rkl --seeds 70"
      + " --epochs 3 --snapshots 3 --aggregate"
    let one = try await klsim("\(line) --jobs 1 --output 1.csv --snapshot-output s1.csv")
    #expect(one.end == .exit(0), "\(one.errors)")
    for jobs in [2, 9] {
      let many = try await klsim(
        "\(line) --jobs \(jobs) --output \(jobs).csv --snapshot-output s\(jobs).csv")
      expectSameText(many.errors, one.errors)
      expectSameText(
        try klsim.folder.text(of: "\(jobs).csv"), try klsim.folder.text(of: "1.csv"))
      expectSameText(
        try klsim.folder.text(of: "s\(jobs).csv"), try klsim.folder.text(of: "s1.csv"))
    }
    // The summary is that of the same runs seed by seed.
    let records = try await klsim(
      "\(line.replacing(" --aggregate", with: "")) --output r.csv --snapshot-output s.csv")
    expectSameText(records.errors, one.errors)
    expectSameText(try klsim.folder.text(of: "s.csv"), try klsim.folder.text(of: "s1.csv"))
  }

  /// A learning rate that throws the students out of all numbers.
  @Test func runsThatBlowUpAreCounted() async throws {
    let table = try await klsim.table(
      "--objective fkl --optimizer sgd:momentum=0.9 --learning-rate 1e308 --epochs 20 --seeds 3"
        + " --record 0,20 --aggregate --quiet")
    let first = try table.row(["epoch": "0", "metric": "loss"])
    #expect(first.number("mean").isFinite && first.number("sd") > 0)
    let last = try table.row(["epoch": "20", "metric": "loss"])
    #expect(last["seeds"] == "3" && last["mean"] == "nan" && last["median"] == "inf")
  }
}
