// SPDX-License-Identifier: GPL-3.0-or-later

/// The weighted mean of the records of one run over its contexts.
///
/// The mean of a column is over the contexts that have a value in it. Snapshots have no mean, since the
/// contexts rank their tokens differently.
package struct ContextMean: Sendable {
  private let weights: [Double]
  private var sums: [RecordSum] = []
  private var first: Trajectory?

  /// The mean of no context yet.
  ///
  /// - Parameter contexts: the contexts of the teacher.
  package init(of contexts: TeacherContexts) {
    weights = contexts.weights
  }

  /// Adds the run's trajectory of one context; each comes once, in order, all of one split.
  package mutating func add(_ trajectory: Trajectory) {
    guard case .one(let context) = trajectory.context else {
      preconditionFailure("a trajectory of one of several contexts")
    }
    if first == nil {
      first = trajectory
      sums = trajectory.records.map(RecordSum.init)
    }
    for (place, record) in trajectory.records.enumerated() {
      sums[place].add(record, weight: weights[context])
    }
  }

  /// The mean; nil before anything was added.
  package var trajectory: Trajectory? {
    first.map { first in
      var mean = Trajectory(meanOf: first)
      mean.records = sums.map { $0.mean(ofAll: first.split == nil) }
      return mean
    }
  }
}

/// Weighted sums over contexts of the numbers of one epoch's records.
private struct RecordSum {
  private let first: EpochRecord
  /// Σ w x and Σ w, each over the contexts that have a value, of the columns of `numbers`.
  private var sums: [(value: Double, weight: Double)]

  init(_ first: EpochRecord) {
    self.first = first
    sums = Self.numbers(first).map { _ in (0, 0) }
  }

  /// Loss, FKL, RKL, TVD, entropy, four numbers a cut, then the optional metrics, cut after cut.
  private static func numbers(_ record: EpochRecord) -> [Double?] {
    [record.loss, record.forwardKL, record.reverseKL, record.totalVariation, record.entropy]
      + record.heads.flatMap { [$0.head, $0.tail, $0.headMass, $0.headWeight] }
      + record.extras.joined()
  }

  mutating func add(_ record: EpochRecord, weight: Double) {
    // The numbers of a context of weight 0 may be infinite.
    guard weight > 0 else { return }
    for (place, value) in Self.numbers(record).enumerated() {
      guard let value else { continue }
      sums[place].value += weight * value
      sums[place].weight += weight
    }
  }

  /// The means over all contexts, whose weights sum to 1, or over some of them.
  func mean(ofAll isOfAll: Bool) -> EpochRecord {
    // Every context has the standard numbers.
    let totals = sums.map { isOfAll ? $0.value : $0.value / $0.weight }
    let metrics = sums[(5 + 4 * first.heads.count)...].map { $1 > 0 ? $0 / $1 : nil }
    let metricCount = first.extras.first?.count ?? 0
    return EpochRecord(
      epoch: first.epoch, loss: totals[0], forwardKL: totals[1], reverseKL: totals[2],
      totalVariation: totals[3], entropy: totals[4],
      heads: stride(from: 5, to: 5 + 4 * first.heads.count, by: 4).map { place in
        HeadTailError(
          head: totals[place], tail: totals[place + 1], headMass: totals[place + 2],
          headWeight: totals[place + 3])
      },
      extras: first.extras.indices.map { cut in
        Array(metrics[cut * metricCount..<(cut + 1) * metricCount])
      })
  }
}
