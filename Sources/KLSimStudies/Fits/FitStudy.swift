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
  /// How many runs there are, those of a teacher's contexts counted one by one.
  public let runCount: Int
  private let plans: [SetupPlan]
  private let seeds: Range<UInt64>
  /// The index of the first item of each setup, and of the one after the last.
  private let firstItems: [Int]
  private let kernels: VectorKernels
  private let starts = StartCache()
  /// How many setups share a start.
  private let startUses: Int
  /// What is recorded, in canonical words.
  private let words: [String]

  /// A setup, and how its runs are cut into items.
  private struct SetupPlan {
    let setup: Setup
    /// The teacher, nil where every seed or every context has its own.
    let teacher: TeacherDistribution?
    let batchSize: Int
    let batchCount: Int
    /// The contexts that are fitted together, group by group.
    let contextGroups: [Range<Int>]

    var itemCount: Int { batchCount * contextGroups.count }
  }

  /// Seeds of one setup, fitted to some of the teacher's contexts.
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
    /// What they share.
    package let setup: Setup
    /// One a seed and context.
    public let trajectories: [Trajectory]
  }

  /// Prepares a study.
  ///
  /// - Parameters:
  ///   - study: what to run.
  ///   - reader: reads the files that specifications name.
  /// - Throws: `StudyError`, or whatever is wrong with a setup that can be seen without running it.
  public init(_ study: Study, reader: any NumberReader = NoFiles()) throws {
    try self.init(study, measurement: nil, reader: reader)
  }

  /// Prepares a study.
  ///
  /// - Parameters:
  ///   - study: what to run.
  ///   - measurement: what is measured; nil for what the study says.
  ///   - reader: reads the files that specifications name.
  ///   - kernels: the vector kernels to compute with.
  /// - Throws: `StudyError`, or whatever is wrong with a setup that can be seen without running it.
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
    let counts = Dictionary(grouping: setups) { StartCache.Key($0, nil, firstSeed: 0) }
    startUses = setups.count / max(1, counts.count)
    plans = try Self.plans(
      setups, seeds: seeds, self.measurement, starts: starts, uses: startUses + 1)
    firstItems = plans.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.itemCount) }
  }

  private static func runCount(_ setups: [Setup], seeds: Range<UInt64>) throws(StudyError) -> Int {
    let contexts = setups.reduce(0) { $0 + $1.teacher.component.contexts.count }
    let (count, overflows) = contexts.multipliedReportingOverflow(by: seeds.count)
    guard !overflows else { throw StudyError("more runs than can be counted") }
    return count
  }

  /// Makes the teachers of the first seed once, and refuses what can be seen to be wrong with them.
  private static func plans(
    _ setups: [Setup], seeds: Range<UInt64>, _ measurement: Measurement, starts: StartCache,
    uses: Int
  ) throws -> [SetupPlan] {
    try setups.grouped(by: \.teacher.specification).flatMap { _, own -> [SetupPlan] in
      let teacher = own[0].teacher
      let first = try teacher.distribution(seed: seeds.lowerBound)
      let isShared = !teacher.component.isRandom && teacher.component.contexts.count == 1
      // How many runs go in step: enough to fill vectors, few enough to stay in the cache.
      let size = teacher.component.isRandom ? 1 : max(1, min(64, 32_768 / first.size))
      try check(own, first, measurement, seeds: Array(seeds.prefix(size)), starts, uses: uses)
      return own.map { setup in
        let batchSize = setup.isJoint ? 1 : size
        return SetupPlan(
          setup: setup, teacher: isShared ? first : nil, batchSize: batchSize,
          batchCount: seeds.count / batchSize + (seeds.count % batchSize).signum(),
          contextGroups: setup.contextGroups)
      }
    }
  }

  /// Refuses what can be seen to be wrong with the first batch of setups of one teacher, and keeps its
  /// starts.
  private static func check(
    _ setups: [Setup], _ first: TeacherDistribution, _ measurement: Measurement, seeds: [UInt64],
    _ starts: StartCache, uses: Int
  ) throws {
    guard let teacher = setups.first?.teacher else { return }
    let seed = seeds[0]
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
        let key = StartCache.Key(setup, count > 1 ? 0 : nil, firstSeed: seed)
        if context == 0, checked.insert(key).inserted {
          let own = setup.isJoint ? [seed] : seeds
          _ = try starts.start(key, uses: setup.isJoint ? 1 : uses) {
            try FitBatch.start(setup, teacher: distribution, seeds: own)
          }
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
    let setup = plan.setup
    let seed = item.seeds[0]
    guard !setup.isJoint else {
      return Result(
        setup: setup,
        trajectories: try FitBatch(
          setup, teachers: setup.teacher.distributions(seed: seed), context: nil,
          seeds: item.seeds
        ).run(measurement, kernels: kernels))
    }
    let place = item.contexts.lowerBound
    let context = setup.teacher.component.contexts.count > 1 ? place : nil
    let teacher = try plan.teacher ?? setup.teacher.distribution(seed: seed, context: place)
    let isChecked = seed == seeds.lowerBound && place == 0
    let start = try starts.start(
      StartCache.Key(setup, context, firstSeed: seed), uses: startUses + (isChecked ? 1 : 0)
    ) {
      try FitBatch.start(setup, teacher: teacher, seeds: item.seeds)
    }
    return Result(
      setup: setup,
      trajectories: try FitBatch(
        setup, teachers: [teacher], context: context, seeds: item.seeds, start: start
      ).run(measurement, kernels: kernels))
  }
}
