// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore
package import KLSimNumerics

/// Students that are fitted to teachers: the kind of study in which every run is a choice on every axis
/// and a seed.
///
/// Items go setup by setup, batch of seeds by batch, context by context.
public struct FitStudy: StudyKind {
  /// The study in words.
  public let study: Study
  /// What is measured.
  package let measurement: Measurement
  /// Every setup, in order.
  package let setups: [Setup]
  /// The number of runs, one for each context of a teacher.
  public let runCount: Int
  private let plans: [SetupPlan]
  private let seeds: Range<UInt64>
  /// The index of the first item of each setup, and the number of all items.
  private let firstItems: [Int]
  private let kernels: VectorKernels
  private let starts = StartCache()
  /// What is recorded, in canonical words.
  private let words: [String]

  /// A setup, and the division of its runs into items.
  private struct SetupPlan {
    let setup: Setup
    /// The teacher; nil if it depends on the seed or the context.
    let teacher: TeacherDistribution?
    let batchSize: Int
    let batchCount: Int
    /// The contexts that are fitted together, group by group.
    let contextGroups: [Range<Int>]
    /// The number of setups that share its initial parameters.
    let startUses: Int

    var itemCount: Int { batchCount * contextGroups.count }
  }

  /// Some seeds of one setup, and some contexts of its teacher.
  public struct Item: WorkItem {
    /// The index of the setup.
    let place: Int
    let seeds: [UInt64]
    let contexts: Range<Int>
    fileprivate let setup: Setup
    /// What is recorded, in canonical words.
    fileprivate let recorded: [String]

    public var words: [String] {
      setup.canonicalWords + recorded + [
        "seeds=\(seeds.map(\.description).joined(separator: ","))", "contexts=\(contexts)",
      ]
    }
  }

  /// The runs of an item.
  public struct Result: Sendable {
    /// The setup of all runs.
    package let setup: Setup
    /// One for each seed and context.
    public let trajectories: [Trajectory]
  }

  /// Prepares a study.
  ///
  /// - Parameters:
  ///   - study: what to run.
  ///   - reader: reads the files that specifications name.
  /// - Throws: `StudyError`, or an error of a setup that shows without running it.
  public init(_ study: Study, reader: any NumberReader = NoFiles()) throws {
    try self.init(study, measurement: nil, reader: reader)
  }

