// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimStudies
import KLSimTestSupport
import Testing

/// What is wrong with a study, when it is found, and which of several errors is told.
@Suite struct FitStudyErrorTests {
  private struct Refusal: Error, Equatable {
    let objective: String
    let seed: UInt64
  }

  private static let measurement = Measurement(heads: [])

  @Test func whatIsWrongFromTheStartIsSaidBeforeAnyRun() throws {
    let infinite = Study(teachers: ["longtail:top-k=3"], objectives: ["fkl", "rkl"])
    #expect(throws: InfiniteObjective.self) {
      try FitStudy(infinite, measurement: Self.measurement)
    }
    let heads = Measurement(heads: [try Catalog.head("count=3")])
    let small = Study(teachers: ["longtail", "uniform:size=2"])
    #expect(throws: SetupError.self) { try FitStudy(small, measurement: heads) }
    let noise = Study(teachers: ["longtail:top-k=3"], initializations: ["teacher-noise"])
    #expect(throws: SetupError.self) { try FitStudy(noise, measurement: Self.measurement) }
    let empty = Study(teachers: ["longtail", "mixture:centres=1e308/-1e308:widths=1e-300"])
    #expect(throws: TeacherError.self) { try FitStudy(empty, measurement: Self.measurement) }
  }

  /// Whoever is first to fail, the first in the order of items is told, and what comes before it
  /// has been handed over.
  @Test(arguments: [1, 2, 8])
  func theFirstErrorInTheOrderOfItemsIsTold(jobs: Int) async throws {
    let study = Study(
      teachers: ["dirichlet:size=4"], objectives: ["fkl", "rkl", "akl"], seeds: 0..<30)
    let fits = try FitStudy(study, measurement: Self.measurement)
    var consumed: [Refusal] = []
    let error = await #expect(throws: Refusal.self) {
      try await StudyRunner(jobs: jobs).run(
        fits,
        digest: { result in
          let (setup, trajectories) = (result.setup, result.trajectories)
          let here = Refusal(
            objective: setup.objective.specification, seed: trajectories[0].seed)
          if here.objective == "rkl", here.seed >= 20 || here.seed == 7 { throw here }
          if here.objective == "akl" { throw here }
          return here
        },
        consume: { consumed.append($0) })
    }
    #expect(error == Refusal(objective: "rkl", seed: 7))
    let expected =
      (0..<30).map { Refusal(objective: "fkl", seed: $0) }
      + (0..<7).map { Refusal(objective: "rkl", seed: $0) }
    #expect(consumed == expected)
  }

  /// A random teacher that loses a token under a later seed only.
  @Test(arguments: [1, 2, 8])
  func laterSeedsMayFail(jobs: Int) async throws {
    let specification = "dirichlet:size=3:concentration=0.002"
    let recipe = try Catalog.teacher(specification).component
    func hasZero(_ seed: UInt64) throws -> Bool {
      try recipe.distribution(seed: seed).firstZeroToken != nil
    }
    let first = try #require(try (UInt64(0)..<200).first { try !hasZero($0) && hasZero($0 + 1) })
    let study = Study(
      teachers: [specification], objectives: ["rkl"], seeds: first..<first + 20)
    let fits = try FitStudy(study, measurement: Self.measurement)
    var seeds: [UInt64] = []
    let error = await #expect(throws: InfiniteObjective.self) {
      try await StudyRunner(jobs: jobs).run(
        fits,
        digest: { $0.trajectories.map(\.seed) }, consume: { seeds += $0 })
    }
    #expect(seeds == [first])
    #expect(error?.token == (try recipe.distribution(seed: first + 1).firstZeroToken))
  }

  @Test(arguments: [1, 8])
  func whatTheConsumerThrowsEndsTheRun(jobs: Int) async throws {
    let fits = try FitStudy(Study(seeds: 0..<300), measurement: Self.measurement)
    var count = 0
    await #expect(throws: Refusal(objective: "", seed: 2)) {
      try await StudyRunner(jobs: jobs).run(
        fits,
        digest: { $0.trajectories[0].seed },
        consume: { _ in
          count += 1
          if count == 2 { throw Refusal(objective: "", seed: 2) }
        })
    }
    #expect(count == 2)
  }

  @Test func aCancelledRunEnds() async throws {
    let fits = try FitStudy(Study(epochs: 1_000_000_000), measurement: Self.measurement)
    let task = Task {
      try await StudyRunner(jobs: 2).run(fits, digest: { _ in 0 }, consume: { _ in })
    }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }
}
