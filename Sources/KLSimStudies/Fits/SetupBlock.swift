// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

/// A setup, and how its runs are cut into items.
struct SetupPlan: Sendable {
  let setup: Setup
  /// The choices on the axes that decide the initial parameters.
  let startChoices: [String]
  /// The number of seeds of an item.
  let batchSize: Int
  let batchCount: Int
  /// The contexts that are fitted together, group by group.
  let contextGroups: [Range<Int>]

  var itemCount: Int { batchCount * contextGroups.count }

  /// The size that counts of an item's initial parameters, as one number a token and context: 0 where they
  /// are fitted, since these are kept whatever they take.
  func startSize(seeds: Int, contexts: Int, vocabularySize: Int) -> Int {
    setup.initialization.component is PretrainedInitialization
      ? 0 : seeds * contexts * vocabularySize
  }

  init(_ setup: Setup, vocabularySize: Int, seedCount: Int) {
    self.setup = setup
    startChoices = setup.specifications { $0.decidesStart }
    // How many runs go in step: enough to fill vectors, few enough to stay in the cache.
    batchSize =
      setup.isJoint || setup.teacher.component.isRandom
      ? 1 : max(1, min(64, 32_768 / vocabularySize))
    batchCount = seedCount / batchSize + (seedCount % batchSize).signum()
    contextGroups = setup.contextGroups
  }
}

/// The epochs whose records and snapshots are kept.
struct KeptEpochs: Sendable {
  let records: EpochSelection
  let snapshots: EpochSelection
  /// The size of a record, in records of one cut without optional metrics.
  let recordSize: Double
}

/// Setups of one teacher that are fitted together: all of them to a few of its contexts, or batches of
/// seeds, then all to the next few.
///
/// So what they share is prepared once, and kept only while it is in use.
struct SetupBlock: Sendable {
  private(set) var plans: [SetupPlan]
  /// The teacher, nil where every seed or every context has its own.
  let teacher: TeacherDistribution?
  /// The index of the first item.
  let firstItem: Int
  /// How many items of a setup are done before those of the next setup.
  private let width: Int
  /// How many tokens the teacher of the first seed has.
  let vocabularySize: Int
  /// How many setups share initial parameters.
  private var startUses: [[String]: Int]

  /// What waits for the first setup to end may be as large as so many records, some 50 MB.
  static let maximumLead = 100_000.0

  /// How many items of a setup are done before those of the next setup: a prepared teacher takes some 60 bytes a token.
  static func width(vocabularySize: Int) -> Int { max(1, min(8, 600_000 / vocabularySize)) }

  /// A block of one setup.
  ///
  /// - Parameters:
  ///   - plan: the setup.
  ///   - teacher: that of the first seed and context.
  ///   - firstItem: the index of its first item.
  init(_ plan: SetupPlan, teacher: TeacherDistribution, firstItem: Int) {
    let component = plan.setup.teacher.component
    self.teacher = component.isRandom || component.contexts.count > 1 ? nil : teacher
    self.firstItem = firstItem
    vocabularySize = teacher.size
    width = Self.width(vocabularySize: vocabularySize)
    plans = [plan]
    startUses = [plan.startChoices: 1]
  }

  /// The number of items of each setup.
  private var itemsPerSetup: Int { plans[0].itemCount }
  /// The number of items.
  var itemCount: Int { plans.count * itemsPerSetup }
  /// The maximum number of items that are run before one of a lower index.
  var lead: Int { plans.count > 1 ? itemCount : 0 }
  /// The index after the last item.
  var end: Int { firstItem + itemCount }

  /// Takes one more setup, if its items have the seeds and contexts of those that are there, and if
  /// memory allows.
  ///
  /// - Parameters:
  ///   - plan: the setup.
  ///   - kept: the epochs whose results are kept.
  /// - Returns: whether it was taken.
  mutating func take(_ plan: SetupPlan, _ kept: KeptEpochs) -> Bool {
    guard plan.batchSize == plans[0].batchSize, plan.contextGroups[0] == plans[0].contextGroups[0],
      Double(plans.count) * resultSize(of: plan, kept) <= Self.maximumLead
    else { return false }
    plans.append(plan)
    startUses[plan.startChoices, default: 0] += 1
    return true
  }

  /// The size of the results of a setup in records; a token of a snapshot takes about a quarter of one.
  private func resultSize(of plan: SetupPlan, _ kept: KeptEpochs) -> Double {
    let length = plan.setup.length
    let perRun =
      Double(kept.records.count(of: length)) * kept.recordSize
      + Double(kept.snapshots.count(of: length)) * Double(vocabularySize) / 4
    return Double(plan.itemCount) * Double(plan.batchSize * plan.contextGroups[0].count) * perRun
  }

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
