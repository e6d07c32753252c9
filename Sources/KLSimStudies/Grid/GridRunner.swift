// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore
public import KLSimNumerics

/// Runs a grid in parallel and hands over what was seen in the grid's order.
///
/// Memory is bounded by the number of jobs, not by the number of runs.
public struct GridRunner: Sendable {
  private let setups: [Setup]
  /// One teacher a setup; nil where every seed has its own.
  private let teachers: [TeacherDistribution?]
  private let seeds: Range<UInt64>
  /// The index of the first batch of each setup, and of the one after the last.
  private let firstBatches: [Int]
  private let measurement: Measurement
  private let jobs: Int
  private let kernels: VectorKernels
  private let starts: StartCache

  /// Prepares a grid.
  ///
  /// - Parameters:
  ///   - grid: what to run.
  ///   - measurement: what to look at.
  ///   - jobs: how many batches at a time, at least 1.
  ///   - kernels: who does the arithmetic.
  /// - Throws: `GridError`, or whatever is wrong with a setup that can be seen without running it.
  public init(
    _ grid: Grid, _ measurement: Measurement, jobs: Int, kernels: VectorKernels = .best
  ) throws {
    precondition(jobs > 0, "at least one job")
    _ = try grid.runCount
    self.measurement = measurement
    self.kernels = kernels
    seeds = grid.seeds
    setups = grid.setups
    let perTeacher = setups.count / max(grid.teachers.count, 1)
    teachers = try grid.teachers.flatMap { teacher in
      let shared =
        teacher.component.isRandom ? nil : try teacher.distribution(seed: grid.seeds.lowerBound)
      return Array(repeating: shared, count: perTeacher)
    }
    firstBatches = teachers.reduce(into: [0]) { firsts, teacher in
      let size = Self.batchSize(of: teacher)
      firsts.append(
        firsts[firsts.count - 1] + grid.seeds.count / size + (grid.seeds.count % size).signum())
    }
    // More jobs than batches would have nothing to do.
    self.jobs = max(1, min(jobs, firstBatches[firstBatches.count - 1]))
    starts = StartCache(uses: grid.usesOfAStart)
    try check()
  }

  /// Refuses what can be seen to be wrong with the first seed.
  private func check() throws {
    guard !seeds.isEmpty else { return }
    var checked: Set<StartCache.Key> = []
    for (setup, teacher) in zip(setups, teachers) {
      let teacher = try teacher ?? setup.teacher.distribution(seed: seeds.lowerBound)
      try setup.check(teacher)
      try measurement.check(teacher)
      if checked.insert(StartCache.Key(setup, firstSeed: seeds.lowerBound)).inserted {
        _ = try FitBatch.start(setup, teacher: teacher, seeds: [seeds.lowerBound])
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
      count: firstBatches[setups.count], jobs: jobs,
      work: { index in
        let place = (firstBatches.firstIndex { $0 > index } ?? setups.count) - 1
        return try digest(
          setups[place], trajectories(of: place, batch: index - firstBatches[place]))
      },
      consume: consume)
  }

  private func trajectories(of place: Int, batch: Int) throws -> [Trajectory] {
    let setup = setups[place]
    let size = Self.batchSize(of: teachers[place])
    let own = Array(seeds.dropFirst(batch * size).prefix(size))
    let teacher = try teachers[place] ?? setup.teacher.distribution(seed: own[0])
    let start = try starts.start(StartCache.Key(setup, firstSeed: own[0])) {
      try FitBatch.start(setup, teacher: teacher, seeds: own)
    }
    return try FitBatch(setup, teacher: teacher, seeds: own, start: start)
      .run(measurement, kernels: kernels)
  }
}

/// A grid that cannot be run.
public struct GridError: Error, Equatable, CustomStringConvertible {
  public let description: String
}
