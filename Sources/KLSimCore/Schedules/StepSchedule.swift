// SPDX-License-Identifier: GPL-3.0-or-later

/// Falls by a fixed factor every n updates.
package struct StepSchedule: Schedule {
  package static let name = "step"
  package static let summary = "falls by a factor γ every n updates"
  package static let formula = "factor = γ^⌊e/n⌋"
  package static let reference = "torch.optim.lr_scheduler.StepLR(n, γ)"

  static let every = Parameter<Int>(
    "every", default: nil, .range(1...(1 << 40)), summary: "number n of updates between two falls")
  static let gamma = Parameter(
    "gamma", default: 0.1, .range(0...1), summary: "factor γ by which it falls")
  package static let parameters: [any ParameterDeclaration] = [every, gamma]

  let every: Int
  let gamma: Double

  package init(_ values: Parameters) {
    (every, gamma) = (values[Self.every], values[Self.gamma])
  }

  package func factor(update: Int, of count: Int) -> Double {
    // A loop, because the rounding of a power depends on the system's library.
    var factor = 1.0
    for _ in 0..<update / every {
      factor *= gamma
      if factor == 0 { break }
    }
    return factor
  }
}
