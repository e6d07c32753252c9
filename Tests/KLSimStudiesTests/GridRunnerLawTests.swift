// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimFiles
import KLSimStudies
import KLSimTestSupport
import Testing

/// Results depend on the experiments alone: not on jobs, batches or neighbours.
@Suite struct GridRunnerLawTests {
  /// What a run gave: its keys and seed, and its rows in the files.
  struct Seen: Equatable, Sendable {
    let keys: [String]
    let seed: UInt64
    let bytes: [UInt8]
  }

  static func measurement() throws -> Measurement {
    Measurement(
      heads: [try Catalog.head("mass=0.5"), try Catalog.head("count=2")],
      metrics: try Catalog.metrics.map { try Catalog.metric($0.name).component },
      snapshots: { epoch, last in epoch == last })
  }

  static func run(_ grid: Grid, jobs: Int) async throws -> [Seen] {
    let measurement = try measurement()
    let runner = try GridRunner(grid, measurement, jobs: jobs)
    let records = RecordRows(measurement, recorded: .all)
    var seen: [Seen] = []
    try await runner.run(
      digest: { setup, trajectories in
        trajectories.map {
          Seen(
            keys: setup.specifications(), seed: $0.seed,
            bytes: records.rows([$0], of: setup) + SnapshotRows().rows([$0], of: setup))
        }
      },
      consume: { seen += $0 })
    return seen
  }

  /// Deterministic teachers, whose seeds are fitted in step, and random ones, whose are not.
  static func mixedGrid(seeds: Range<UInt64>) throws -> Grid {
    try Grid(
      teachers: ["longtail:size=12", "dirichlet:size=8", "uniform:size=5:jitter=0.1"],
      objectives: ["fkl", "akl"], optimizers: ["adam", "sgd:momentum=0.9"],
      learningRates: [0.1, 0.5], initializations: ["torch-uniform", "normal"], seeds: seeds)
  }

  @Test func anyNumberOfJobsGivesTheSameBytes() async throws {
    let grid = try Self.mixedGrid(seeds: 3..<6)
    let alone = try await Self.run(grid, jobs: 1)
    #expect(try alone.count == grid.runCount)
    for jobs in [2, 8] {
      #expect(try await Self.run(grid, jobs: jobs) == alone, "\(jobs) jobs")
    }
  }

  /// More seeds than are fitted in step, so that they fall into several batches.
  @Test func batchesOfSeedsGiveTheSameBytesInAnyNumberOfJobs() async throws {
    let grid = try Grid(
      teachers: ["longtail:size=6"], objectives: ["rkl"], epochs: 2, seeds: 0..<150)
    let alone = try await Self.run(grid, jobs: 1)
    #expect(alone.map(\.seed) == Array(0..<150))
    #expect(try await Self.run(grid, jobs: 8) == alone)
  }

  @Test(arguments: [1, 2, 8])
  func runsComeInTheOrderOfTheGrid(jobs: Int) async throws {
    let grid = try Self.mixedGrid(seeds: 3..<5)
    let seen = try await Self.run(grid, jobs: jobs)
    let expected = try grid.setups.flatMap { setup in
      grid.seeds.map { (setup.specifications(), $0) }
    }
    #expect(seen.map(\.keys) == expected.map(\.0))
    #expect(seen.map(\.seed) == expected.map(\.1))
  }

  @Test(arguments: ["longtail:size=12", "dirichlet:size=12", "overlapping:size=12:samples=50"])
  func aSeedAloneGivesWhatItGivesAmongMany(teacher: String) async throws {
    func grid(_ seeds: Range<UInt64>) throws -> Grid {
      try Grid(teachers: [teacher], objectives: ["fkl", "akl"], epochs: 10, seeds: seeds)
    }
    let many = try await Self.run(try grid(0..<70), jobs: 2)
    for seed in UInt64(0)..<70 {
      let alone = try await Self.run(try grid(seed..<seed + 1), jobs: 1)
      #expect(alone == many.filter { $0.seed == seed }, "seed \(seed)")
    }
  }

  /// The runner is only a way to list experiments.
  @Test func theRunnerGivesWhatAnExperimentGives() async throws {
    let grid = try Self.mixedGrid(seeds: 3..<5)
    let measurement = try Self.measurement()
    let records = RecordRows(measurement, recorded: .all)
    let seen = try await Self.run(grid, jobs: 2)
    let expected = try grid.setups.flatMap { setup in
      try grid.seeds.map { seed in
        let trajectory = try Experiment(setup, seed: seed).trajectory(measurement)
        return Seen(
          keys: setup.specifications(), seed: seed,
          bytes: records.rows([trajectory], of: setup)
            + SnapshotRows().rows([trajectory], of: setup))
      }
    }
    #expect(seen == expected)
  }

  /// What else is in the grid changes nothing of a run.
  @Test func neighboursDoNotMatter() async throws {
    let whole = try await Self.run(try Self.mixedGrid(seeds: 3..<5), jobs: 2)
    var grid = try Self.mixedGrid(seeds: 3..<5)
    grid.choices["teacher"] = grid.choices["teacher"]?.suffix(1)
    grid.choices["objective"]?.reverse()
    let part = try await Self.run(grid, jobs: 2)
    for seen in part { #expect(whole.contains(seen), "\(seen.keys) seed \(seen.seed)") }
  }

  @Test func noSeedsAreNoRuns() async throws {
    #expect(try await Self.run(try Grid(seeds: 4..<4), jobs: 2).isEmpty)
  }
}