  /// Prepares a study.
  ///
  /// - Parameters:
  ///   - study: what to run.
  ///   - measurement: what is measured; nil for that of the study.
  ///   - reader: reads the files that specifications name.
  ///   - kernels: the vector kernels to compute with.
  /// - Throws: `StudyError`, or an error of a setup that shows without running it.
  package init(
    _ study: Study, measurement: Measurement? = nil, reader: any NumberReader = NoFiles(),
    kernels: VectorKernels = .best
  ) throws {
    self.study = study
    self.kernels = kernels
    self.measurement = try measurement ?? study.measurement()
    words = try study.recordWords(self.measurement)
    seeds = try study.seedRange
    setups = try study.setups(reader: reader, kernels: kernels)
    runCount = try Self.runCount(setups, seeds: seeds)
    plans = try Self.plans(setups, seeds: seeds, self.measurement, starts)
    firstItems = plans.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.itemCount) }
  }

  private static func runCount(_ setups: [Setup], seeds: Range<UInt64>) throws(StudyError) -> Int {
    let contexts = setups.reduce(0) { $0 + $1.teacher.component.contexts.count }
    let (count, overflows) = contexts.multipliedReportingOverflow(by: seeds.count)
    guard !overflows else { throw StudyError("more runs than can be counted") }
    return count
  }

  /// Makes the teachers of the first seed, and checks the first batch of every setup.
  private static func plans(
    _ setups: [Setup], seeds: Range<UInt64>, _ measurement: Measurement, _ starts: StartCache
  ) throws -> [SetupPlan] {
    try setups.grouped(by: \.teacher.specification).flatMap { _, own -> [SetupPlan] in
      let teacher = own[0].teacher
      let first = try teacher.distribution(seed: seeds.lowerBound)
      let isShared = !teacher.component.isRandom && teacher.component.contexts.count == 1
      // Runs per batch: enough to fill vectors, few enough for the cache.
      let size = teacher.component.isRandom ? 1 : max(1, min(64, 32_768 / first.size))
      func key(_ setup: Setup) -> StartCache.Key {
        StartCache.Key(setup, setup.contextGroups[0], firstSeed: 0)
      }
      let uses = Dictionary(grouping: own, by: key).mapValues(\.count)
      let plans = own.map { setup in
        let batchSize = setup.isJoint ? 1 : size
        return SetupPlan(
          setup: setup, teacher: isShared ? first : nil, batchSize: batchSize,
          batchCount: seeds.count / batchSize + (seeds.count % batchSize).signum(),
          contextGroups: setup.contextGroups, startUses: uses[key(setup)] ?? 1)
      }
      try check(plans, first, measurement, seeds: seeds, starts)
      return plans
    }
  }

  /// Checks the first batch of the setups of one teacher, and keeps its initial parameters.
  private static func check(
    _ plans: [SetupPlan], _ first: TeacherDistribution, _ measurement: Measurement,
    seeds: Range<UInt64>, _ starts: StartCache
  ) throws {
    let (teacher, seed) = (plans[0].setup.teacher, seeds.lowerBound)
    let areAllNeeded = plans.contains { $0.contextGroups[0].count > 1 }
    let all = areAllNeeded ? try teacher.distributions(seed: seed) : [first]
    var drawn: Set<StartCache.Key> = []
    for context in 0..<teacher.component.contexts.count {
      let distribution =
        context < all.count ? all[context] : try teacher.distribution(seed: seed, context: context)
      try measurement.check(distribution)
      for plan in plans where context < plan.contextGroups.count {
        let group = plan.contextGroups[context]
        let teachers = group.count > 1 ? all : [distribution]
        _ = try plan.setup.model(of: teachers)
        // Every context of a seed starts alike.
        let key = StartCache.Key(plan.setup, group, firstSeed: seed)
        guard context == 0, drawn.insert(key).inserted else { continue }
        _ = try starts.start(key, uses: plan.startUses + 1) {
          try FitBatch.start(
            plan.setup, teachers: teachers, seeds: Array(seeds.prefix(plan.batchSize)))
        }
      }
    }
  }

  public var itemCount: Int { firstItems[plans.count] }

  public func item(_ index: Int) -> Item {
    let place = (firstItems.firstIndex { $0 > index } ?? plans.count) - 1
    let plan = plans[place]
    let (batch, group) = (index - firstItems[place]).quotientAndRemainder(
      dividingBy: plan.contextGroups.count)
    return Item(
      place: place, seeds: Array(seeds.dropFirst(batch * plan.batchSize).prefix(plan.batchSize)),
      contexts: plan.contextGroups[group], setup: plan.setup, recorded: words)
  }

  public func run(_ item: Item) throws -> Result {
    let plan = plans[item.place]
    let (setup, seed) = (plan.setup, item.seeds[0])
    let teachers =
      try plan.teacher.map { [$0] }
      ?? item.contexts.map { try setup.teacher.distribution(seed: seed, context: $0) }
    let isChecked = seed == seeds.lowerBound && item.contexts.lowerBound == 0
    let key = StartCache.Key(setup, item.contexts, firstSeed: seed)
    let start = try starts.start(key, uses: plan.startUses + (isChecked ? 1 : 0)) {
      try FitBatch.start(setup, teachers: teachers, seeds: item.seeds)
    }
    let batch = try FitBatch(
      setup, contexts: item.contexts, teachers: teachers, seeds: item.seeds, start: start)
    return Result(setup: setup, trajectories: try batch.run(measurement, kernels: kernels))
  }
}
