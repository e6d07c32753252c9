// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// How the learning rate changes from epoch to epoch.
public enum ScheduleAxis: Axis {
  public static let name = "schedule"
  public static let column = Column(
    key: "schedule", .text, "specification of the learning rate's schedule")
  public static let help =
    "Schedule of the learning rate: constant, cosine:warmup=10, … (default: constant)"
  public static let isAddition = true

  public static func defaults(after setup: Setup) -> [String] { [ConstantSchedule.name] }

  public static func choose(
    _ text: String, reader: any NumberReader, kernels: VectorKernels
  ) throws -> Chosen<ScheduleRecipe> {
    try Catalog.schedule(text)
  }
}
