// SPDX-License-Identifier: GPL-3.0-or-later

/// How the learning rate changes from update to update, after the warm-up.
public protocol Schedule: Component {
  /// The factor of the learning rate.
  ///
  /// - Parameters:
  ///   - update: the number of updates since the warm-up, from 0.
  ///   - count: the number of updates after the warm-up in all, above `update`.
  /// - Returns: a factor of at least 0.
  func factor(update: Int, of count: Int) -> Double
}

/// A schedule after a warm-up.
///
/// The update from epoch e to e + 1, of E updates, takes the learning rate η times
///
///     e < w:   (e + 1) / w              linear warm-up over the first w updates
///     e ≥ w:   factor(e − w, of E − w)
///
/// as PyTorch's `SequentialLR` of `LinearLR(start_factor=1/w, total_iters=w-1)` and the schedule, with
/// the milestone w.
package struct ScheduleRecipe: Sendable {
  static let warmup = Parameter(
    "warmup", default: 0, .range(0...(1 << 40)),
    summary: "number w of updates at the start in which the learning rate rises linearly")

  /// The keys that every schedule takes after its own, unless it refuses them.
  static let parameters: [any ParameterDeclaration] = [warmup]

  package let schedule: any Schedule
  /// The number of updates of the warm-up.
  package let warmup: Int

  init(schedule: any Schedule, _ values: Parameters) {
    self.schedule = schedule
    let isRefused = type(of: schedule).refusedParameters.contains(Self.warmup.name)
    warmup = isRefused ? 0 : values[Self.warmup]
  }

  /// Whether the learning rate never changes.
  package var isConstant: Bool { warmup == 0 && schedule is ConstantSchedule }

  /// The factor of the learning rate.
  ///
  /// - Parameters:
  ///   - epoch: the epoch before the update, from 0.
  ///   - count: the number of updates E of the run, above `epoch`.
  /// - Returns: a factor of at least 0.
  package func factor(epoch: Int, of count: Int) -> Double {
    epoch < warmup
      ? Double(epoch + 1) / Double(warmup)
      : schedule.factor(update: epoch - warmup, of: count - warmup)
  }
}

/// The learning rate, unchanged.
package struct ConstantSchedule: Schedule {
  package static let name = "constant"
  package static let summary = "the learning rate, unchanged"
  package static let formula = "factor = 1"

  package init(_ values: Parameters) {}

  package func factor(update: Int, of count: Int) -> Double { 1 }
}
