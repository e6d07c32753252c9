// SPDX-License-Identifier: GPL-3.0-or-later

/// A linear warm-up, and then the learning rate as it is.
public struct WarmupSchedule: Schedule {
  public static let name = "warmup"
  public static let summary = "rises linearly over the first updates, then stays"
  public static let formula = "factor = min(1, (e + 1)/n)"
  public static let reference = "torch.optim.lr_scheduler.LinearLR(1/n, total_iters=n-1)"
  public static let refusedParameters = [ScheduleRecipe.warmup.name]

  static let epochs = Parameter<Int>(
    "epochs", default: nil, .range(1...(1 << 40)), summary: "number n of updates that it takes")
  public static let parameters: [any ParameterDeclaration] = [epochs]

  let epochs: Int

  public init(_ values: Parameters) {
    epochs = values[Self.epochs]
  }

  public func factor(update: Int, of count: Int) -> Double {
    update < epochs ? Double(update + 1) / Double(epochs) : 1
  }
}
