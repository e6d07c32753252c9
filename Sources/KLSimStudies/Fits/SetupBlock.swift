// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

/// A setup, and how its runs are cut into items.
struct SetupPlan: Sendable {
  let setup: Setup
  /// The choices on the axes that decide the initial parameters.
  let startChoices: [String]
  private let seedCount: Int
  /// The number of seeds of an item.
  let batchSize: Int
  let batchCount: Int
  /// The contexts that are fitted together, group by group.
  let contextGroups: [Range<Int>]

  var itemCount: Int { batchCount * contextGroups.count }

  /// The number of runs of the first item.
  var firstRunCount: Int { min(batchSize, seedCount) * contextGroups[0].count }

  /// The size of the results of all items, in bytes.
  func resultSize(_ sizes: ResultSizes) -> Double {
    Double(seedCount) * Double(setup.teacher.component.contexts.count) * sizes.run(of: setup)
  }

  /// The size that counts of an item's initial parameters, as one number a token and context: 0 where they
  /// are fitted, since these are kept whatever they take.
  func startSize(seeds: Int, contexts: Int, vocabularySize: Int) -> Int {
    setup.initialization.component is PretrainedInitialization
      ? 0 : seeds * contexts * vocabularySize
  }

  init(_ setup: Setup, vocabularySize: Int, seedCount: Int) {
    (self.setup, self.seedCount) = (setup, seedCount)
    startChoices = setup.specifications { $0.decidesStart }
    // How many runs go in step: enough to fill vectors, few enough to stay in the cache.
    batchSize =
      setup.isJoint || setup.teacher.component.isRandom
      ? 1 : max(1, min(64, 32_768 / vocabularySize))
    batchCount = seedCount / batchSize + (seedCount % batchSize).signum()
    contextGroups = setup.contextGroups
  }
}

/// Setups of one teacher that are fitted together: all of them to a few of its contexts, or batches of
/// seeds, then all to the next few.
///
/// So what they share is prepared once, and kept only while it is in use.
struct SetupBlock: Sendable {
  let plans: [SetupPlan]
  /// The teacher, nil where every seed or every context has its own.
  let teacher: TeacherDistribution?
  /// The index of the first item.
  let firstItem: Int
  /// How many items of a setup are done before those of the next setup.
  private let width: Int
  /// How many tokens the teacher of the first seed has.
  let vocabularySize: Int
  /// How many setups share initial parameters.
  private let startUses: [[String]: Int]

  /// What waits for the first setup to end may be so large, in bytes.
  private static let maximumLead = 5e7

  /// How many items of a setup are done before those of the next setup: a prepared teacher takes some 60 bytes a token.
  static func width(vocabularySize: Int) -> Int { max(1, min(8, 600_000 / vocabularySize)) }

  /// The setups that are fitted together: successive ones whose items have the same seeds and contexts, as long as memory
  /// allows.
  ///
  /// - Parameters:
  ///   - setups: those of one teacher.
  ///   - vocabularySize: V.
  ///   - seedCount: the number of seeds.
  ///   - sizes: the sizes of results.
  /// - Returns: the plans of every block.
  static func plans(
    of setups: [Setup], vocabularySize: Int, seedCount: Int, _ sizes: ResultSizes
  ) -> [[SetupPlan]] {
    var (blocks, waiting): ([[SetupPlan]], Double) = ([], 0)
    for setup in setups {
      let plan = SetupPlan(setup, vocabularySize: vocabularySize, seedCount: seedCount)
      let results = plan.resultSize(sizes)
      if let first = blocks.last?[0], plan.batchSize == first.batchSize,
        plan.contextGroups[0] == first.contextGroups[0], waiting + results <= maximumLead
      {
        blocks[blocks.count - 1].append(plan)
        waiting += results
      } else {
        blocks.append([plan])
        waiting = 0
      }
    }
    return blocks
  }

  /// The size of the results of later setups, which wait for the first one to end, in bytes.
  static func waiting(in plans: [SetupPlan], _ sizes: ResultSizes) -> Double {
    plans.dropFirst().reduce(0) { $0 + $1.resultSize(sizes) }
  }

  /// A block of some setups.
  ///
  /// - Parameters:
  ///   - plans: the setups, at least one.
  ///   - teacher: that of the first seed and context.
  ///   - firstItem: the index of its first item.
  init(_ plans: [SetupPlan], teacher: TeacherDistribution, firstItem: Int) {
    let component = plans[0].setup.teacher.component
    self.teacher = component.isRandom || component.contexts.count > 1 ? nil : teacher
    self.firstItem = firstItem
    vocabularySize = teacher.size
    width = Self.width(vocabularySize: vocabularySize)
    self.plans = plans
    startUses = Dictionary(plans.map { ($0.startChoices, 1) }, uniquingKeysWith: +)
  }

  /// The number of items of each setup.
  private var itemsPerSetup: Int { plans[0].itemCount }
  /// The number of items.
  var itemCount: Int { plans.count * itemsPerSetup }
  /// The maximum number of items that are run before one of a lower index.
  var lead: Int { plans.count > 1 ? itemCount : 0 }
  /// The index after the last item.
  var end: Int { firstItem + itemCount }

  /// Whether all seeds share the teachers of contexts that are fitted together.
  var teachersAreKept: Bool {
    plans[0].setup.isJoint && !plans[0].setup.teacher.component.isRandom
  }

  /// The number of items that use the teachers of the same contexts, of all seeds if they share them.
  var teacherUses: Int { plans.count * (teachersAreKept ? plans[0].batchCount : 1) }

  /// The number of uses of initial parameters.
  ///
  /// - Parameters:
  ///   - choices: what decides them.
  ///   - isFirst: whether they are of the first item, which is checked in advance.
  /// - Returns: at least 1.
  func uses(of choices: [String], isFirst: Bool) -> Int {
    startUses[choices, default: 1] + (isFirst ? 1 : 0)
  }

  /// The index of the item that is done in a place of the order of work.
  ///
  /// - Parameter place: in firstItem..<end.
  /// - Returns: the index.
  func index(at place: Int) -> Int {
    let stripe = (place - firstItem) / (plans.count * width)
    let first = stripe * width
    let (setup, item) = (place - firstItem - first * plans.count)
      .quotientAndRemainder(dividingBy: min(width, itemsPerSetup - first))
    return firstItem + setup * itemsPerSetup + first + item
  }

  /// The setup, batch of seeds and group of contexts of an item.
  ///
  /// - Parameter index: in firstItem..<end.
  /// - Returns: its parts.
  func parts(of index: Int) -> (plan: SetupPlan, batch: Int, group: Int) {
    let (setup, item) = (index - firstItem).quotientAndRemainder(dividingBy: itemsPerSetup)
    let (batch, group) = item.quotientAndRemainder(dividingBy: plans[setup].contextGroups.count)
    return (plans[setup], batch, group)
  }
}
