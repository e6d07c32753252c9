// SPDX-License-Identifier: GPL-3.0-or-later

/// Falls with the inverse square root of the number of updates.
package struct InverseSquareRootSchedule: Schedule {
  package static let name = "inverse-sqrt"
  package static let summary = "falls as one over the square root of the number of updates"
  package static let formula = "factor = √(s/(s + e))"
  package static let reference =
    "Vaswani et al., arXiv 1706.03762, with s updates of warm-up; get_inverse_sqrt_schedule of"
    + " transformers"

  static let timescale = Parameter(
    "timescale", default: 10, .positive,
    summary: "number s of updates after which the learning rate has fallen by √2")
  package static let parameters: [any ParameterDeclaration] = [timescale]

  let timescale: Double

  package init(_ values: Parameters) { timescale = values[Self.timescale] }

  package func factor(update: Int, of count: Int) -> Double {
    (timescale / (timescale + Double(update))).squareRoot()
  }
}
