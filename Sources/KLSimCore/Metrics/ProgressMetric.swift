// SPDX-License-Identifier: GPL-3.0-or-later

/// The errors on head and tail relative to those at the start of the run.
///
///     progress = s(epoch) / s(0),   s = Σ |p − q| over the head, over the tail
///
/// 1 at the start, 0 at the teacher, above 1 if the student is farther away than at the start.
package struct ProgressMetric: Metric {
  package static let name = "progress"
  package static let summary = "head and tail error over those at the run's start"
  package static let formula = "s(epoch)/s(0),  s = Σ |p - q| over the head, over the tail"
  package static let columns = [
    Column(
      "head_progress", .number,
      "head_error over that of the run's epoch 0: 1 at the start, 0 at the teacher; empty if that"
        + " is 0"),
    Column(
      "tail_progress", .number,
      "tail_error over that of the run's epoch 0; empty if that is 0 or there is no tail"),
  ]

  package init(_ values: Parameters) {}

  package func values(at moment: Moment) -> [Double?] {
    let (now, start) = (moment.errors, moment.startErrors)
    return [(now.head, start.head), (now.tail, start.tail)].map { now, start in
      start == 0 ? nil : now / start
    }
  }
}
