// SPDX-License-Identifier: GPL-3.0-or-later

/// The learning rate as it is.
package struct ConstantSchedule: Schedule {
  package static let name = "constant"
  package static let summary = "the learning rate as it is"
  package static let formula = "factor = 1"

  package init(_ values: Parameters) {}

  package func factor(update: Int, of count: Int) -> Double { 1 }
}
