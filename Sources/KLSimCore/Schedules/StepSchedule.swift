// SPDX-License-Identifier: GPL-3.0-or-later

/// A fixed factor every so many updates.
public struct StepSchedule: Schedule {
  public static let name = "step"
  public static let summary = "falls by a factor every so many updates"
  public static let formula = "factor = γ^⌊e/n⌋"
  public static let reference = "torch.optim.lr_scheduler.StepLR(n, γ)"

  static let every = Parameter<Int>(
    "every", default: nil, .range(1...(1 << 40)), summary: "number n of updates between two falls")
  static let gamma = Parameter(
    "gamma", default: 0.1, .range(0...1), summary: "factor γ by which it falls")
  public static let parameters: [any ParameterDeclaration] = [every, gamma]

  let every: Int
  let gamma: Double

  public init(_ values: Parameters) {
    every = values[Self.every]
    gamma = values[Self.gamma]
  }

  public func factor(update: Int, of count: Int) -> Double {
    // One factor after the other: a power would round differently from system to system.
    var factor = 1.0
    for _ in 0..<update / every {
      factor *= gamma
      if factor == 0 { break }
    }
    return factor
  }
}
