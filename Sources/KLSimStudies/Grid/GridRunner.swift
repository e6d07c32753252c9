// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore

/// Runs a grid in parallel and hands over what was seen in the grid's order.
///
/// Memory is bounded by the number of jobs, not by the number of runs.
public struct GridRunner: Sendable {
  private let setups: [Setup]
  /// One teacher a setup; nil where every seed has its own.
  private let teachers: [TeacherDistribution?]
  private let batches: [Batch]
  private let measurement: Measurement
  private let jobs: Int
  private let starts: StartCache

  /// Consecutive seeds of one setup.
  private struct Batch {
    let setup: Int
    let seeds: Range<UInt64>
    /// What decides the initial logits.
    let start: StartCache.Key
  }

  /// Prepares a grid.
  ///
  /// - Parameters:
  ///   - grid: what to run.
  ///   - measurement: what to look at.
  ///   - jobs: how many batches at a time, at least 1.
  /// - Throws: whatever is wrong with a setup that can be seen without running it.
  public init(_ grid: Grid, _ measurement: Measurement, jobs: Int) throws {
    precondition(jobs > 0, "at least one job")
    self.measurement = measurement
    self.jobs = jobs
    let setups = grid.setups
    let perTeacher = setups.count / max(grid.teachers.count, 1)
    var teachers: [TeacherDistribution?] = []
    for teacher in grid.teachers {
      let recipe = teacher.component
      let shared = recipe.isRandom ? nil : try recipe.distribution(seed: grid.seeds.lowerBound)
      teachers += Array(repeating: shared, count: perTeacher)
    }
    batches = setups.indices.flatMap { index in
      let size = Self.batchSize(of: teachers[index])
      return stride(from: 0, to: grid.seeds.count, by: size).map { start in
        let first = grid.seeds.lowerBound + UInt64(start)
        let last = min(first.advanced(by: size), grid.seeds.upperBound)
        return Batch(
          setup: index, seeds: first..<last,
          start: StartCache.Key(
            teacher: setups[index].teacher.specification,
            initialization: setups[index].initialization.specification, firstSeed: first))
      }
    }
    let setupsPerStart = setups.count / max(grid.teachers.count * grid.initializations.count, 1)
    starts = StartCache(uses: setupsPerStart)
    self.setups = setups
    self.teachers = teachers
    if let first = grid.seeds.first {
      for index in setups.indices {
        let teacher =
          try teachers[index] ?? setups[index].teacher.component.distribution(seed: first)
        let batch = try FitBatch(setups[index], teacher: teacher, seeds: [first])
        try batch.check(measurement)
      }
    }
  }

  /// How many runs go in step: enough to fill vectors, few enough to stay in the cache.
  private static func batchSize(of teacher: TeacherDistribution?) -> Int {
    guard let teacher else { return 1 }
    return max(1, min(64, 32_768 / teacher.size))
  }

  /// Runs the grid.
  ///
  /// - Parameters:
  ///   - digest: turns the trajectories of a setup into what is handed over; runs in parallel.
  ///   - consume: takes the digests one at a time, in the grid's order.
  /// - Throws: the first error in the grid's order, or what `consume` throws.
  public func run<Digest: Sendable>(
    digest: @escaping @Sendable (Setup, [Trajectory]) throws -> Digest,
    consume: (Digest) throws -> Void
  ) async throws {
    try await orderedMap(
      count: batches.count, jobs: jobs,
      work: { index in
        let batch = batches[index]
        let setup = setups[batch.setup]
        let teacher =
          try teachers[batch.setup]
          ?? setup.teacher.component.distribution(seed: batch.seeds.lowerBound)
        let seeds = Array(batch.seeds)
        let start = try starts.start(batch.start) {
          try FitBatch.start(setup, teacher: teacher, seeds: seeds)
        }
        let fit = try FitBatch(setup, teacher: teacher, seeds: seeds, start: start)
        return try digest(setup, fit.run(measurement))
      },
      consume: consume)
  }
}
