// SPDX-License-Identifier: GPL-3.0-or-later

/// The weighted mean of the records of one run over its contexts.
///
/// A column's mean is over the contexts that have a value in it. Snapshots have no mean: the contexts
/// rank their tokens differently.
package struct ContextMean: Sendable {
  private let weights: [Double]
  private var sums: [RecordSum] = []
  private var first: Trajectory?

  /// The mean of no context yet.
  ///
  /// - Parameter contexts: the contexts that there will be.
  package init(of contexts: TeacherContexts) {
    weights = contexts.weights
  }

  /// Adds the run's trajectory of one context; each comes once, in order.
  package mutating func add(_ trajectory: Trajectory) {
    guard case .one(let context) = trajectory.context else {
      preconditionFailure("a trajectory of one of several contexts")
    }
    if first == nil {
      first = trajectory
      sums = trajectory.records.map { RecordSum($0) }
    }
    for (place, record) in trajectory.records.enumerated() {
      sums[place].add(record, weight: weights[context])
    }
  }

  /// The mean; nil before anything was added.
  package var trajectory: Trajectory? {
    first.map { first in
      var mean = Trajectory(
        seed: first.seed, teacher: first.teacher, context: .mean, headCounts: first.headCounts)
      mean.records = sums.map(\.mean)
      return mean
    }
  }
}

/// Weighted sums of the numbers of one epoch's records.
private struct RecordSum {
  private let epoch: Int
  private let headCount: Int
  private let extraCount: Int
  /// Loss, FKL, RKL, TVD, entropy, then four numbers a cut.
  private var numbers: [Double]
  /// The optional metrics, cut after cut, and the weight of the contexts that have them.
  private var extras: [Double]
  private var extraWeights: [Double]

  init(_ record: EpochRecord) {
    epoch = record.epoch
    headCount = record.heads.count
    extraCount = record.extras.first?.count ?? 0
    numbers = [Double](repeating: 0, count: 5 + 4 * headCount)
    extras = [Double](repeating: 0, count: record.extras.count * extraCount)
    extraWeights = extras
  }

  mutating func add(_ record: EpochRecord, weight: Double) {
    // A context of no weight is left out, for its numbers may be infinite.
    guard weight > 0 else { return }
    let values =
      [
        record.loss, record.forwardKL, record.reverseKL, record.totalVariation, record.entropy,
      ] + record.heads.flatMap { [$0.head, $0.tail, $0.headMass, $0.headWeight] }
    for (place, value) in values.enumerated() { numbers[place] += weight * value }
    for (place, value) in record.extras.joined().enumerated() {
      guard let value else { continue }
      extras[place] += weight * value
      extraWeights[place] += weight
    }
  }

  var mean: EpochRecord {
    let values = zip(extras, extraWeights).map { $1 > 0 ? $0 / $1 : nil }
    return EpochRecord(
      epoch: epoch, loss: numbers[0], forwardKL: numbers[1], reverseKL: numbers[2],
      totalVariation: numbers[3], entropy: numbers[4],
      heads: (0..<headCount).map { cut in
        HeadTailError(
          head: numbers[5 + 4 * cut], tail: numbers[6 + 4 * cut], headMass: numbers[7 + 4 * cut],
          headWeight: numbers[8 + 4 * cut])
      },
      extras: extraCount == 0
        ? []
        : (0..<headCount).map { cut in
          Array(values[cut * extraCount..<(cut + 1) * extraCount])
        })
  }
}
