// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// The step size before the schedule.
package enum LearningRateAxis: Axis {
  package static let name = "learning-rate"
  package static let column = Column(key: "learning_rate", .number, "learning rate")
  package static let valueName = "x"
  package static let help =
    "Learning rate, before the schedule. (default: 0.2)"

  package static func defaults(after setup: Setup) -> [String] { ["0.2"] }

  package static func choose(
    _ text: String, reader: any NumberReader, kernels: VectorKernels
  ) throws -> Chosen<Double> {
    guard let rate = Double(text), rate.isFinite, rate >= 0 else {
      throw SpecificationError.unreadable(
        text, expected: "a learning rate: a finite number of at least 0")
    }
    return Chosen(specification: rate.description, component: rate)
  }
}
