// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore

/// The objectives of a grid side by side, for people: who converges, and who leads where.
///
/// Collects trajectories and lays them out in one table for each combination of everything but
/// objective and seed, and for each head rule.
package struct Comparison: Sendable {
  /// The epochs at which head and tail errors are compared, besides the last.
  package static let epochs = [1, 5, 10]
  /// A table is made of so many seeds at most, the first ones.
  package static let maximumSeeds = 10_000

  private let heads: [String]
  private var groups: [Group] = []

  /// The runs of one table before they are laid out.
  private struct Group {
    let key: [String]
    let setup: Setup
    let size: Int
    var headCounts: [ClosedRange<Int>]
    let contextCount: Int
    let lastEpoch: Int
    var runs: [ComparisonTable.Run] = []
    /// How many runs of each objective there are.
    var counts: [String: Int] = [:]

    /// Takes note of how many ranks are head in other contexts.
    mutating func widen(by trajectories: [Trajectory]) {
      for trajectory in trajectories {
        for (cut, count) in trajectory.headCounts.enumerated() {
          let known = headCounts[cut]
          headCounts[cut] = min(known.lowerBound, count)...max(known.upperBound, count)
        }
      }
    }
  }

  /// An empty comparison.
  ///
  /// - Parameter heads: the head rules' specifications, in the order of the measurement.
  package init(heads: [String]) {
    self.heads = heads
  }

  /// Whether an epoch must be kept in trajectories that are to be added.
  package static func needs(_ epoch: Int, last: Int) -> Bool {
    epochs.contains(epoch) || epoch == last
  }

  /// Adds runs of one setup.
  package mutating func add(_ trajectories: [Trajectory], of setup: Setup) {
    let key = setup.specifications { !$0.isCompared }
    guard let first = trajectories.first else { return }
    let index = groups.firstIndex { $0.key == key } ?? groups.count
    if index == groups.count {
      groups.append(
        Group(
          key: key, setup: setup, size: first.vocabularySize,
          headCounts: first.headCounts.map { $0...$0 },
          contextCount: setup.teacher.component.contexts.count, lastEpoch: setup.epochs))
    }
    if first.context != .only { groups[index].widen(by: trajectories) }
    let objective = setup.objective.specification
    let count = groups[index].counts[objective, default: 0]
    let kept = trajectories.prefix(max(0, Self.maximumSeeds - count))
    groups[index].counts[objective] = count + kept.count
    groups[index].runs += kept.map { trajectory in
      ComparisonTable.Run(
        objective: objective, seed: trajectory.seed,
        convergenceEpoch: trajectory.convergenceEpoch,
        records: trajectory.records.filter { Self.needs($0.epoch, last: setup.epochs) })
    }
  }

  /// The tables, in the order of the grid.
  package var tables: [ComparisonTable] {
    groups.flatMap { group in
      heads.indices.map { head in
        ComparisonTable(
          title: title(of: group, head: head), runs: group.runs, head: head,
          lastEpoch: group.lastEpoch)
      }
    }
  }

  private func title(of group: Group, head: Int) -> String {
    let seeds = Set(group.runs.map(\.seed)).sorted()
    var range =
      seeds.count == 1 ? "seed \(seeds[0])" : "seeds \(seeds[0])…\(seeds[seeds.count - 1])"
    if group.contextCount > 1 { range += " · \(group.contextCount) contexts" }
    if seeds.count > 1 || group.contextCount > 1 { range += ", medians" }
    let counts = group.headCounts[head]
    let share =
      counts.count == 1 ? "\(counts.lowerBound)" : "\(counts.lowerBound)…\(counts.upperBound)"
    let size = "\(share) of \(group.size) tokens"
    return "\(group.setup.words) · \(range) · head \(heads[head]) (\(size))"
  }
}

extension Setup {
  /// How a title names everything but the objective.
  fileprivate var words: String {
    let schedule = schedule.component.isConstant ? "" : " \(schedule.specification)"
    return [
      teacher.specification, student.specification,
      "\(optimizer.specification) at \(learningRate)\(schedule)",
      initialization.specification,
    ].joined(separator: " · ")
  }
}
