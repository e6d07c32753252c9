// SPDX-License-Identifier: GPL-3.0-or-later

/// A linear warm-up, then the learning rate unchanged.
///
/// `epochs` counts updates, of which an epoch has several with minibatches.
package struct WarmupSchedule: Schedule {
  package static let name = "warmup"
  package static let summary = "rises linearly over the first updates, then stays"
  package static let formula = "factor = min(1, (e + 1)/n)"
  package static let reference = "torch.optim.lr_scheduler.LinearLR(1/n, total_iters=n-1)"
  package static let refusedParameters = [ScheduleRecipe.warmup.name]

  static let epochs = Parameter<Int>(
    "epochs", default: nil, .range(1...(1 << 40)),
    summary: "number n of updates of the rise, also with minibatches")
  package static let parameters: [any ParameterDeclaration] = [epochs]

  let epochs: Int

  package init(_ values: Parameters) { epochs = values[Self.epochs] }

  package func factor(update: Int, of count: Int) -> Double {
    update < epochs ? Double(update + 1) / Double(epochs) : 1
  }
}
