// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// How the learning rate changes from epoch to epoch.
package enum ScheduleAxis: Axis {
  package static let name = "schedule"
  package static let column = Column(
    key: "schedule", .text, "specification of the learning rate's schedule")
  package static let help =
    "Schedule of the learning rate: constant, cosine:warmup=10, … (default: constant)"
  package static let isAddition = true

  package static func defaults(after setup: Setup) -> [String] { [ConstantSchedule.name] }

  package static func choose(
    _ text: String, reader: any NumberReader, kernels: VectorKernels
  ) throws -> Chosen<ScheduleRecipe> {
    try Catalog.schedule(text)
  }
}
