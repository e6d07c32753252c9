// SPDX-License-Identifier: GPL-3.0-or-later

/// A schedule with the warm-up that every schedule takes.
///
/// The update that leads from epoch e to e + 1 of E takes the learning rate η times
///
///     e < w:   (e + 1) / w              linear warm-up over the first w updates
///     e ≥ w:   factor(e − w, of E − w)
///
/// as PyTorch's `SequentialLR` of `LinearLR(start_factor=1/w, total_iters=w-1)` and the schedule, with
/// the milestone w.
package struct ScheduleRecipe: Sendable {
  static let warmup = Parameter(
    "warmup", default: 0, .range(0...(1 << 40)),
    summary: "number of updates w in which the learning rate rises linearly first")

  /// The keys every schedule takes after its own, unless it refuses them.
  static let parameters: [any ParameterDeclaration] = [warmup]

  /// The schedule after the warm-up.
  package let schedule: any Schedule
  /// How many updates the warm-up takes.
  package let warmup: Int

  init(schedule: any Schedule, _ values: Parameters) {
    self.schedule = schedule
    let isRefused = type(of: schedule).refusedParameters.contains(Self.warmup.name)
    warmup = isRefused ? 0 : values[Self.warmup]
  }

  /// Whether the learning rate never changes.
  package var isConstant: Bool { warmup == 0 && schedule is ConstantSchedule }

  /// What the learning rate is multiplied by.
  ///
  /// - Parameters:
  ///   - epoch: the epoch that the update starts from, from 0.
  ///   - count: the number of updates E of the run, above `epoch`.
  /// - Returns: a factor of at least 0.
  package func factor(epoch: Int, of count: Int) -> Double {
    epoch < warmup
      ? Double(epoch + 1) / Double(warmup)
      : schedule.factor(update: epoch - warmup, of: count - warmup)
  }
}
