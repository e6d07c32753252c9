// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore
package import KLSimNumerics

/// Students that are fitted to teachers: the kind of study in which every run is a choice on every axis
/// and a seed.
///
/// Items go setup by setup, batch of seeds by batch, context by context. They are done so that the
/// setups that share a teacher are fitted to it one after the other.
public struct FitStudy: StudyKind {
  /// The study in words.
  public let study: Study
  /// What is measured.
  package let measurement: Measurement
  /// Every setup, in order.
  package let setups: [Setup]
  /// The number of runs, one for each context of a teacher.
  public let runCount: Int
  private let blocks: [SetupBlock]
  private let seeds: Range<UInt64>
  private let kernels: VectorKernels
  private let preparedTeachers = SharedValues<TeacherKey, TeacherSet>()
  /// At most 16 MiB.
  private let starts = SharedValues<StartKey, [Double]>(capacity: 1 << 21)
  /// What is recorded, in canonical words.
  private let words: [String]

  /// What decides a teacher, in a block: uses are counted block by block.
  private struct TeacherKey: Hashable, Sendable {
    let firstItem: Int
    let specification: String
    /// nil where all seeds have the same teachers, and their contexts are fitted together.
    let seed: UInt64?
    let contexts: Range<Int>

    init(
      _ block: SetupBlock, _ teacher: Chosen<TeacherRecipe>, seed: UInt64, contexts: Range<Int>
    ) {
      (firstItem, specification) = (block.firstItem, teacher.specification)
      self.seed = block.teachersAreKept ? nil : seed
      self.contexts = contexts
    }
  }

  /// What decides initial parameters, in a block.
  private struct StartKey: Hashable, Sendable {
    let firstItem: Int
    /// The choices on the axes that decide them.
    let choices: [String]
    let contexts: Range<Int>
    let firstSeed: UInt64
  }

  /// Some seeds of one setup, and some contexts of its teacher.
  public struct Item: WorkItem {
    /// Its place in the order in which results are handed over.
    let index: Int
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
    /// One a seed and context.
    public internal(set) var trajectories: [Trajectory]

    /// The same without what grows with the vocabulary.
    var withoutDistributions: Result {
      var light = self
      for place in light.trajectories.indices { light.trajectories[place].dropDistributions() }
      return light
    }
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
  ///   - limit: the memory that it may take; nil for any.
  /// - Throws: `StudyError`, `MemoryError`, or an error of a setup that shows without running it.
  package init(
    _ study: Study, measurement: Measurement? = nil, reader: any NumberReader = NoFiles(),
    kernels: VectorKernels = .best, within limit: MemoryLimit? = nil
  ) throws {
    try self.init(
      study, setups: try study.setups(reader: reader, kernels: kernels),
      measurement: try measurement ?? study.measurement(), kernels: kernels, within: limit)
  }

  /// Prepares a study of given setups.
  private init(
    _ study: Study, setups: [Setup], measurement: Measurement, kernels: VectorKernels,
    within limit: MemoryLimit? = nil
  ) throws {
    let seeds = try study.seedRange
    runCount = try Study.runCount(
      setups.reduce(0) { $0 + $1.teacher.component.contexts.count }, of: seeds)
    // Before a teacher is made, which can be the largest part.
    try limit?.check(try Self.memory(of: study, setups, measurement, kernels))
    self.study = study
    self.kernels = kernels
    self.measurement = measurement
    self.setups = setups
    words = try study.recordWords(measurement)
    self.seeds = seeds
    let sizes = try ResultSizes(study, setups, measurement)
    var blocks: [SetupBlock] = []
    for (_, own) in setups.grouped(by: \.teacher.specification) {
      let first = try own[0].teacher.distribution(seed: seeds.lowerBound)
      let place = blocks.count
      for plans in SetupBlock.plans(
        of: own, vocabularySize: first.size, seedCount: seeds.count, sizes)
      {
        blocks.append(SetupBlock(plans, teacher: first, firstItem: blocks.last?.end ?? 0))
      }
      try Self.check(
        blocks[place...], first, self.measurement, seeds: seeds, preparedTeachers, starts)
    }
    self.blocks = blocks
  }

