// SPDX-License-Identifier: GPL-3.0-or-later

/// A straight line from the learning rate to a share of it.
package struct LinearSchedule: Schedule {
  package static let name = "linear"
  package static let summary = "falls linearly to a share of the learning rate"
  package static let formula = "factor = 1 - (1 - f) e/E"
  package static let reference = "torch.optim.lr_scheduler.LinearLR(1, f, total_iters=E)"
  package static let parameters: [any ParameterDeclaration] = [finalShare]

  let final: Double

  package init(_ values: Parameters) { final = values[finalShare] }

  package func factor(update: Int, of count: Int) -> Double {
    1 - (1 - final) * (Double(update) / Double(count))
  }
}

/// The `final` of schedules that end at a share of the learning rate.
let finalShare = Parameter(
  "final", default: 0.0, .range(0.0...1.0),
  summary: "share f of the learning rate after the last update")
