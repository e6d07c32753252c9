// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimFiles
import KLSimStudies
import KLSimTestSupport
import Testing

/// Results depend on the experiments alone: not on jobs, batches or neighbours.
@Suite struct FitStudyLawTests {
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

  static func run(_ study: Study, jobs: Int) async throws -> [Seen] {
    let measurement = try measurement()
    let fits = try FitStudy(study, measurement: measurement)
    let records = RecordRows(measurement, recorded: .all)
    var seen: [Seen] = []
    try await StudyRunner(jobs: jobs).run(
      fits,
      digest: { result in
        let setup = result.setup
        return result.trajectories.map {
          Seen(
            keys: setup.specifications(), seed: $0.seed,
            bytes: records.rows([$0], of: setup) + SnapshotRows().rows([$0], of: setup))
        }
      },
      consume: { seen += $0 })
    return seen
  }

  /// Deterministic teachers, whose seeds are fitted in step, and random ones, whose are not.
  static func mixedStudy(seeds: Range<UInt64>) -> Study {
    Study(
      teachers: ["longtail:size=12", "dirichlet:size=8", "uniform:size=5:jitter=0.1"],
      objectives: ["fkl", "akl"], optimizers: ["adam", "sgd:momentum=0.9"],
      learningRates: [0.1, 0.5], initializations: ["torch-uniform", "normal"], seeds: seeds)
  }

  /// A start that is fitted is the same whoever fits it, and from whichever setup it is asked for.
  @Test func pretrainedStartsDoNotDependOnJobsOrSetups() async throws {
    var study = Study(
      teachers: ["dirichlet:size=6:contexts=3"], objectives: ["fkl", "rkl"],
      optimizers: ["adam"], learningRates: [0.1], initializations: ["pretrained:batch=2"],
      epochs: 2, seeds: 3..<6)
    study.choices["student"] = ["low-rank:rank=2"]
    let alone = try await Self.run(study, jobs: 1)
    #expect(try await Self.run(study, jobs: 3) == alone)
    study.choices["objective"] = ["rkl"]
    study.choices["batch"] = ["3"]
    let other = try await Self.run(study, jobs: 1)
    #expect(other.map(\.bytes) == alone.filter { $0.keys.contains("rkl") }.map(\.bytes))
  }

  @Test func anyNumberOfJobsGivesTheSameBytes() async throws {
    let study = Self.mixedStudy(seeds: 3..<6)
    let alone = try await Self.run(study, jobs: 1)
    #expect(try alone.count == FitStudy(study).runCount)
    for jobs in [2, 8] {
      #expect(try await Self.run(study, jobs: jobs) == alone, "\(jobs) jobs")
    }
  }

  /// More seeds than are fitted in step, so that they fall into several batches.
  @Test func batchesOfSeedsGiveTheSameBytesInAnyNumberOfJobs() async throws {
    let study = Study(
      teachers: ["longtail:size=6"], objectives: ["rkl"], epochs: 2, seeds: 0..<150)
    let alone = try await Self.run(study, jobs: 1)
    #expect(alone.map(\.seed) == Array(0..<150))
    #expect(try await Self.run(study, jobs: 8) == alone)
  }

  @Test(arguments: [1, 2, 8])
  func runsComeInOrder(jobs: Int) async throws {
    let study = Self.mixedStudy(seeds: 3..<5)
    let seen = try await Self.run(study, jobs: jobs)
    let expected = try study.setups().flatMap { setup in
      try study.seedRange.map { (setup.specifications(), $0) }
    }
    #expect(seen.map(\.keys) == expected.map(\.0))
    #expect(seen.map(\.seed) == expected.map(\.1))
  }

  @Test(arguments: ["longtail:size=12", "dirichlet:size=12", "overlapping:size=12:samples=50"])
  func aSeedAloneGivesWhatItGivesAmongMany(teacher: String) async throws {
    func study(_ seeds: Range<UInt64>) -> Study {
      Study(teachers: [teacher], objectives: ["fkl", "akl"], epochs: 10, seeds: seeds)
    }
    let many = try await Self.run(study(0..<70), jobs: 2)
    for seed in UInt64(0)..<70 {
      let alone = try await Self.run(study(seed..<seed + 1), jobs: 1)
      #expect(alone == many.filter { $0.seed == seed }, "seed \(seed)")
    }
  }

  /// The runner is only a way to list experiments.
  @Test func theRunnerGivesWhatAnExperimentGives() async throws {
    let study = Self.mixedStudy(seeds: 3..<5)
    let measurement = try Self.measurement()
    let records = RecordRows(measurement, recorded: .all)
    let seen = try await Self.run(study, jobs: 2)
    let expected = try study.setups().flatMap { setup in
      try study.seedRange.map { seed in
        let trajectory = try setup.trajectory(seed: seed, measurement)
        return Seen(
          keys: setup.specifications(), seed: seed,
          bytes: records.rows([trajectory], of: setup)
            + SnapshotRows().rows([trajectory], of: setup))
      }
    }
    #expect(seen == expected)
  }

  /// What else is in the study changes nothing of a run.
  @Test func neighboursDoNotMatter() async throws {
    let whole = try await Self.run(Self.mixedStudy(seeds: 3..<5), jobs: 2)
    var study = Self.mixedStudy(seeds: 3..<5)
    study.choices["teacher"] = study.choices["teacher"]?.suffix(1).map { $0 }
    study.choices["objective"]?.reverse()
    let part = try await Self.run(study, jobs: 2)
    for seen in part { #expect(whole.contains(seen), "\(seen.keys) seed \(seen.seed)") }
  }

  /// What an item gives hangs on its words alone, wherever in a study it is, and no two have the same.
  @Test func itemsHaveStableIdentities() throws {
    let whole = try FitStudy(Self.mixedStudy(seeds: 3..<5))
    let items = (0..<whole.itemCount).map(whole.item)
    #expect(Set(items.map(\.identity)).count == items.count)
    var study = Self.mixedStudy(seeds: 3..<5)
    study.choices["teacher"] = ["dirichlet:size=8"]
    let part = try FitStudy(study)
    let known = Set(items.map(\.identity))
    #expect((0..<part.itemCount).allSatisfy { known.contains(part.item($0).identity) })
    // Another spelling of the same is the same.
    study.heads = ["mass=.50"]
    study.choices["learning-rate"] = ["1e-1", "5e-1"]
    let spelt = try FitStudy(study)
    #expect(
      (0..<spelt.itemCount).map { spelt.item($0).identity }
        == (0..<part.itemCount).map { part.item($0).identity })
    study.epochs += 1
    let longer = try FitStudy(study)
    #expect((0..<longer.itemCount).allSatisfy { !known.contains(longer.item($0).identity) })
  }

  /// FNV-1a of 128 bits, by the published constants.
  @Test func identitiesAreFNV() {
    #expect(ItemIdentity(of: []).description == "6c62272e07bb014262b821756295c58d")
    #expect(ItemIdentity(of: ["foobar"]).description == "e01fcf9a454ff78da540f1b23234b288")
    #expect(ItemIdentity(of: ["a", "b"]) != ItemIdentity(of: ["ab"]))
  }
}