  /// Checks the first item of every setup of a teacher, and keeps its initial parameters, and its teachers
  /// if there are several.
  ///
  /// So many further contexts are checked as take a moment; the others are when they are fitted.
  private static func check(
    _ blocks: ArraySlice<SetupBlock>, _ first: TeacherDistribution, _ measurement: Measurement,
    seeds: Range<UInt64>, _ preparedTeachers: SharedValues<TeacherKey, TeacherSet>,
    _ starts: SharedValues<StartKey, [Double]>
  ) throws {
    guard let teacher = blocks.first?.plans[0].setup.teacher else { return }
    func distribution(_ context: Int) throws -> TeacherDistribution {
      let distribution = try teacher.distribution(seed: seeds.lowerBound, context: context)
      try measurement.check(distribution)
      return distribution
    }
    try measurement.check(first)
    let firstGroups = blocks.map { $0.plans[0].contextGroups[0] }
    let count = firstGroups.map(\.count).max() ?? 1
    // Those that a setup needs together; each is made once for all setups.
    let teachers = try TeacherSet(of: 0..<count) { $0 == 0 ? first : try distribution($0) }
    func group(_ contexts: Range<Int>) -> TeacherSet {
      contexts.count == count ? teachers : [teachers[contexts.lowerBound]]
    }
    for (block, contexts) in zip(blocks, firstGroups) {
      for plan in block.plans {
        try plan.setup.check(group(contexts), contexts: contexts)
        _ = try plan.setup.model(of: group(contexts))
      }
      if contexts.count > 1 {
        _ = try preparedTeachers.value(
          TeacherKey(block, teacher, seed: seeds.lowerBound, contexts: contexts),
          uses: block.teacherUses + 1
        ) { teachers }
      }
    }
    let separate = zip(blocks, firstGroups).filter { $1.count == 1 }.flatMap(\.0.plans)
    let checked = min(teacher.component.contexts.count, max(1, (1 << 20) / first.size))
    for context in 1..<checked where !separate.isEmpty {
      let own = context < count ? teachers[context] : try distribution(context)
      for plan in separate {
        try plan.setup.check([own], contexts: context..<context + 1)
      }
    }
    for (block, contexts) in zip(blocks, firstGroups) {
      var drawn: Set<[String]> = []
      for plan in block.plans where drawn.insert(plan.startChoices).inserted {
        let seeds = Array(seeds.prefix(plan.batchSize))
        _ = try starts.value(
          StartKey(
            firstItem: block.firstItem, choices: plan.startChoices, contexts: contexts,
            firstSeed: seeds[0]),
          uses: block.uses(of: plan.startChoices, isFirst: true),
          size: plan.startSize(
            seeds: seeds.count, contexts: contexts.count, vocabularySize: first.size)
        ) {
          try FitBatch.start(
            plan.setup, contexts: contexts, teachers: group(contexts), seeds: seeds)
        }
      }
    }
  }

  /// About how much memory it takes.
  package var memory: MemoryNeed {
    get throws { try Self.memory(of: study, setups, measurement, kernels) }
  }

  /// Every setup in the order of the items, and how many tokens its teacher of the first seed has.
  package var vocabularies: [(setup: Setup, size: Int)] {
    blocks.flatMap { block in block.plans.map { ($0.setup, block.vocabularySize) } }
  }

  /// The same study of some setups and seeds alone.
  ///
  /// - Parameters:
  ///   - setups: some of its setups.
  ///   - seeds: some of its seeds.
  /// - Returns: the study.
  /// - Throws: as `init(_:reader:)`.
  package func part(_ setups: [Setup], seeds: Range<UInt64>) throws -> FitStudy {
    var part = study
    (part.seed, part.seeds) = (seeds.lowerBound, seeds.count)
    return try FitStudy(part, setups: setups, measurement: measurement, kernels: kernels)
  }

  public var itemCount: Int { blocks.last?.end ?? 0 }

  public var maximumLead: Int { blocks.map(\.lead).max() ?? 0 }

  public func index(at place: Int) -> Int { block(of: place).index(at: place) }

  /// The block of an item, by bisection: there may be one a teacher.
  private func block(of index: Int) -> SetupBlock {
    precondition((0..<itemCount).contains(index), "an index below the number of items")
    return blocks[blocks.firstIndex(bisecting: { $0.end > index })]
  }

  public func item(_ index: Int) -> Item {
    let (plan, batch, group) = block(of: index).parts(of: index)
    return Item(
      index: index, seeds: Array(seeds.dropFirst(batch * plan.batchSize).prefix(plan.batchSize)),
      contexts: plan.contextGroups[group], setup: plan.setup, recorded: words)
  }

  public func run(_ item: Item) throws -> Result {
    let block = block(of: item.index)
    let (setup, seed) = (item.setup, item.seeds[0])
    let teachers =
      if let teacher = block.teacher {
        [teacher] as TeacherSet
      } else {
        try preparedTeachers.value(
          TeacherKey(block, setup.teacher, seed: seed, contexts: item.contexts),
          uses: block.teacherUses
            + (item.contexts.count > 1 && seed == seeds.lowerBound ? 1 : 0)
        ) {
          try TeacherSet(of: item.contexts) {
            try setup.teacher.distribution(seed: seed, context: $0)
          }
        }
      }
    let plan = block.parts(of: item.index).plan
    let choices = plan.startChoices
    let isFirst = seed == seeds.lowerBound && item.contexts.lowerBound == 0
    let start = try starts.value(
      StartKey(
        firstItem: block.firstItem, choices: choices, contexts: item.contexts, firstSeed: seed),
      uses: block.uses(of: choices, isFirst: isFirst),
      size: plan.startSize(
        seeds: item.seeds.count, contexts: teachers.count, vocabularySize: block.vocabularySize)
    ) {
      try FitBatch.start(setup, contexts: item.contexts, teachers: teachers, seeds: item.seeds)
    }
    let batch = try FitBatch(
      setup, contexts: item.contexts, teachers: teachers, seeds: item.seeds, start: start)
    return Result(setup: setup, trajectories: try batch.run(measurement, kernels: kernels))
  }
}
