// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore
public import KLSimNumerics

/// Runs a grid in parallel and hands over what was seen in the grid's order.
///
/// Memory is bounded by the number of jobs, not by the number of runs.
public struct GridRunner: Sendable {
  private let plans: [SetupPlan]
  private let seeds: Range<UInt64>
  /// The index of the first item of work of each setup, and of the one after the last.
  private let firstItems: [Int]
  private let measurement: Measurement
  private let jobs: Int
  private let kernels: VectorKernels
  private let starts: StartCache

  /// A setup, and how its runs are cut into items of work.
  private struct SetupPlan {
    let setup: Setup
    /// The teacher, nil where every seed or every context has its own.
    let teacher: TeacherDistribution?
    let batchSize: Int
    let batchCount: Int
    /// How many contexts are items by themselves; 1 where they are fitted together.
    let itemsPerBatch: Int
  }

  /// Prepares a grid.
  ///
  /// - Parameters:
  ///   - grid: what to run.
  ///   - measurement: what to look at.
  ///   - jobs: how many batches at a time, at least 1.
  ///   - kernels: the vector kernels to compute with.
  /// - Throws: `GridError`, or whatever is wrong with a setup that can be seen without running it.
  public init(
    _ grid: Grid, _ measurement: Measurement, jobs: Int, kernels: VectorKernels = .best
  ) throws {
    precondition(jobs > 0, "at least one job")
    _ = try grid.runCount
    self.measurement = measurement
    self.kernels = kernels
    seeds = grid.seeds
    let setups = try grid.setups
    plans = try Self.plans(setups, seeds: seeds, measurement)
    firstItems = plans.reduce(into: [0]) { firsts, plan in
      firsts.append(firsts[firsts.count - 1] + plan.batchCount * plan.itemsPerBatch)
    }
    // More jobs than items would have nothing to do.
    self.jobs = max(1, min(jobs, firstItems[firstItems.count - 1]))
    let starts = Set(setups.map { StartCache.Key($0, nil, firstSeed: 0) })
    self.starts = StartCache(uses: setups.count / max(1, starts.count))
  }

  /// Makes the teachers of the first seed once, and refuses what can be seen to be wrong with them.
  private static func plans(
    _ setups: [Setup], seeds: Range<UInt64>, _ measurement: Measurement
  ) throws -> [SetupPlan] {
    try setups.grouped(by: \.teacher.specification).flatMap { _, own -> [SetupPlan] in
      let teacher = own[0].teacher
      let first = try teacher.distribution(seed: seeds.lowerBound)
      let count = teacher.component.contexts.count
      if !seeds.isEmpty { try check(own, first, measurement, seed: seeds.lowerBound) }
      let isShared = !teacher.component.isRandom && count == 1
      // How many runs go in step: enough to fill vectors, few enough to stay in the cache.
      let size = teacher.component.isRandom ? 1 : max(1, min(64, 32_768 / first.size))
      return own.map { setup in
        let batchSize = setup.isJoint ? 1 : size
        return SetupPlan(
          setup: setup, teacher: isShared ? first : nil, batchSize: batchSize,
          batchCount: seeds.count / batchSize + (seeds.count % batchSize).signum(),
          itemsPerBatch: setup.isJoint ? 1 : count)
      }
    }
  }

  /// Refuses what can be seen to be wrong with the first seed of setups of one teacher.
  private static func check(
    _ setups: [Setup], _ first: TeacherDistribution, _ measurement: Measurement, seed: UInt64
  ) throws {
    guard let teacher = setups.first?.teacher else { return }
    let count = teacher.component.contexts.count
    let all =
      setups.contains(where: \.isJoint) ? try teacher.distributions(seed: seed) : [first]
    var checked: Set<StartCache.Key> = []
    for context in 0..<count {
      let distribution =
        context < all.count ? all[context] : try teacher.distribution(seed: seed, context: context)
      try measurement.check(distribution)
      for setup in setups where !setup.isJoint || context == 0 {
        try setup.check(setup.isJoint ? all : [distribution])
        // Every context of a seed starts alike.
        if context == 0, checked.insert(StartCache.Key(setup, nil, firstSeed: seed)).inserted {
          _ = try FitBatch.start(setup, teacher: distribution, seeds: [seed])
        }
      }
    }
  }

  /// Runs the grid.
  ///
  /// Setup by setup, batch of seeds by batch, context by context.
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
      count: firstItems[plans.count], jobs: jobs,
      work: { index in
        let place = (firstItems.firstIndex { $0 > index } ?? plans.count) - 1
        return try digest(
          plans[place].setup, trajectories(of: plans[place], item: index - firstItems[place]))
      },
      consume: consume)
  }

  private func trajectories(of plan: SetupPlan, item: Int) throws -> [Trajectory] {
    let setup = plan.setup
    let (batch, place) = item.quotientAndRemainder(dividingBy: plan.itemsPerBatch)
    let own = Array(seeds.dropFirst(batch * plan.batchSize).prefix(plan.batchSize))
    guard !setup.isJoint else {
      return try FitBatch(
        setup, teachers: setup.teacher.distributions(seed: own[0]), context: nil, seeds: own
      ).run(measurement, kernels: kernels)
    }
    let context = setup.teacher.component.contexts.count > 1 ? place : nil
    let teacher =
      try plan.teacher ?? setup.teacher.distribution(seed: own[0], context: place)
    let start = try starts.start(StartCache.Key(setup, context, firstSeed: own[0])) {
      try FitBatch.start(setup, teacher: teacher, seeds: own)
    }
    return try FitBatch(setup, teachers: [teacher], context: context, seeds: own, start: start)
      .run(measurement, kernels: kernels)
  }
}

/// A grid that cannot be run.
public struct GridError: CategorizedError, Equatable {
  public let description: String

  public var category: ErrorCategory { .usage }
}
