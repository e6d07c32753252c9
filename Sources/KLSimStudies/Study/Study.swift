// SPDX-License-Identifier: GPL-3.0-or-later

/// What is to be run and recorded, in the words that users type.
///
/// The runs are the product of the choices on all axes, over a range of seeds.
public struct Study: Equatable, Sendable {
  /// Specifications by the name of their axis; an axis without any takes its defaults.
  public var choices: [String: [String]] = [:]
  /// The number of optimizer updates, 0 to `Setup.maximumEpochs`.
  public var epochs = 200
  /// The first seed.
  public var seed: UInt64 = 1
  /// The number of seeds, one after the other, at least 1.
  public var seeds = 1
  /// The head rules; each adds rows.
  public var heads = ["mass=0.5"]
  /// The metrics beside the standard ones; each adds columns.
  public var metrics: [String] = []
  /// The epochs that become rows: `all`, `every=k` or a list such as `0,1,5,10`.
  public var record = "all"
  /// The epochs whose distributions become rows of their own, written alike; nil for none.
  public var snapshots: String?
  /// Whether rows are statistics over seeds, not single seeds.
  public var isAggregated = false
  /// The rows that a teacher of several contexts gives; nil for `both`.
  public var contexts: ContextRows?

  /// The default study: forward and reverse KL in the published long-tail experiment.
  public init() {}

  /// A study with other choices than the defaults.
  ///
  /// - Parameters:
  ///   - choices: specifications by the name of their axis.
  ///   - epochs: the number of optimizer updates.
  ///   - seeds: the seeds.
  public init(_ choices: [String: [String]], epochs: Int, seeds: Range<UInt64>) {
    self.choices = choices
    self.epochs = epochs
    seed = seeds.lowerBound
    self.seeds = seeds.count
  }
}

/// The rows that a teacher of several contexts gives.
public enum ContextRows: String, CaseIterable, Codable, Sendable {
  /// Those of each context.
  case each
  /// Those of the weighted mean over contexts.
  case mean
  /// All.
  case both
}
